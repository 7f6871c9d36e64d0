//! Entries of the identity registry: devices and modules with their keys.

use serde_json::{Value, json};

use super::document::document;
use crate::identity::SigningKey;

document! {
    /// A device of the registry.
    Device
}

document! {
    /// A module identity of the registry.
    Module
}

/// The two symmetric keys of an identity.
#[derive(Clone, Debug)]
pub struct SymmetricKeys {
    /// The key in use.
    pub primary: SigningKey,
    /// The key to change over to.
    pub secondary: SigningKey,
}

impl SymmetricKeys {
    /// Reads `authentication.symmetricKey` of a registry entry; keys that no one could sign with count as none.
    fn of(authentication: Option<&Value>) -> Option<Self> {
        let keys = authentication?.get("symmetricKey")?;
        let key = |name: &str| keys.get(name).and_then(Value::as_str).and_then(|text| SigningKey::from_base64(text).ok());
        let primary = key("primaryKey")?;
        let secondary = key("secondaryKey").unwrap_or_else(|| primary.clone());
        Some(Self { primary, secondary })
    }
}

/// Returns the type of authentication: `sas`, `selfSigned`, `certificateAuthority` or `none`.
fn kind_of(members: &serde_json::Map<String, Value>) -> &str {
    members.get("authentication").and_then(|all| all.get("type")).and_then(Value::as_str).unwrap_or("sas")
}

/// Returns the thumbprints as [`normal_thumbprint`] writes them.
fn thumbprints_of(members: &serde_json::Map<String, Value>) -> Vec<String> {
    let all = members.get("authentication").and_then(|all| all.get("x509Thumbprint"));
    let one = |name: &str| all.and_then(|all| all.get(name)).and_then(Value::as_str).map(normal_thumbprint);
    ["primaryThumbprint", "secondaryThumbprint"].into_iter().filter_map(one).filter(|text| !text.is_empty()).collect()
}

/// Writes a thumbprint in lower case, without the colons and blanks that some tools put between its bytes.
pub fn normal_thumbprint(text: &str) -> String {
    text.chars().filter(|c| *c != ':' && !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

impl Device {
    /// Returns a device to be created with keys that the service makes.
    pub fn new(device_id: &str) -> Self {
        let mut made = Self::default();
        made.set("deviceId", device_id);
        made.set("status", "enabled");
        made.set("capabilities", json!({ "iotEdge": false }));
        made.set("authentication", json!({ "type": "sas" }));
        made
    }

    /// Returns an edge device to be created with keys that the service makes.
    pub fn edge(device_id: &str) -> Self {
        let mut made = Self::new(device_id);
        made.set("capabilities", json!({ "iotEdge": true }));
        made
    }

    /// Returns the device id.
    pub fn device_id(&self) -> &str {
        self.text("deviceId")
    }

    /// Returns the id that changes when the device is deleted and made anew.
    pub fn generation_id(&self) -> &str {
        self.text("generationId")
    }

    /// Tells whether the device runs edge modules.
    pub fn is_edge(&self) -> bool {
        self.members().get("capabilities").and_then(|all| all.get("iotEdge")) == Some(&Value::Bool(true))
    }

    /// Tells whether the device may connect.
    pub fn is_enabled(&self) -> bool {
        self.text("status") != "disabled"
    }

    /// Tells whether the device is connected, as far as the service knows.
    pub fn is_connected(&self) -> bool {
        self.text("connectionState") == "Connected"
    }

    /// Returns the scope that the service made for an edge device.
    pub fn device_scope(&self) -> &str {
        self.text("deviceScope")
    }

    /// Returns the scopes of the edge devices that this device is assigned to.
    pub fn parent_scopes(&self) -> Vec<&str> {
        let all = self.members().get("parentScopes").and_then(Value::as_array);
        all.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Assigns a device that is no edge device to the edge device of this scope.
    #[must_use]
    pub fn assigned_to(mut self, scope: &str) -> Self {
        self.set("deviceScope", scope);
        self.set("parentScopes", json!([scope]));
        self
    }

    /// Makes the device sign in with certificates of these thumbprints.
    #[must_use]
    pub fn with_thumbprints(mut self, primary: &str, secondary: Option<&str>) -> Self {
        let thumbprints = json!({ "primaryThumbprint": primary, "secondaryThumbprint": secondary });
        self.set("authentication", json!({ "type": "selfSigned", "x509Thumbprint": thumbprints }));
        self
    }

    /// Makes the device sign in with certificates of a trusted authority.
    #[must_use]
    pub fn with_authority(mut self) -> Self {
        self.set("authentication", json!({ "type": "certificateAuthority" }));
        self
    }

    /// Returns the type of authentication: `sas`, `selfSigned`, `certificateAuthority` or `none`.
    pub fn authentication_type(&self) -> &str {
        kind_of(self.members())
    }

    /// Returns the thumbprints of certificates that sign in, as [`normal_thumbprint`] writes them.
    pub fn thumbprints(&self) -> Vec<String> {
        thumbprints_of(self.members())
    }

    /// Returns the keys, when the device signs with keys.
    pub fn symmetric_keys(&self) -> Option<SymmetricKeys> {
        SymmetricKeys::of(self.members().get("authentication"))
    }
}

impl Module {
    /// Returns a module identity to be created with keys that the service makes.
    pub fn new(device_id: &str, module_id: &str) -> Self {
        let mut made = Self::default();
        made.set("deviceId", device_id);
        made.set("moduleId", module_id);
        made.set("authentication", json!({ "type": "sas" }));
        made
    }

    /// Sets who manages the module; the agent removes only modules that `IotEdge` manages.
    #[must_use]
    pub fn managed_by(mut self, manager: &str) -> Self {
        self.set("managedBy", manager);
        self
    }

    /// Returns the device id.
    pub fn device_id(&self) -> &str {
        self.text("deviceId")
    }

    /// Returns the module id.
    pub fn module_id(&self) -> &str {
        self.text("moduleId")
    }

    /// Returns the id that changes when the module is deleted and made anew.
    pub fn generation_id(&self) -> &str {
        self.text("generationId")
    }

    /// Tells whether the module is connected, as far as the service knows.
    pub fn is_connected(&self) -> bool {
        self.text("connectionState") == "Connected"
    }

    /// Returns the type of authentication: `sas`, `selfSigned`, `certificateAuthority` or `none`.
    pub fn authentication_type(&self) -> &str {
        kind_of(self.members())
    }

    /// Returns the thumbprints of certificates that sign in, as [`normal_thumbprint`] writes them.
    pub fn thumbprints(&self) -> Vec<String> {
        thumbprints_of(self.members())
    }

    /// Returns the keys, when the module signs with keys.
    pub fn symmetric_keys(&self) -> Option<SymmetricKeys> {
        SymmetricKeys::of(self.members().get("authentication"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_and_never_print() {
        let text = r#"{"deviceId":"d","authentication":{"type":"sas","symmetricKey":{"primaryKey":"QQ==","secondaryKey":"Qg=="}}}"#;
        let device: Device = serde_json::from_str(text).expect("a device");
        let keys = device.symmetric_keys().expect("keys");
        assert_eq!((keys.primary.to_base64().as_str(), keys.secondary.to_base64().as_str()), ("QQ==", "Qg=="));
        assert!(!format!("{keys:?}").contains("QQ"));
        assert!(Device::edge("d").is_edge() && !Device::new("d").is_edge());
        assert!(Device::new("d").symmetric_keys().is_none());
    }
}
