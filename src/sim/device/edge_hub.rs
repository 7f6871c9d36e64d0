//! The hub of a device: its broker with the listeners before it. It can be started anew while the device lives; what it stored stays.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::base::{Cancel, Clock, CommandError, Context as _, Exit, Result};
use crate::edgehub::{Backend, Broker, BrokerOptions, listener};
use crate::identity::{Authority, PresentedCertificate, ServerCertificate, tls};
use crate::sim::world::WorldError;
use crate::sim::world::address::{self, MQTT_PORT};

/// Life of a device's certificate.
const CERTIFICATE_DAYS: i64 = 365;
/// Time that a broker has to let go of its files.
const FAREWELL: Duration = Duration::from_secs(15);

/// What the hub of a device is started with, each time.
pub struct EdgeHubOptions {
    /// Address of its own.
    pub address: IpAddr,
    /// Names and addresses that its certificate carries.
    pub names: Vec<String>,
    /// Issues its certificate.
    pub authority: Arc<Authority>,
    /// What its broker needs; the time is told by its clock.
    pub broker: BrokerOptions,
}

impl EdgeHubOptions {
    fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    /// Issues a certificate that is valid by the clock of the world, which may be ahead, and by that of clients, which is the system's.
    fn issue(&self) -> Result<ServerCertificate> {
        let now = Clock::System.now();
        let ahead = (self.broker.clock.now() - now).max(chrono::Duration::zero());
        Ok(self.authority.issue_server(&self.names(), now, ahead + chrono::Duration::days(CERTIFICATE_DAYS))?)
    }
}

/// The hub of a device.
pub struct EdgeHub {
    options: EdgeHubOptions,
    running: Mutex<Option<Running>>,
    /// Held while it is started anew.
    changing: tokio::sync::Mutex<()>,
}

struct Running {
    broker: Arc<Broker>,
    certificate: Arc<PresentedCertificate>,
    cancel: Cancel,
    tasks: Vec<JoinHandle<()>>,
}

impl EdgeHub {
    /// Starts a hub.
    ///
    /// # Errors
    /// When its port, its certificate or its folder fails.
    pub async fn start(options: EdgeHubOptions) -> Result<Self> {
        let running = run(&options).await?;
        Ok(Self { options, running: Mutex::new(Some(running)), changing: tokio::sync::Mutex::default() })
    }

    /// Returns the broker; `None` for the moment in which it is started anew.
    pub fn broker(&self) -> Option<Arc<Broker>> {
        self.lock().as_ref().map(|running| Arc::clone(&running.broker))
    }

    /// Returns the server certificate with its chain, as PEM; `None` for the moment in which the hub is started anew.
    pub fn certificate(&self) -> Option<String> {
        self.lock().as_ref().map(|running| running.certificate.chain_pem())
    }

    /// Shows a new server certificate to all who connect from now on: a good one, or one whose life is over.
    ///
    /// # Errors
    /// When it cannot be issued, or the hub is started anew at the moment.
    pub fn replace_certificate(&self, expired: bool) -> Result<()> {
        let certificate = self.lock().as_ref().map(|running| Arc::clone(&running.certificate));
        let again = || CommandError::new(Exit::Unavailable, "sim/hub-restarting", "the hub of the device is being started again");
        let certificate = certificate.ok_or_else(again)?;
        let issued = match expired {
            true => self.options.authority.issue_expired_server(&self.options.names(), self.options.broker.clock.now())?,
            false => self.options.issue()?,
        };
        Ok(certificate.replace(&issued)?)
    }

    /// Starts broker and listeners anew with all that was stored; returns when clients are let in again.
    ///
    /// # Errors
    /// When the old ones do not end, or the new ones do not start: then the device is without a hub, and another try may help.
    pub async fn restart(&self) -> Result<()> {
        let _changing = self.changing.lock().await;
        self.end().await?;
        let running = run(&self.options).await.context("the hub of the device does not start again")?;
        let broker = Arc::clone(&running.broker);
        *self.lock() = Some(running);
        broker.configured().await;
        Ok(())
    }

    /// Ends broker and listeners, and waits until they let go of their files.
    ///
    /// # Errors
    /// When they do not.
    pub async fn stop(&self) -> Result<()> {
        let _changing = self.changing.lock().await;
        self.end().await
    }

    async fn end(&self) -> Result<()> {
        let Some(Running { broker, cancel, tasks, .. }) = self.lock().take() else { return Ok(()) };
        let gone = broker.gone();
        cancel.cancel();
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a listener of the hub failed");
            }
        }
        drop(broker);
        let late = |_| CommandError::new(Exit::Failure, "sim/hub-stuck", "the hub of the device does not end");
        tokio::time::timeout(FAREWELL, gone).await.map_err(late)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the broker on the device's own address. The port is taken first: without it nothing is touched.
async fn run(options: &EdgeHubOptions) -> Result<Running> {
    let taken = |source| WorldError::PortTaken { address: options.address, port: MQTT_PORT, source };
    let mqtt = tokio::net::TcpListener::from_std(address::listen(options.address, MQTT_PORT)?).map_err(taken)?;
    let (tls, certificate) = tls::changeable_server_config(&options.issue()?)?;
    let cancel = Cancel::new();
    let broker = Broker::start(options.broker.clone(), cancel.clone()).await?;
    let backend: Arc<dyn Backend> = Arc::<Broker>::clone(&broker);
    let tasks = vec![tokio::spawn(listener::serve(mqtt, tls, backend, cancel.clone()))];
    Ok(Running { broker, certificate, cancel, tasks })
}
