//! The service's way to write times.

use crate::base::Timestamp;

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
    fn times_have_seven_digits_and_read_again() {
        let time = Clock::fixed_at(1_664_405_531).expect("a time").now();
        assert_eq!(time_text(time), "2022-09-28T22:52:11.0000000Z");
        assert_eq!(time_text(time).parse::<Timestamp>().expect("a time"), time);
    }
}
