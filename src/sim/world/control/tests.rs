//! The control socket, both ends of it.

use super::*;
use crate::sim::world::{Hub, State as WorldState, Supervisor};

struct Fake(Cancel);

impl Controlled for Fake {
    fn status(&self) -> WorldStatus {
        let hub = Hub {
            host_name: "127.9.8.1".to_owned(),
            address: "127.9.8.1".parse().expect("address"),
            https_port: 443,
            mqtt_port: 8883,
            connection_string_file: "/c".into(),
            ca_file: "/ca".into(),
        };
        WorldStatus { name: "w".to_owned(), state: WorldState::Running, supervisor: Supervisor::default(), hub, devices: Vec::new() }
    }

    fn stop(&self) {
        self.0.cancel();
    }

    fn devices(&self) -> Vec<String> {
        vec!["d".to_owned()]
    }

    fn device(&self, id: &str) -> Result<Arc<EdgeDevice>> {
        Err(no_device(id))
    }

    fn broker(&self, id: &str) -> Result<Arc<Broker>> {
        Err(no_device(id))
    }

    fn credentials<'a>(&'a self, device: &'a str, module: &'a str) -> BoxFuture<'a, Result<ModuleCredentials>> {
        Box::pin(async move {
            if device == "gone" {
                return Err(no_device(device));
            }
            Ok(ModuleCredentials {
                device: device.to_owned(),
                module: module.to_owned(),
                environment: [("A".to_owned(), format!("{device}/{module}"))].into(),
                connection_string: "HostName=h".to_owned(),
                ca_file: "/ca.pem".into(),
            })
        })
    }

    fn restart(self: Arc<Self>, request: RestartRequest) -> BoxFuture<'static, Result<Vec<String>>> {
        Box::pin(async move { Ok(vec![format!("{}/{}", request.device.unwrap_or_default(), request.part)]) })
    }

    fn clients(&self, device: Option<&str>) -> Result<Vec<DeviceClients>> {
        Ok(vec![DeviceClients { device: device.unwrap_or("all").to_owned(), clients: Vec::new() }])
    }

    fn certificates(&self) -> Result<WorldCertificates> {
        Ok(WorldCertificates { authority: "ca".to_owned(), devices: [("d".to_owned(), "chain".to_owned())].into() })
    }

    fn reissue(&self, device: &str, expired: bool) -> Result<()> {
        if expired { Ok(()) } else { Err(no_device(device)) }
    }
}

fn no_device(id: &str) -> CommandError {
    CommandError::new(Exit::BadInput, "sim/no-device", format!("the world has no device `{id}`")).hint("It has d.")
}

#[tokio::test]
async fn asks_and_answers_and_refuses_in_the_words_of_the_world() {
    let folder = tempfile::tempdir().expect("folder");
    let socket = folder.path().join("control.sock");
    let cancel = Cancel::new();
    let listener = bind(&socket).expect("bound");
    assert_eq!(std::fs::metadata(&socket).expect("socket").permissions().mode() & 0o777, 0o600);
    let server = tokio::spawn(serve(listener, Arc::new(Fake(cancel.clone())), cancel.clone()));
    let client = ControlClient::new(socket.clone(), Duration::from_secs(5));
    assert_eq!(client.status().await.expect("status").name, "w");
    let path = |device: &str| ModulePath { device: device.to_owned(), module: "m".to_owned() };
    assert_eq!(client.credentials(&path("d")).await.expect("credentials").environment["A"], "d/m");
    let refused = client.credentials(&path("gone")).await.expect_err("refused");
    assert_eq!((refused.to_string().as_str(), refused.kind()), ("the world has no device `gone`", Exit::BadInput));
    assert_eq!(refused.hints(), ["It has d."]);
    let request = RestartRequest { device: Some("d".to_owned()), part: "hub".to_owned() };
    assert_eq!(client.restart(&request).await.expect("restarted"), ["d/hub"]);
    assert_eq!(client.clients(None).await.expect("clients")[0].device, "all");
    assert_eq!(client.clients(Some("d")).await.expect("clients")[0].device, "d");
    assert_eq!(client.certificates().await.expect("certificates").devices["d"], "chain");
    client.reissue("d", true).await.expect("made anew");
    assert_eq!(client.reissue("d", false).await.expect_err("refused").to_string(), "the world has no device `d`");
    client.stop().await.expect("stops");
    server.await.expect("joins").expect("ends");
    let gone = client.status().await.expect_err("gone");
    assert_eq!(gone.kind(), Exit::Unavailable);
}
