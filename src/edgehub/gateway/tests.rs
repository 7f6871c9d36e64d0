use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use futures_util::{SinkExt as _, StreamExt as _};

use super::request::{caller, invocation, place, sub_protocol};
use super::*;
use crate::base::Clock;
use crate::edgehub::fake::{FakeHub, HUB, Served, event, soon};
use crate::edgehub::{ClientEvent, MethodAnswer};
use crate::identity::{Authority, SigningKey, sas, tls};
use crate::model::Identity;

struct Port {
    hub: Arc<FakeHub>,
    number: u16,
    tls: Arc<rustls::ClientConfig>,
    cancel: Cancel,
}

impl Port {
    async fn open() -> Self {
        let hub = FakeHub::new();
        let folder = tempfile::tempdir().expect("folder");
        let now = Clock::System.now();
        let authority = Authority::open_or_create(&folder.path().join("ca"), now).expect("authority");
        let certificate = authority.issue_server(&["127.0.0.1"], now, chrono::Duration::days(1)).expect("certificate");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let (number, cancel) = (listener.local_addr().expect("address").port(), Cancel::new());
        let server = tls::server_config(&certificate).expect("tls");
        tokio::spawn(serve(listener, server, hub.clone(), cancel.clone()));
        Self { hub, number, tls: tls::client_config(authority.root_pem()).expect("roots"), cancel }
    }

    async fn connect(&self) -> impl AsyncRead + AsyncWrite + Unpin {
        let stream = TcpStream::connect(("127.0.0.1", self.number)).await.expect("connect");
        let name = rustls::pki_types::ServerName::try_from("127.0.0.1").expect("name");
        TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await.expect("tls")
    }

    /// Sends a request and returns status and body.
    async fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
        let mut stream = self.connect().await;
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
        stream.write_all((head + body).as_bytes()).await.expect("write");
        let mut answer = Vec::new();
        // A server that ends without the TLS goodbye has answered all the same.
        let _ended = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("head");
        assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
        (head.split(' ').nth(1).expect("status").parse().expect("number"), serde_json::from_str(body).expect("json"))
    }

    /// Opens a websocket and returns it with the head of the answer.
    async fn socket(&self, protocol: &str) -> (String, WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>) {
        let mut stream = self.connect().await;
        let head = format!(
            "GET /$iothub/websocket?x=1 HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("write");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("an answer"));
        }
        (String::from_utf8(answer).expect("text"), WebSocketStream::from_raw_socket(stream, Role::Client, None).await)
    }
}

fn module(name: &str) -> Identity {
    Identity::module("edge-1", name)
}

fn token(identity: &Identity, key: &SigningKey) -> String {
    sas::sign(&sas::resource_of(HUB, Some(identity)), key, Clock::System.now() + chrono::Duration::hours(1), None)
}

fn headers(caller: &Identity, key: &SigningKey) -> String {
    format!("x-ms-edge-moduleId: {caller}\r\nAuthorization: {}\r\n", token(caller, key))
}

#[test]
fn paths_headers_and_protocols_are_read_as_sdks_write_them() {
    assert_eq!(place("/$iothub/websocket"), Some(Place::Socket));
    assert_eq!(place("/%24iothub/websocket"), Some(Place::Socket));
    assert_eq!(place("/twins/edge%201/modules/%24edgeHub/methods"), Some(Place::Methods(Identity::module("edge 1", "$edgeHub"))));
    assert_eq!(place("/twins/leaf/methods"), Some(Place::Methods(Identity::device("leaf"))));
    for path in ["", "/", "/twins//methods", "/twins/a/modules//methods", "/twins/a/modules/b", "/twins/a/b/methods"] {
        assert_eq!(place(path), None, "{path}");
    }
    assert_eq!(caller("edge-1/m"), Some(module("m")));
    for text in ["", "edge-1", "/m", "edge-1/", "a/b/c"] {
        assert_eq!(caller(text), None, "{text}");
    }
    assert_eq!(sub_protocol("AMQPWSB10, mqtt"), Some(SubProtocol::Mqtt));
    assert_eq!(sub_protocol("AMQPWSB10"), Some(SubProtocol::Amqp));
    assert_eq!(sub_protocol("mqttx"), None);
}

