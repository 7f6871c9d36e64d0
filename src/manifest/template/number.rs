//! Numbers as Python and JavaScript print what they read: both keep a double, Python keeps whole numbers of any size.

/// Returns how Python's `json` module writes a number that it read.
pub fn python(digits: &str) -> String {
    if !digits.contains(['.', 'e', 'E']) {
        return if digits == "-0" { "0".to_owned() } else { digits.to_owned() };
    }
    match parts(digits) {
        Parts::Infinite { negative } => if negative { "-Infinity" } else { "Infinity" }.to_owned(),
        Parts::Finite(number) if (-4..16).contains(&number.exponent) => {
            let plain = number.plain();
            if plain.contains('.') { plain } else { plain + ".0" }
        }
        Parts::Finite(number) => {
            let sign = if number.exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", number.mantissa(), number.exponent.unsigned_abs())
        }
    }
}

/// Returns how JavaScript's `JSON.stringify` writes a number that `JSON.parse` read.
pub fn javascript(digits: &str) -> String {
    match parts(digits) {
        Parts::Infinite { .. } => "null".to_owned(),
        Parts::Finite(number) if number.digits == "0" => "0".to_owned(),
        Parts::Finite(number) if (-7..21).contains(&number.exponent) && number.exponent != -7 => number.plain(),
        Parts::Finite(number) => {
            let sign = if number.exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{}", number.mantissa(), number.exponent.unsigned_abs())
        }
    }
}

/// Tells whether a number has another value as a double than its digits say.
pub fn loses_value(digits: &str) -> bool {
    let value: f64 = digits.parse().unwrap_or(f64::INFINITY);
    if value.is_infinite() {
        return true;
    }
    let whole = !digits.contains(['.', 'e', 'E']);
    whole && digits.parse::<i128>().map_or(true, |exact| format!("{value:.0}") != exact.to_string() && exact != 0)
}

enum Parts {
    Finite(Number),
    Infinite { negative: bool },
}

/// The shortest digits that read back as the same double, and the power of ten of the first one.
struct Number {
    negative: bool,
    digits: String,
    exponent: i32,
}

fn parts(digits: &str) -> Parts {
    let value: f64 = digits.parse().unwrap_or(f64::INFINITY);
    if value.is_infinite() {
        return Parts::Infinite { negative: value < 0.0 };
    }
    let text = format!("{:e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.replace('.', "");
    Parts::Finite(Number { negative: value.is_sign_negative(), digits, exponent: exponent.parse().unwrap_or(0) })
}

impl Number {
    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// Writes it without an exponent.
    fn plain(&self) -> String {
        let (sign, digits) = (self.sign(), &self.digits);
        let Ok(before) = usize::try_from(self.exponent + 1) else {
            let zeros = "0".repeat(usize::try_from(-self.exponent - 1).unwrap_or(0));
            return format!("{sign}0.{zeros}{digits}");
        };
        match digits.get(before..) {
            _ if before == 0 => format!("{sign}0.{digits}"),
            Some(fraction) if !fraction.is_empty() => format!("{sign}{}.{fraction}", digits.get(..before).unwrap_or_default()),
            _ => format!("{sign}{digits}{}", "0".repeat(before - digits.len())),
        }
    }

    fn mantissa(&self) -> String {
        let (first, rest) = self.digits.split_at(1);
        if rest.is_empty() { format!("{}{first}", self.sign()) } else { format!("{}{first}.{rest}", self.sign()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Python 3.11 and Node 20 print them.
    const NUMBERS: [(&str, &str, &str); 20] = [
        ("1e5", "100000.0", "100000"),
        ("1e-7", "1e-07", "1e-7"),
        ("1.0", "1.0", "1"),
        ("1E400", "Infinity", "null"),
        ("-1E400", "-Infinity", "null"),
        ("-0", "0", "0"),
        ("-0.0", "-0.0", "0"),
        ("123456789012345678901234567890", "123456789012345678901234567890", "1.2345678901234568e+29"),
        ("1e16", "1e+16", "10000000000000000"),
        ("1e15", "1000000000000000.0", "1000000000000000"),
        ("0.1", "0.1", "0.1"),
        ("-1.5e300", "-1.5e+300", "-1.5e+300"),
        ("5e-324", "5e-324", "5e-324"),
        ("123456.789e3", "123456789.0", "123456789"),
        ("0.0001", "0.0001", "0.0001"),
        ("0.00001", "1e-05", "0.00001"),
        ("0.000001", "1e-06", "0.000001"),
        ("1e21", "1e+21", "1e+21"),
        ("1e20", "1e+20", "100000000000000000000"),
        ("9007199254740993", "9007199254740993", "9007199254740992"),
    ];

    #[test]
    fn numbers_are_printed_as_python_and_javascript_print_them() {
        for (written, by_python, by_javascript) in NUMBERS {
            assert_eq!((python(written).as_str(), javascript(written).as_str()), (by_python, by_javascript), "{written}");
        }
    }

    #[test]
    fn a_lost_value_is_told() {
        for (digits, lost) in
            [("9007199254740993", true), ("9007199254740992", false), ("-3", false), ("0", false), ("1e400", true), ("1.50", false)]
        {
            assert_eq!(loses_value(digits), lost, "{digits}");
        }
    }
}
