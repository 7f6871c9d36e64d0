//! Numbers in texts, as the broker's platform reads them (.NET `Double.Parse`, any style, invariant culture).

/// Reads a number, or `None` when the text is none (NaN counts as none).
pub fn parse(text: &str) -> Option<f64> {
    let blank = |c: char| matches!(c, '\u{9}'..='\u{d}' | ' ');
    let text = text.trim_matches(blank);
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "infinity" | "+infinity" => return Some(f64::INFINITY),
        "-infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let (text, bracketed) = match text.strip_prefix('(').map(|inner| inner.strip_suffix(')')) {
        Some(inner) => (inner?.trim_matches(blank), true),
        None => (text, false),
    };
    let (text, before) = signed(text.trim_start_matches('¤').trim_start_matches(blank), str::strip_prefix);
    let (text, after) = signed(text.trim_end_matches('¤').trim_end_matches(blank), str::strip_suffix);
    let text = text.trim_matches(|c| blank(c) || c == '¤');
    if usize::from(bracketed) + usize::from(before.is_some()) + usize::from(after.is_some()) > 1 {
        return None;
    }
    let negative = bracketed || before == Some('-') || after == Some('-');
    let value = unsigned(text)?;
    Some(if negative { -value } else { value })
}

fn signed<'a>(text: &'a str, strip: fn(&'a str, char) -> Option<&'a str>) -> (&'a str, Option<char>) {
    ['-', '+'].into_iter().find_map(|sign| strip(text, sign).map(|rest| (rest, Some(sign)))).unwrap_or((text, None))
}

/// Reads digits with thousands separators, a fraction and an exponent.
fn unsigned(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.starts_with(',') {
        return None;
    }
    let whole = whole.replace(',', "");
    let fraction = fraction.unwrap_or_default();
    if !digits(&whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    if let Some(exponent) = exponent {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if unsigned.is_empty() || !digits(unsigned) {
            return None;
        }
    }
    format!("{whole}.{fraction}e{}", exponent.unwrap_or("0")).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_the_forms_of_the_platform() {
        for (text, value) in [
            (" 12 ", 12.0),
            ("1,000", 1000.0),
            ("(5)", -5.0),
            ("5-", -5.0),
            ("+5", 5.0),
            ("1e2", 100.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e400", f64::INFINITY),
        ] {
            assert_eq!(parse(text), Some(value), "{text}");
        }
        for text in ["", "0x10", "$5", "NaN", "1_000", ",1", "-(5)", "--5", "-5-", ".", "e5", "1e", "1 2", "(5"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
