//! A sensor: publishes a temperature on the output `telemetry`, again and again.
//!
//! The desired property `intervalMs` sets the pause between two messages; the pause in force is reported.

mod edge;

use std::time::Duration;

use edge::Event;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

/// Pause between two messages while the twin asks for none.
const DEFAULT_INTERVAL_MS: u64 = 500;

/// Middle of the temperature's wave, and how far it swings, in degrees.
const BASE: f64 = 20.0;
const SWING: f64 = 10.0;

/// Measurements in one wave.
const PERIOD: u32 = 12;

/// Returns the simulated temperature of a measurement, to a tenth of a degree.
fn temperature(step: u32) -> f64 {
    let angle = f64::from(step % PERIOD) / f64::from(PERIOD) * std::f64::consts::TAU;
    ((BASE + SWING * angle.sin()) * 10.0).round() / 10.0
}

/// Returns the pause that the desired properties ask for: whole milliseconds, at least 10.
fn interval_ms(desired: &Value) -> u64 {
    desired["intervalMs"]
        .as_u64()
        .unwrap_or(DEFAULT_INTERVAL_MS)
        .max(10)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> edge::Result<()> {
    tokio::select! {
        outcome = measure() => outcome,
        outcome = edge::stopped() => outcome,
    }
}

async fn measure() -> edge::Result<()> {
    let (module, mut events) = edge::connect()?;
    let mut ticks = ticker(DEFAULT_INTERVAL_MS);
    let mut step = 0_u32;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                module.send("telemetry", &json!({ "temperature": temperature(step) })).await?;
                step = (step + 1) % PERIOD;
            }
            Some(event) = events.recv() => match event {
                Event::Desired(desired) => {
                    let pause = interval_ms(&desired);
                    ticks = ticker(pause);
                    module.report(&json!({ "intervalMs": pause })).await?;
                }
                Event::Method(call) => call.answer(404, &json!({ "message": "a sensor has no methods" })),
                Event::Input(_) => {}
            }
        }
    }
}

fn ticker(pause_ms: u64) -> tokio::time::Interval {
    let mut ticks = interval(Duration::from_millis(pause_ms));
    // After a time without a connection the missed measurements are not made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_temperature_is_a_wave() {
        let wave = [0, 3, 6, 9, PERIOD].map(temperature);
        assert_eq!(wave, [BASE, BASE + SWING, BASE, BASE - SWING, BASE]);
    }

    #[test]
    fn the_twin_sets_the_pause() {
        assert_eq!(interval_ms(&json!({ "intervalMs": 200 })), 200);
        assert_eq!(interval_ms(&json!({ "intervalMs": 0 })), 10);
        assert_eq!(
            interval_ms(&json!({ "intervalMs": "soon" })),
            DEFAULT_INTERVAL_MS
        );
    }
}
