//! Percent encoding of ids and properties in topics, tokens and paths (RFC 3986, section 2.1). A plus sign stays a plus sign.

use std::fmt::Write as _;

/// Encodes every byte except letters, digits and `- . _ ~`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes text");
        }
    }
    encoded
}

/// Decodes `%XX`; a percent sign without two hexadecimal digits stays as it is, and bytes that are no UTF-8 become U+FFFD.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        let digits =
            bytes.get(place + 1..place + 3).filter(|_| byte == b'%').and_then(|pair| Some((hex_digit(pair[0])?, hex_digit(pair[1])?)));
        if let Some((high, low)) = digits {
            decoded.push(high << 4 | low);
            place += 3;
        } else {
            decoded.push(byte);
            place += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_comes_back() {
        assert_eq!(encode("$.mid=a b+ü/"), "%24.mid%3Da%20b%2B%C3%BC%2F");
        assert_eq!(decode(&encode("$.mid=a b+ü/%")), "$.mid=a b+ü/%");
    }

    #[test]
    fn broken_escapes_stay() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("a+b"), "a+b");
        assert_eq!(decode("%ff"), "\u{fffd}");
    }
}
