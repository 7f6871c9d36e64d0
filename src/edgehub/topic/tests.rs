use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::inbound::{self, Inbound};
use super::{bag, filter, outbound, outbound::Outward};
use crate::edgehub::Feature;
use crate::edgehub::tests::wire_cases;
use crate::model::{Identity, Message};

/// Writes a parsed topic as the case files do: template variables and properties in one map.
fn shown(parsed: Result<Option<Inbound>, bag::BagError>) -> Value {
    let mut map = Map::new();
    match parsed {
        Err(_) => return json!("error"),
        Ok(Some(Inbound::Telemetry { sender, bag })) => {
            map.insert("deviceId".into(), sender.device_id.into());
            if let Some(module_id) = sender.module_id {
                map.insert("moduleId".into(), module_id.into());
            }
            map.extend(bag.into_iter().map(|(name, value)| (name, value.into())));
        }
        Ok(Some(Inbound::MethodAnswer { status, rid })) => {
            map.insert("statusCode".into(), status.into());
            map.insert("correlationId".into(), rid.into());
        }
        Ok(_) => return json!("nomatch"),
    }
    Value::Object(map)
}

#[test]
fn topics_follow_the_product() {
    for case in wire_cases("topic") {
        let topic = case["topic"].as_str().expect("topic");
        assert_eq!(shown(inbound::parse(topic)), case["expect"], "{}: {topic}", case["id"]);
    }
}

#[test]
fn every_sdk_spelling_of_an_output_is_read() {
    for topic in [
        "devices/d/modules/m/messages/events/%24.on=out&k=v",
        "devices/d/modules/m/messages/events/%24.on=out&k=v/",
        "devices/d/modules/m/messages/events/$.on=out&k=v/",
    ] {
        let Ok(Some(Inbound::Telemetry { sender, bag })) = inbound::parse(topic) else { panic!("{topic}") };
        let message = bag::message_from_client(&sender, bag, Bytes::from_static(b"x"));
        assert_eq!(message.system_properties["outputName"], "out");
        assert_eq!(message.system_properties["connectionModuleId"], "m");
        assert_eq!(message.properties["k"].as_deref(), Some("v"));
    }
    assert_eq!(inbound::parse("devices/d/messages/events/a=x/y"), Ok(None));
    let Ok(Some(Inbound::Telemetry { bag, .. })) = inbound::parse("devices/d/messages/events/a=x%2Fy+z&b") else { panic!("slash") };
    assert_eq!((bag["a"].as_deref(), bag["b"].as_deref()), (Some("x/y+z"), None));
}

#[test]
fn twin_requests_carry_their_id_verbatim() {
    let rid = |text: &str| text.to_owned();
    assert_eq!(inbound::parse("$iothub/twin/GET/?$rid=A-1"), Ok(Some(Inbound::TwinGet { rid: rid("A-1") })));
    let report = Inbound::TwinReport { rid: Some(rid("7")) };
    assert_eq!(inbound::parse("$iothub/twin/PATCH/properties/reported/?$rid=7&$version=2"), Ok(Some(report)));
    assert_eq!(inbound::parse("$iothub/twin/PATCH/properties/reported/"), Ok(Some(Inbound::TwinReport { rid: None })));
    for bad in
        ["$iothub/twin/GET/", "$iothub/twin/GET/x/?$rid=1", "$iothub/twin/PUT/?$rid=1", "$iothub/twin/PATCH/properties/desired/?$rid=1"]
    {
        assert_eq!(inbound::parse(bad), Ok(Some(Inbound::BadTwinOperation)), "{bad}");
    }
}

