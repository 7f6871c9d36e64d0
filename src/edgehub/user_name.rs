//! The MQTT user name: `HOST/DEVICE[/MODULE]/?api-version=…&…`, read as leniently as the product reads it.

use crate::base::percent;
use crate::model::Identity;

/// A user name, parsed. The host name in it is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName {
    /// The device or module.
    pub identity: Identity,
    /// `DeviceClientType`, or empty.
    pub client_type: String,
    /// `model-id`.
    pub model_id: Option<String>,
    /// `auth-chain`.
    pub auth_chain: Option<String>,
}

/// Why a user name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserNameError {
    /// None was given.
    #[error("the user name is missing")]
    Missing,
    /// Wrong number of segments, or an id is blank.
    #[error("the user name does not have the form HOST/DEVICE[/MODULE]/?api-version=…")]
    Malformed,
    /// No `api-version`, or a blank one.
    #[error("the user name has no api-version")]
    NoApiVersion,
}

impl UserName {
    /// Reads a user name.
    pub fn parse(text: &str) -> Result<Self, UserNameError> {
        if text.trim().is_empty() {
            return Err(UserNameError::Missing);
        }
        let segments: Vec<&str> = text.split('/').collect();
        let (ids, tail) = match segments.as_slice() {
            [_, device, tail] => (Identity::device(device.trim()), *tail),
            [_, device, module, tail] => (Identity::module(device.trim(), module.trim()), *tail),
            _ => return Err(UserNameError::Malformed),
        };
        let query = match tail.strip_prefix('?') {
            Some(query) => query,
            None if tail.contains("api-version=") => tail,
            None => return Err(UserNameError::Malformed),
        };
        if ids.device_id.is_empty() || ids.module_id.as_ref().is_some_and(String::is_empty) {
            return Err(UserNameError::Malformed);
        }
        let value = |key: &str| {
            let fields = query.trim().split('&').filter_map(|field| field.split_once('='));
            fields.filter(|(name, _)| *name == key).map(|(_, value)| percent::decode(value)).next()
        };
        if value("api-version").is_none_or(|version| version.trim().is_empty()) {
            return Err(UserNameError::NoApiVersion);
        }
        Ok(Self {
            identity: ids,
            client_type: value("DeviceClientType").unwrap_or_default(),
            model_id: value("model-id"),
            auth_chain: value("auth-chain"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::edgehub::tests::wire_cases;

    #[test]
    fn user_names_follow_the_product() {
        for case in wire_cases("username") {
            let text = case["username"].as_str().expect("user name");
            let shown = UserName::parse(text).map_or(json!("error"), |name| {
                json!({
                    "deviceId": name.identity.device_id,
                    "moduleId": name.identity.module_id.unwrap_or_default(),
                    "deviceClientType": name.client_type,
                    "modelId": name.model_id.map_or(Value::Null, Value::from),
                    "authChain": name.auth_chain.map_or(Value::Null, Value::from),
                })
            });
            assert_eq!(shown, case["expect"], "{}: {text}", case["id"]);
        }
    }

    #[test]
    fn the_first_of_duplicates_counts_and_blank_ids_are_refused() {
        let name = UserName::parse("hub/d/?api-version=1&DeviceClientType=a&DeviceClientType=b").expect("name");
        assert_eq!(name.client_type, "a");
        assert_eq!(UserName::parse("hub/ /?api-version=1"), Err(UserNameError::Malformed));
        assert_eq!(UserName::parse("hub/d//?api-version=1"), Err(UserNameError::Malformed));
    }
}
