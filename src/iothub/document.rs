//! JSON objects of which we know some members: read through accessors, written as a tree, so that unknown members survive.

/// Declares a document type over a JSON object, with the access that all documents share.
macro_rules! document {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(serde_json::Map<String, serde_json::Value>);

        impl $name {
            /// Takes a JSON object as it is, whatever members it has.
            pub fn from_members(members: serde_json::Map<String, serde_json::Value>) -> Self {
                Self(members)
            }

            /// Returns all members, known or not.
            pub fn members(&self) -> &serde_json::Map<String, serde_json::Value> {
                &self.0
            }

            /// Returns all members for editing.
            pub fn members_mut(&mut self) -> &mut serde_json::Map<String, serde_json::Value> {
                &mut self.0
            }

            /// Returns the document as a JSON value.
            pub fn into_value(self) -> serde_json::Value {
                serde_json::Value::Object(self.0)
            }

            /// Returns the entity tag, without quotes.
            pub fn etag(&self) -> Option<&str> {
                self.0.get("etag").and_then(serde_json::Value::as_str)
            }

            /// Sets a member.
            pub fn set(&mut self, name: &str, value: impl Into<serde_json::Value>) {
                self.0.insert(name.to_owned(), value.into());
            }

            /// Returns a text member, empty when it is absent or no text.
            fn text(&self, name: &str) -> &str {
                self.0.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
            }
        }
    };
}

pub(crate) use document;
