//! What is measured, each in a process of its own: our broker and mosquitto, with certificates of one authority.

use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use edgectl::base::{Cancel, Clock, fs};
use edgectl::edgehub::{Broker, BrokerOptions, Durability, Identities, KnownIdentity, Timing, Upstream, Warnings, listener};
use edgectl::identity::{Authority, ServerCertificate, SigningKey, sas, tls};
use edgectl::model::Identity;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::load::Login;

pub const DEVICE: &str = "bench";
const HUB: &str = "hub.example";

/// Pairs of modules that the device has, p0 to s99.
pub const PAIRS: usize = 100;

/// How long a process may take to start.
const START_TIME: Duration = Duration::from_secs(20);

/// Certificates and identities, in a folder that goes at the end.
pub struct World {
    folder: tempfile::TempDir,
    identities: Identities,
    pub certificate: ServerCertificate,
    pub tls: Arc<rustls::ClientConfig>,
}

fn issue(folder: &Path) -> Result<(Authority, ServerCertificate)> {
    let now = Clock::System.now();
    let authority = Authority::open_or_create(&folder.join("ca"), now)?;
    let certificate = authority.issue_server(&["localhost", "127.0.0.1"], now, chrono::Duration::days(1))?;
    Ok((authority, certificate))
}

impl World {
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (authority, certificate) = issue(folder.path())?;
        let identities = Identities::open(&folder.path().join("identities.json"))?;
        let modules = (0..PAIRS).flat_map(|pair| [format!("p{pair}"), format!("s{pair}")]).chain([Identity::EDGE_HUB.to_owned()]);
        for identity in modules.map(|module| Identity::module(DEVICE, module)).chain([Identity::device(DEVICE)]) {
            identities.put(KnownIdentity::with_keys(identity, "1", SigningKey::generate()?, None))?;
        }
        fs::write(&folder.path().join("chain.pem"), certificate.chain_pem.as_bytes())?;
        fs::write_secret(&folder.path().join("key.pem"), certificate.key_pem.as_bytes())?;
        let tls = tls::client_config(authority.root_pem())?;
        Ok(Self { folder, identities, certificate, tls })
    }

    /// Returns how a module logs in to our broker.
    pub fn module(&self, port: u16, module: &str) -> Result<Login> {
        let identity = Identity::module(DEVICE, module);
        let known = self.identities.get(&identity).context("a module that is known")?;
        let key = known.primary().context("a module with a key")?;
        let expires = Clock::System.now() + chrono::Duration::hours(12);
        let token = sas::sign(&sas::resource_of(HUB, Some(&identity)), key, expires, None);
        let user_name = format!("{HUB}/{identity}/?api-version=2021-04-12");
        Ok(Login { port, tls: Arc::clone(&self.tls), client_id: identity.to_string(), credential: Some((user_name, token)), clean: false })
    }

    /// Returns how a client logs in to mosquitto, which keeps its session as well.
    pub fn anybody(&self, port: u16, name: &str) -> Login {
        Login { port, tls: Arc::clone(&self.tls), client_id: name.to_owned(), credential: None, clean: false }
    }

    fn folder_for(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        fs::create_private_folder(&folder)?;
        Ok(folder)
    }

    /// Starts our broker in a process of its own, which is this program in another role.
    pub async fn broker(&self, durability: Durability, upstream: u16) -> Result<Server> {
        let folder = self.folder_for("broker")?;
        let durability = if durability == Durability::Fsync { "fsync" } else { "process" };
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("broker").arg(self.folder.path()).arg(upstream.to_string()).arg(durability);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut line = String::new();
        let mut told = BufReader::new(child.stdout.take().context("its output")?);
        tokio::time::timeout(START_TIME, told.read_line(&mut line)).await.context("our broker does not start")??;
        let port = line.trim().parse().context("our broker did not start")?;
        Server::of(child, port, folder)
    }

    /// Starts mosquitto: TLS, persistence, no limit of its queues.
    pub async fn mosquitto(&self) -> Result<Server> {
        let folder = self.folder_for("mosquitto")?;
        let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let own = self.folder.path().display();
        let configuration = format!(
            "user root\nallow_anonymous true\nlistener {port} 127.0.0.1\ncertfile {own}/chain.pem\nkeyfile {own}/key.pem\n\
             set_tcp_nodelay true\npersistence true\npersistence_location {}/\nmax_queued_messages 0\nlog_type error\n",
            folder.display()
        );
        let path = folder.join("mosquitto.conf");
        fs::write(&path, configuration.as_bytes())?;
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(&path).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().context("mosquitto is not installed (the package is called mosquitto)")?;
        let listening = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(START_TIME, listening).await.context("mosquitto does not listen")?;
        Server::of(child, port, folder)
    }
}