#[test]
fn filters_switch_features_on() {
    for (text, feature) in [
        ("$iothub/methods/POST/#", Some(Feature::Methods)),
        ("$iothub/twin/PATCH/properties/desired/#", Some(Feature::DesiredProperties)),
        ("devices/d/messages/devicebound/#", Some(Feature::CloudToDevice)),
        ("$iothub/twin/res/#", Some(Feature::TwinResponses)),
        ("devices/d/modules/m/inputs/#", Some(Feature::ModuleMessages)),
        ("devices/d/modules/m/#", Some(Feature::ModuleMessages)),
        ("devices/d/modules/m/inputs/in1/#", Some(Feature::ModuleMessages)),
        ("devices/d/modules/#", None),
        ("devices/d/messages/events/#", None),
        ("#", None),
    ] {
        assert_eq!(filter::feature(text), feature, "{text}");
    }
    let filters = [("$iothub/methods/POST/#".to_owned(), 0), ("x".to_owned(), 1), ("$iothub/methods/POST/+/#".to_owned(), 2)];
    assert_eq!(filter::features(&filters), BTreeSet::from([Feature::Methods]));
    assert_eq!(filter::granted(&filters, "$iothub/methods/POST/reset/?$rid=1"), Some(1));
    assert_eq!(filter::granted(&filters, "y"), None);
}

#[test]
fn filters_match_as_mqtt_says() {
    for (text, topic, fits) in [
        ("a/#", "a", true),
        ("a/#", "a/b/c", true),
        ("a/+", "a/b", true),
        ("a/+", "a", false),
        ("a/+/c", "a//c", true),
        ("a", "a/b", false),
        ("a/b", "a", false),
        ("devices/d/modules/m/inputs/in1/#", "devices/d/modules/m/inputs/in2/", false),
    ] {
        assert_eq!(filter::matches(text, topic), fits, "{text} {topic}");
    }
}

#[test]
fn a_message_survives_the_way_to_a_client_and_upstream() {
    let mut message = Message { body: Bytes::from_static(b"{}"), ..Message::default() };
    message.properties.insert("a key/&=+".into(), Some("50 % ü".into()));
    message.properties.insert("alone".into(), None);
    for (name, value) in
        [("messageId", "m 1"), ("outputName", "out"), ("connectionDeviceId", "d"), ("connectionModuleId", "m"), ("contentType", "a/b")]
    {
        message.system_properties.insert(name.into(), value.into());
    }
    let identity = Identity::module("d", "m2");
    let base = outbound::base(&identity, false);
    let topic = outbound::input(&base, "in", &message);
    assert!(topic.starts_with("devices/d/modules/m2/inputs/in/a%20key%2F%26%3D%2B=50%20%25%20%C3%BC&alone&%24.mid=m%201&"), "{topic}");
    let Ok(Some(Outward::Input { input, bag })) = outbound::parse(&base, &topic) else { panic!("{topic}") };
    assert_eq!(input, "in");
    let mut arrived = bag::message_from_server(bag, message.body.clone());
    assert_eq!(arrived.system_properties.get("outputName"), None);
    arrived.system_properties.insert("outputName".into(), "out".into());
    assert_eq!(arrived, message);

    let topic = outbound::events(&outbound::base(&Identity::module("d", "m"), true), &message);
    let Ok(Some(Inbound::Telemetry { sender, bag })) = inbound::parse(&topic) else { panic!("{topic}") };
    assert_eq!(bag::message_from_client(&sender, bag, message.body.clone()), message);
    assert_eq!(outbound::input("b", "in", &Message::default()), "b/inputs/in/");
    assert_eq!(bag::size_of(&Message { body: Bytes::from_static(b"12"), ..Message::default() }), 2);
}

#[test]
fn a_client_reads_what_a_server_writes() {
    let parse = |topic: &str| outbound::parse("devices/d", topic).expect("bag");
    let answer = Outward::TwinAnswer { status: 204, rid: "r 1".into(), version: Some(4) };
    assert_eq!(parse(&outbound::twin_answer(204, "r 1", Some(4))), Some(answer));
    let answer = Outward::TwinAnswer { status: 200, rid: "r".into(), version: None };
    assert_eq!(parse(&outbound::twin_answer(200, "r", None)), Some(answer));
    assert_eq!(parse(&outbound::desired(7)), Some(Outward::Desired));
    assert_eq!(parse(&outbound::method("reset", "9")), Some(Outward::Method { name: "reset".into(), rid: "9".into() }));
    assert_eq!(parse("devices/other/messages/devicebound/"), None);
    assert!(matches!(parse("devices/d/messages/devicebound/a=b"), Some(Outward::CloudToDevice { .. })));
}
