//! Percent-encoding of ids in paths and of fields in tokens (RFC 3986, 2.1), and the service's way to write times.

use crate::base::Timestamp;

/// Encodes every byte outside the unreserved characters (letters, digits, `-`, `.`, `_`, `~`), with upper-case hex.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Decodes percent-encoded text; a `%` that is not followed by two hex digits stands for itself. `None` when the bytes are no UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let pair = bytes.get(place + 1..place + 3).filter(|_| *byte == b'%');
        let value = pair.and_then(|pair| hex::decode(pair).ok());
        decoded.push(value.as_ref().and_then(|value| value.first()).copied().unwrap_or(*byte));
        place += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).ok()
}

/// Writes a time as the service does: RFC 3339 with seven fraction digits and `Z`.
pub fn time_text(time: Timestamp) -> String {
    let ticks = time.timestamp_subsec_nanos() / 100;
    format!("{}.{ticks:07}Z", time.format("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;

    #[test]
    fn ids_travel_through_paths() {
        assert_eq!(encode("$edgeAgent"), "%24edgeAgent");
        assert_eq!(encode("a/b c:ü"), "a%2Fb%20c%3A%C3%BC");
        for text in ["$edgeAgent", "a/b c:ü", "100%", "", "~._-"] {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
        }
        assert_eq!(decode("50%zz%4").as_deref(), Some("50%zz%4"));
        assert_eq!(decode("%ff"), None);
    }

    #[test]
    fn times_have_seven_digits() {
        let time = Clock::fixed_at(1_664_405_531).expect("a time").now();
        assert_eq!(time_text(time), "2022-09-28T22:52:11.0000000Z");
    }
}
