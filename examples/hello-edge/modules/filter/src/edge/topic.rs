//! The topics that modules and edgeHub agree on, and the property bags inside them.

/// What a message from the hub is about, by its topic.
#[derive(Debug, PartialEq)]
pub enum Topic {
    /// A message for an input of this module.
    Input {
        name: String,
        properties: Vec<(String, String)>,
    },
    /// A call of a direct method; the answer carries the same request id.
    Method { name: String, request: String },
    /// The answer to a twin request.
    TwinResult { status: u16, request: String },
    /// A change of desired properties.
    Desired,
}

impl Topic {
    /// Reads a topic; `None` is one that no module subscribes to.
    pub fn parse(topic: &str) -> Option<Self> {
        if let Some(rest) = topic.strip_prefix("$iothub/methods/POST/") {
            let (name, query) = rest.split_once("/?")?;
            return Some(Self::Method {
                name: decode(name),
                request: query.strip_prefix("$rid=")?.to_owned(),
            });
        }
        if let Some(rest) = topic.strip_prefix("$iothub/twin/res/") {
            let (status, query) = rest.split_once("/?")?;
            let request = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("$rid="))?;
            return Some(Self::TwinResult {
                status: status.parse().ok()?,
                request: request.to_owned(),
            });
        }
        if topic.starts_with("$iothub/twin/PATCH/properties/desired/") {
            return Some(Self::Desired);
        }
        // devices/DEVICE/modules/MODULE/inputs/INPUT/PROPERTIES
        let mut parts = topic.splitn(7, '/');
        let head = [
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
        ];
        if head[0] != "devices" || head[2] != "modules" || head[4] != "inputs" {
            return None;
        }
        Some(Self::Input {
            name: decode(parts.next()?),
            properties: parse_properties(parts.next().unwrap_or_default()),
        })
    }
}

/// Returns the topic on which a module sends to one of its outputs.
pub fn output(device: &str, module: &str, output: &str, properties: &[(&str, &str)]) -> String {
    let mut topic = format!(
        "devices/{device}/modules/{module}/messages/events/%24.on={}",
        encode(output)
    );
    for (key, value) in properties {
        topic.push_str(&format!("&{}={}", encode(key), encode(value)));
    }
    topic
}

/// Reads `key=value&key=value`; a key without a value has the empty one.
fn parse_properties(bag: &str) -> Vec<(String, String)> {
    let pairs = bag
        .trim_end_matches('/')
        .split('&')
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

/// Percent-encodes all but letters, digits and `-._~`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Decodes percent-encoding; `%` without two hexadecimal digits stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |place: usize| {
            tail.get(place)
                .and_then(|digit| char::from(*digit).to_digit(16))
        };
        let value = digit(0).zip(digit(1)).map(|(high, low)| high * 16 + low);
        match value
            .filter(|_| first == b'%')
            .and_then(|value| u8::try_from(value).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_name_themselves_in_the_topic() {
        let topic = output(
            "d1",
            "m1",
            "out/1",
            &[("$.ct", "application/json"), ("a b", "ü")],
        );
        assert_eq!(
            topic,
            "devices/d1/modules/m1/messages/events/%24.on=out%2F1&%24.ct=application%2Fjson&a%20b=%C3%BC"
        );
    }

    #[test]
    fn every_kind_of_topic_is_read() {
        let input = Topic::parse("devices/d1/modules/m1/inputs/in/%24.cdid=d1&flag&a%20b=1/");
        let properties = [("$.cdid", "d1"), ("flag", ""), ("a b", "1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(
            input,
            Some(Topic::Input {
                name: "in".to_owned(),
                properties: properties.to_vec()
            })
        );
        let method = Topic::parse("$iothub/methods/POST/reset/?$rid=7&x=2");
        assert_eq!(
            method,
            Some(Topic::Method {
                name: "reset".to_owned(),
                request: "7&x=2".to_owned()
            })
        );
        let result = Topic::parse("$iothub/twin/res/204/?$rid=3&$version=9");
        assert_eq!(
            result,
            Some(Topic::TwinResult {
                status: 204,
                request: "3".to_owned()
            })
        );
        assert_eq!(
            Topic::parse("$iothub/twin/PATCH/properties/desired/?$version=4"),
            Some(Topic::Desired)
        );
        assert_eq!(Topic::parse("devices/d1/messages/devicebound/"), None);
    }

    #[test]
    fn a_stray_percent_sign_survives() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%41%+1"), "%zzA%+1");
    }
}
