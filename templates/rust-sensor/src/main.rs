//! A sensor: publishes a temperature on the output `telemetry`, again and again.
//!
//! The desired property `intervalMs` sets the pause between two messages; the pause in force is reported.

mod edge;

use std::time::Duration;

use edge::Event;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

/// Pause between two messages while the twin asks for none.
const DEFAULT_INTERVAL_MS: u64 = 1000;

/// The simulated temperature: it climbs from 15 to 35 degrees in 20 steps, and falls back as fast.
fn temperature(step: u64) -> u64 {
    let phase = step % 40;
    15 + phase.min(40 - phase)
}

/// Returns the pause that the desired properties ask for: whole milliseconds, at least 10.
fn interval_ms(desired: &Value) -> u64 {
    desired["intervalMs"].as_u64().unwrap_or(DEFAULT_INTERVAL_MS).max(10)
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
    let mut step = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                module.send("telemetry", &json!({ "temperature": temperature(step) })).await?;
                step += 1;
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
        let wave: Vec<u64> = [0, 1, 20, 21, 39, 40].map(temperature).to_vec();
        assert_eq!(wave, [15, 16, 35, 34, 16, 15]);
    }

    #[test]
    fn the_twin_sets_the_pause() {
        assert_eq!(interval_ms(&json!({ "intervalMs": 200 })), 200);
        assert_eq!(interval_ms(&json!({ "intervalMs": 0 })), 10);
        assert_eq!(interval_ms(&json!({ "intervalMs": "soon" })), DEFAULT_INTERVAL_MS);
    }
}
