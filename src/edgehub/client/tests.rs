use serde_json::json;

use super::*;
use crate::edgehub::Outbound;
use crate::edgehub::fake::{FakeHub, Served, event, soon};

fn message(body: &str, output: &str) -> Message {
    let mut message = Message { body: Bytes::copy_from_slice(body.as_bytes()), ..Message::default() };
    message.system_properties.insert("outputName".into(), output.into());
    message.properties.insert("k".into(), Some("a b/ü".into()));
    message
}

#[tokio::test]
async fn everything_that_a_module_does_works_over_tls() {
    let hub = FakeHub::new();
    let module = Identity::module("edge-1", "$edgeAgent");
    let key = hub.add(&module, json!({"threshold": 25}));
    let served = Served::start(hub.clone()).await;
    let (client, mut events) = served.client(&module, &key).await;

    soon("a send", client.send(&message("{}", "out"))).await.expect("sent");
    let (sender, arrived) = hub.messages(1).await.remove(0);
    assert_eq!(sender, module);
    assert_eq!(arrived.system_properties["outputName"], "out");
    assert_eq!(arrived.system_properties["connectionModuleId"], "$edgeAgent");
    assert_eq!(arrived.properties["k"].as_deref(), Some("a b/ü"));

    assert_eq!(client.twin().await.expect("twin")["desired"], json!({"threshold": 25, "$version": 1}));
    assert_eq!(client.report(&json!({"seen": 1})).await.expect("reported"), Some(2));
    assert_eq!(hub.reported(&module), json!({"seen": 1, "$version": 2}));
    assert!(matches!(client.report(&json!({"a.b": 1})).await, Err(ClientError::Status(400))));

    hub.set_desired(&module, json!({"threshold": 30})).await;
    let patch = event("a desired patch", &mut events, |event| match event {
        ClientEvent::Desired(patch) => Some(patch),
        _ => None,
    });
    assert_eq!(patch.await, json!({"threshold": 30, "$version": 2}));

    let session = hub.session(&module).expect("session");
    let (answer, told) = oneshot::channel();
    let call = MethodCall { name: "reset".into(), payload: Bytes::from_static(b"{\"to\":1}") };
    session.outbound.send(Outbound::Method { call, answer }).await.expect("sent");
    event("a method", &mut events, |event| match event {
        ClientEvent::Method { call, answer } => {
            assert_eq!((call.name.as_str(), call.payload.as_ref()), ("reset", b"{\"to\":1}".as_slice()));
            answer.send(MethodAnswer { status: 201, payload: json!([1]) }).ok()
        }
        _ => None,
    })
    .await;
    assert_eq!(soon("an answer", told).await.expect("answer"), MethodAnswer { status: 201, payload: json!([1]) });

    let (done, told) = oneshot::channel();
    session
        .outbound
        .send(Outbound::Input { input: "in".into(), message: message("x", "out"), redelivered: false, done })
        .await
        .expect("sent");
    let (input, arrived) = event("an input", &mut events, |event| match event {
        ClientEvent::Input { input, message } => Some((input, message)),
        _ => None,
    })
    .await;
    assert_eq!((input.as_str(), arrived.body.as_ref()), ("in", b"x".as_slice()));
    soon("the acknowledgement", told).await.expect("acknowledged");
    served.stop().await;
}

#[tokio::test]
async fn messages_arrive_in_order() {
    let hub = FakeHub::new();
    let device = Identity::device("leaf");
    let key = hub.add(&device, json!({}));
    let served = Served::start(hub.clone()).await;
    let (client, _events) = served.client(&device, &key).await;
    let messages: Vec<_> = (0..200).map(|number| message(&number.to_string(), "o")).collect();
    let sends = messages.iter().map(|message| client.send(message));
    for sent in futures_util::future::join_all(sends).await {
        sent.expect("sent");
    }
    let bodies: Vec<_> = hub.messages(200).await.into_iter().map(|(_, message)| message.body).collect();
    assert_eq!(bodies, messages.iter().map(|message| message.body.clone()).collect::<Vec<_>>());
    served.stop().await;
}

#[tokio::test]
async fn a_client_comes_back_after_the_hub_was_away() {
    let hub = FakeHub::new();
    let module = Identity::module("edge-1", "m");
    let key = hub.add(&module, json!({}));
    let served = Served::start(hub.clone()).await;
    let mut options = served.options(&module, &key);
    options.timeout = Duration::from_secs(15);
    let cancel = Cancel::new();
    let (client, mut events) = Client::start(options, cancel.clone());
    soon("a connection", client.connected()).await.expect("connected");
    let (port, folder) = served.stop().await;
    event("the end", &mut events, |event| matches!(event, ClientEvent::Disconnected { refused: false, .. }).then_some(())).await;
    assert!(!client.is_connected());
    let later = message("later", "o");
    let sending = client.send(&later);
    let start = async {
        tokio::task::yield_now().await;
        Served::start_at(hub.clone(), port, folder).await
    };
    let (sent, served) = soon("a send across the gap", async { tokio::join!(sending, start) }).await;
    sent.expect("sent");
    assert_eq!(hub.count(), 1);
    cancel.cancel();
    served.stop().await;
}

#[tokio::test]
async fn a_wrong_key_is_told_as_a_refusal() {
    let hub = FakeHub::new();
    let module = Identity::module("edge-1", "m");
    hub.add(&module, json!({}));
    let served = Served::start(hub).await;
    let options = served.options(&module, &SigningKey::generate().expect("key"));
    let (_client, mut events) = Client::start(options, served.cancel.clone());
    let reason = event("a refusal", &mut events, |event| match event {
        ClientEvent::Disconnected { reason, refused: true } => Some(reason),
        _ => None,
    });
    assert!(reason.await.contains("code 5"));
    served.stop().await;
}

#[tokio::test]
async fn a_failed_send_is_not_acknowledged_and_a_token_is_renewed() {
    let hub = FakeHub::new();
    let module = Identity::module("edge-1", "m");
    let key = hub.add(&module, json!({}));
    let served = Served::start(hub.clone()).await;
    let mut options = served.options(&module, &key);
    options.token_life = Duration::from_secs(2);
    let (client, mut events) = Client::start(options, served.cancel.clone());
    soon("a connection", client.connected()).await.expect("connected");
    hub.refuse_messages(true);
    assert!(matches!(client.send(&message("x", "o")).await, Err(ClientError::ConnectionLost)));
    hub.refuse_messages(false);
    event("a renewal", &mut events, |event| match event {
        ClientEvent::Disconnected { reason, .. } if reason.contains("renewed") => Some(()),
        _ => None,
    })
    .await;
    client.send(&message("y", "o")).await.expect("sent");
    assert_eq!(hub.count(), 1);
    served.stop().await;
}