/// Serves as our broker until standard input ends.
pub async fn serve(arguments: &[String]) -> Result<()> {
    let [folder, upstream, durability] = arguments else { bail!("usage: edgehub broker FOLDER UPSTREAM-PORT DURABILITY") };
    let folder = Path::new(folder);
    let (authority, certificate) = issue(folder)?;
    let options = BrokerOptions {
        device_id: DEVICE.into(),
        hub: HUB.into(),
        gateway_names: vec!["127.0.0.1".into()],
        identities: Arc::new(Identities::open(&folder.join("identities.json"))?),
        folder: folder.join("broker"),
        upstream: Upstream { host: "127.0.0.1".into(), port: upstream.parse()?, tls: tls::client_config(authority.root_pem())? },
        clock: Clock::System,
        max_clients: 2 * PAIRS,
        scope: None,
        trust_bundle: authority.root_pem().to_owned(),
        timing: Timing::Fast,
        durability: if durability == "fsync" { Durability::Fsync } else { Durability::Process },
        warnings: Arc::new(Warnings::new(Clock::System)),
    };
    let cancel = Cancel::new();
    let broker = Broker::start(options, cancel.clone()).await?;
    broker.configured().await;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    crate::say(&format!("{}\n", listener.local_addr()?.port()))?;
    let served = tokio::spawn(listener::serve(listener, tls::server_config(&certificate)?, broker, cancel.clone()));
    // The pipe ends with the process that measures.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    cancel.cancel();
    Ok(served.await?)
}

/// A broker that runs; it is killed when this is dropped.
pub struct Server {
    child: Child,
    process: PathBuf,
    pub port: u16,
    folder: PathBuf,
}

impl Server {
    fn of(child: Child, port: u16, folder: PathBuf) -> Result<Self> {
        let id = child.id().context("it ended at once")?;
        Ok(Self { child, process: Path::new("/proc").join(id.to_string()), port, folder })
    }

    /// Ends the process, without ceremony.
    pub async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Returns seconds of user and system time so far.
    pub fn processor_seconds(&self) -> Result<f64> {
        let text = fs::read_text(&self.process.join("stat"))?;
        let mut fields = text.rsplit(") ").next().unwrap_or_default().split(' ').skip(11);
        let mut ticks = || fields.next().and_then(|text| text.parse::<u32>().ok()).context("processor time");
        Ok(f64::from(ticks()? + ticks()?) / 100.0)
    }

    /// Returns the largest memory so far, in MiB.
    pub fn peak_mib(&self) -> Result<f64> {
        self.status("VmHWM:")
    }

    /// Returns the memory now, in MiB.
    pub fn memory_mib(&self) -> Result<f64> {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> Result<f64> {
        let text = fs::read_text(&self.process.join("status"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).context("memory")?;
        let kib: u32 = line.split_whitespace().next().context("memory")?.parse()?;
        Ok(f64::from(kib) / 1024.0)
    }

    /// Returns the bytes that its folder takes on the disk.
    pub fn disk_bytes(&self) -> Result<u64> {
        disk_bytes(&self.folder)
    }
}

fn disk_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(found) if found.is_dir() => bytes += disk_bytes(&entry.path())?,
            Ok(found) => bytes += found.blocks() * 512,
            // A segment that was deleted meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bytes)
}