#[test]
fn bodies_of_every_sdk_are_read_and_their_limits_hold() {
    let read = |body: Value| invocation(body.to_string().as_bytes());
    let full = json!({"methodName": "m", "payload": {"a": 1}, "responseTimeoutInSeconds": 5, "connectTimeoutInSeconds": 300});
    let full = read(full).expect("full");
    assert_eq!((full.response_time.as_secs(), full.connect_time.as_secs(), &full.call.payload[..]), (5, 300, &br#"{"a":1}"#[..]));
    let c = read(json!({"methodName": "m", "timeout": 7, "payload": null})).expect("the form of C");
    assert_eq!((c.response_time.as_secs(), c.connect_time.as_secs(), c.call.payload.len()), (30, 0, 0));
    let named = |name: String| read(json!({"methodName": name}));
    assert!(
        named("n".repeat(100)).is_ok() && named("n".repeat(101)).is_err() && named(String::new()).is_err() && named("a/b".into()).is_err()
    );
    let sized = |bytes: usize| read(json!({"methodName": "m", "payload": "p".repeat(bytes - 2)}));
    assert!(sized(128 * 1024).is_ok() && sized(128 * 1024 + 1).is_err());
    for (field, value) in [
        ("responseTimeoutInSeconds", json!(4)),
        ("responseTimeoutInSeconds", json!(301)),
        ("connectTimeoutInSeconds", json!(-1)),
        ("connectTimeoutInSeconds", json!("5")),
        ("connectTimeoutInSeconds", json!(301)),
    ] {
        let body = json!({"methodName": "m", field: value});
        assert!(read(body.clone()).is_err(), "{body}");
    }
    assert!(invocation(b"").is_err() && invocation(b"[]").is_err() && invocation(b"{}").is_err());
}

#[tokio::test]
async fn a_method_is_invoked_and_every_refusal_has_its_status() {
    let port = Port::open().await;
    let (asking, answering) = (module("asking"), module("answering"));
    let (key, other) = (port.hub.add(&asking, json!({})), port.hub.add(&answering, json!({})));
    let path = "/twins/edge-1/modules/answering/methods?api-version=2019-10-01";
    let good = headers(&asking, &key);
    let body = json!({"methodName": "m", "payload": {"a": 1}}).to_string();
    let (status, answer) = port.ask("POST", path, &good, &body).await;
    assert_eq!((status, answer), (404, json!({"message": "Client edge-1/answering not found"})));

    let served = Served::start(port.hub.clone()).await;
    let (_client, mut events) = served.client(&answering, &other).await;
    port.hub.until("a subscription", |hub| hub.wants(&answering, crate::edgehub::Feature::Methods)).await;
    let answered = async {
        let (call, answer) = event("a call", &mut events, |event| match event {
            ClientEvent::Method { call, answer } => Some((call, answer)),
            _ => None,
        })
        .await;
        assert_eq!((call.name.as_str(), &call.payload[..]), ("m", &br#"{"a":1}"#[..]));
        answer.send(MethodAnswer { status: 207, payload: json!(["x"]) }).expect("somebody waits");
    };
    // Node names no version of the API.
    let (invoked, ()) = tokio::join!(port.ask("POST", "/twins/edge-1/modules/answering/methods", &good, &body), answered);
    assert_eq!(invoked, (200, json!({"status": 207, "payload": ["x"]})));

    let foreign = Identity::module("edge-2", "m");
    let foreign_key = port.hub.add(&foreign, json!({}));
    for (method, path, headers, body, status) in [
        ("POST", path, headers(&asking, &other), body.as_str(), 401),
        ("POST", path, headers(&foreign, &foreign_key), body.as_str(), 401),
        ("POST", path, format!("x-ms-edge-moduleId: {asking}\r\n"), body.as_str(), 401),
        ("POST", path, format!("Authorization: {}\r\n", token(&asking, &key)), body.as_str(), 400),
        ("POST", path, good.clone(), "{}", 400),
        ("POST", path, good.clone(), &"x".repeat(BODY_BYTES + 1), 400),
        ("GET", path, good.clone(), "", 405),
        ("GET", "/nothing", String::new(), "", 404),
        ("GET", "/$iothub/websocket", String::new(), "", 400),
    ] {
        let (found, answer) = port.ask(method, path, &headers, body).await;
        assert_eq!(found, status, "{method} {path} {headers} {answer}");
        assert!(answer["message"].is_string(), "{answer}");
    }
    port.cancel.cancel();
}

#[tokio::test]
async fn mqtt_flows_through_frames_of_any_size() {
    let port = Port::open().await;
    let identity = module("m");
    let key = port.hub.add(&identity, json!({}));
    let (head, mut socket) = port.socket("mqtt").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let head = head.to_lowercase();
    assert!(head.contains("sec-websocket-protocol: mqtt") && head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");

    let text = |text: &str| [&u16::try_from(text.len()).expect("short").to_be_bytes(), text.as_bytes()].concat();
    let token = token(&identity, &key);
    let fields = [text("MQTT"), vec![4, 0xc2, 0, 60], text("edge-1/m"), text(&format!("{HUB}/edge-1/m/?api-version=1")), text(&token)];
    let fields = fields.concat();
    let mut packets = vec![0x10, 0x80 | u8::try_from(fields.len() % 128).expect("small"), u8::try_from(fields.len() / 128).expect("small")];
    packets.extend(fields);
    let topic = text("devices/edge-1/modules/m/messages/events/");
    packets.extend([0x30, u8::try_from(topic.len() + 2).expect("small")]);
    packets.extend([&topic[..], &b"hi"[..]].concat());
    for piece in packets.chunks(7) {
        socket.send(Message::Binary(piece.to_vec().into())).await.expect("send");
    }
    let answer = soon("CONNACK", socket.next()).await.expect("a frame").expect("good");
    assert_eq!(answer, Message::Binary(vec![0x20, 2, 0, 0].into()));
    let messages = port.hub.messages(1).await;
    assert_eq!((&messages[0].0, &messages[0].1.body[..]), (&identity, &b"hi"[..]));
    socket.send(Message::Text("no bytes".into())).await.expect("send");
    let ended = soon("the end", async { while matches!(socket.next().await, Some(Ok(_))) {} });
    ended.await;
    port.cancel.cancel();
}

#[tokio::test]
async fn amqp_is_refused_with_a_reason() {
    let port = Port::open().await;
    let (head, _) = port.socket("AMQPWSB10").await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(serve_amqp(listener, port.hub.clone(), port.cancel.clone()));
    let mut stream = TcpStream::connect(address).await.expect("connect");
    assert_eq!(soon("the end", stream.read_u8()).await.map_err(|error| error.kind()).ok(), None);
    let told = port.hub.warnings().expect("kept").all();
    assert_eq!(told.iter().map(|one| (one.code.as_str(), one.count)).collect::<Vec<_>>(), [("hub/amqp", 2)]);
    port.cancel.cancel();
}
