//! What we build, run by others: the image of a module in the Docker engine and in podman.
//!
//! Runs with `EDGECTL_TEST_REAL=1`; needs a Docker engine that answers, and podman in `EDGECTL_VERIFIERS=DIR`, a folder that
//! `tests/real/get-verifiers.sh DIR` filled, beside the machine's own conmon and runc.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::hello;
use crate::lab;
use crate::sandbox::Sandbox;

const SAYS: &str = "hello from src/main.rs\n";

/// Builds the module under a tag of this process alone and returns its name, or says why the test is skipped.
fn built(test: &str, sandbox: &Sandbox) -> Option<String> {
    if !lab::is_real(test) || !hello::builds_here() {
        return None;
    }
    hello::solution(sandbox, "", hello::MAIN);
    let tag = format!("{test}-{}", std::process::id());
    sandbox.run(["--offline", "image", "build", "--profile", "dev", "--tag", &tag]).success();
    Some(format!("edgectl.local/demo/hello:{tag}"))
}

/// Runs a program to its end and returns what it printed.
#[track_caller]
fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    stdout
}

fn docker(arguments: &[&str]) -> Command {
    let mut command = Command::new("docker");
    command.args(arguments);
    command
}

/// An image in the Docker engine, removed however the test ends.
struct Removed(String);

impl Drop for Removed {
    fn drop(&mut self) {
        let removed = docker(&["rmi", "--force", &self.0]).stdout(Stdio::null()).status();
        assert!(std::thread::panicking() || removed.is_ok_and(|status| status.success()), "{} stays in the engine", self.0);
    }
}

#[test]
fn the_docker_engine_runs_what_was_built() {
    let mut sandbox = Sandbox::new();
    if let Ok(engine) = std::env::var("DOCKER_HOST") {
        sandbox = sandbox.env("DOCKER_HOST", &engine);
    }
    let Some(name) = built("docker", &sandbox) else { return };
    let loaded = sandbox.run(["image", "load", &name, "-o", "json"]).json();
    let image = Removed(name);
    assert_eq!((&loaded["name"], &loaded["platform"]), (&json!(image.0), &json!("linux/amd64")));
    let inspected = output(&mut docker(&["image", "inspect", "--format", "{{.Id}} {{.Os}}/{{.Architecture}} {{.Config.User}}", &image.0]));
    assert_eq!(inspected.trim_end(), format!("{} linux/amd64 65532:65532", loaded["engineId"].as_str().expect("an id")));
    let isolated = ["run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL"];
    assert_eq!(output(&mut docker(&[&isolated[..], &[&image.0]].concat())), SAYS);

    // Loading again changes nothing.
    assert_eq!(sandbox.run(["image", "load", &image.0, "-o", "json"]).json(), loaded);
}

/// A podman with storage of its own, which goes with the folder, and its service.
struct Podman {
    program: PathBuf,
    folder: tempfile::TempDir,
    service: Option<Child>,
}

impl Drop for Podman {
    fn drop(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.kill().expect("the service was ours");
            service.wait().expect("the service ends");
        }
    }
}

impl Podman {
    fn start(program: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = folder.path().join(".config/containers");
        std::fs::create_dir_all(&settings).expect("folders");
        std::fs::write(settings.join("policy.json"), r#"{ "default": [{ "type": "insecureAcceptAnything" }] }"#).expect("a file");
        let mut podman = Self { program, folder, service: None };
        let endpoint = podman.endpoint();
        let mut service = podman.command(&["system", "service", "--time=0", &endpoint]);
        podman.service = Some(service.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("podman starts"));
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::os::unix::net::UnixStream::connect(podman.socket()).is_err() {
            assert!(Instant::now() < deadline, "podman does not answer on {endpoint}");
            std::thread::sleep(Duration::from_millis(20));
        }
        podman
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("podman.sock")
    }

    fn endpoint(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        // With a home of its own, it needs none of the files that a package of podman puts into /etc.
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.folder.path());
        let place = |name: &str| self.folder.path().join(name);
        command.arg("--root").arg(place("root")).arg("--runroot").arg(place("run"));
        command.args(["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"]).args(arguments);
        command
    }
}

/// Returns the limit of open files that this process has: podman asks for more than a nested container may have.
fn open_files() -> String {
    output(Command::new("sh").args(["-c", "ulimit -n"])).trim_end().to_owned()
}

#[test]
fn podman_runs_what_was_built() {
    let sandbox = Sandbox::new();
    let Some(name) = built("podman", &sandbox) else { return };
    let Some(verifiers) = lab::verifiers("podman") else { return };
    let podman = Podman::start(verifiers.join("bin/podman"));
    let sandbox = sandbox.env("DOCKER_HOST", &podman.endpoint());
    let loaded = sandbox.run(["image", "load", &name, "-o", "json"]).json();
    assert_eq!((&loaded["name"], &loaded["endpoint"]), (&json!(name), &json!(podman.endpoint())));
    let inspected = output(&mut podman.command(&["image", "inspect", "--format", "{{.Id}} {{.Os}}/{{.Architecture}} {{.User}}", &name]));
    let id = loaded["configDigest"].as_str().expect("a digest").trim_start_matches("sha256:").to_owned();
    assert_eq!(inspected.trim_end(), format!("{id} linux/amd64 65532:65532"));

    let files = open_files();
    let limits = [format!("nofile={files}:{files}"), "nproc=1024:1024".to_owned()];
    let run = ["run", "--rm", "--network", "none", "--ulimit", &limits[0], "--ulimit", &limits[1], &name];
    assert_eq!(output(&mut podman.command(&run)), SAYS);
    output(&mut podman.command(&["image", "rm", &name]));
    assert_eq!(output(&mut podman.command(&["images", "--quiet"])), "");
}
