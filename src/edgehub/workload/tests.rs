use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::*;
use crate::edgehub::identities::KnownIdentity;
use crate::identity::SigningKey;

struct Api {
    folder: tempfile::TempDir,
    socket: PathBuf,
    key: SigningKey,
    cancel: Cancel,
}

impl Api {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let module = Identity::module("edge-1", "$edgeHub");
        let key = SigningKey::generate().expect("key");
        let identities = Identities::open(&folder.path().join("identities.json")).expect("identities");
        let known = KnownIdentity::with_keys(module.clone(), "1", key.clone(), None);
        identities.put(known).expect("put");
        let authority = Authority::open_or_create(&folder.path().join("ca"), Clock::System.now()).expect("authority");
        let workload = Workload { module, identities: Arc::new(identities), authority: Arc::new(authority), clock: Clock::System };
        let (socket, cancel) = (folder.path().join("m").join("w.sock"), Cancel::new());
        tokio::spawn(serve(bind(&socket).expect("bind"), workload, cancel.clone()));
        Self { folder, socket, key, cancel }
    }

    /// Sends a request as SDKs do, without a Content-Type, and returns status, content type and body.
    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String, Value) {
        let mut stream = UnixStream::connect(&self.socket).await.expect("connect");
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all((head + body).as_bytes()).await.expect("write");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        let (head, body) = answer.split_once("\r\n\r\n").expect("head");
        let status = head.split(' ').nth(1).expect("status").parse().expect("number");
        let kind = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-type: ").map(str::to_owned));
        (status, kind.unwrap_or_default(), serde_json::from_str(body).expect("json"))
    }
}

const QUERY: &str = "?api-version=2019-01-30";

#[tokio::test]
async fn a_module_signs_with_its_own_key_and_learns_the_root() {
    let api = Api::start().await;
    let body = json!({"keyId": "primary", "algo": "HMACSHA256", "data": STANDARD.encode("audience\n1")}).to_string();
    let (status, kind, answer) = api.ask("POST", &format!("/modules/%24edgeHub/genid/any/sign{QUERY}"), &body).await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert_eq!(answer, json!({"digest": STANDARD.encode(api.key.sign(b"audience\n1"))}));

    let (status, kind, answer) = api.ask("GET", &format!("/trust-bundle{QUERY}"), "").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert!(answer["certificate"].as_str().expect("pem").starts_with("-----BEGIN CERTIFICATE-----"));
    let (status, _, answer) = api.ask("GET", "/modules?api-version=2030-01-01", "").await;
    assert_eq!((status, &answer["modules"][0]["name"]), (200, &json!("$edgeHub")));
    api.cancel.cancel();
    drop(api.folder);
}

#[tokio::test]
async fn certificates_are_issued() {
    let api = Api::start().await;
    let expires = (Clock::System.now() + chrono::Duration::days(3)).to_rfc3339();
    let body = json!({"commonName": "127.0.0.9", "expiration": expires}).to_string();
    let (status, _, answer) = api.ask("POST", &format!("/modules/$edgeHub/genid/1/certificate/server{QUERY}"), &body).await;
    assert_eq!((status, &answer["privateKey"]["type"]), (201, &json!("key")), "{answer}");
    assert!(answer["certificate"].as_str().expect("pem").matches("BEGIN CERTIFICATE").count() >= 2);
    let (status, _, answer) = api.ask("POST", &format!("/modules/$edgeHub/certificate/identity{QUERY}"), "{}").await;
    assert_eq!(status, 201, "{answer}");
    let (status, _, _) = api.ask("POST", &format!("/modules/$edgeHub/genid/1/certificate/server{QUERY}"), "{}").await;
    assert_eq!(status, 400);
    api.cancel.cancel();
}

#[tokio::test]
async fn what_is_wrong_is_said_in_json() {
    let api = Api::start().await;
    let sign = format!("/modules/$edgeHub/genid/1/sign{QUERY}");
    for (method, path, body, status, message) in [
        ("POST", "/modules/$edgeHub/genid/1/sign", "{}", 400, "the query has no `api-version`"),
        ("POST", "/modules/$edgeHub/genid/1/sign?api-version=2017-01-01", "{}", 400, "the api-version `2017-01-01` is not supported"),
        ("POST", &format!("/modules/other/genid/1/sign{QUERY}"), "{}", 403, "this socket is not that of module `other`"),
        ("POST", &sign, "{}", 400, "the request has no `data`"),
        ("POST", &sign, "[]", 400, "the request is no JSON object"),
        ("POST", &sign, r#"{"data":"?"}"#, 400, "`data` is no base64"),
        ("GET", &sign, "", 404, "GET /modules/$edgeHub/genid/1/sign is no call of the workload API"),
        ("GET", "/nothing", "", 404, "GET /nothing is no call of the workload API"),
    ] {
        let (found, kind, answer) = api.ask(method, path, body).await;
        assert_eq!((found, kind.as_str(), answer), (status, "application/json", json!({"message": message})), "{path} {body}");
    }
    api.cancel.cancel();
}

#[tokio::test]
async fn sockets_are_open_to_modules_and_their_paths_short() {
    let folder = tempfile::tempdir().expect("folder");
    let socket = folder.path().join("m").join("w.sock");
    drop(bind(&socket).expect("bind"));
    let _again = bind(&socket).expect("a stale socket is replaced");
    assert_eq!(std::fs::metadata(&socket).expect("socket").permissions().mode() & 0o777, 0o666);
    let error = bind(&folder.path().join("x".repeat(100))).expect_err("too long");
    assert!(error.to_string().contains("bytes, more than 100"), "{error}");
}
