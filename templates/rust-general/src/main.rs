//! An IoT Edge module. It shows each thing that a module can do; keep what you need.
//!
//! - Output `telemetry`: a count, every `intervalMs` (a desired property; the value in force is reported).
//! - Input `in`: what a route brings here goes to standard output.
//! - Method `reset`: answers the count and sets it back.

mod edge;

use std::time::Duration;

use edge::Event;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

/// Pause between two messages while the twin asks for none.
const DEFAULT_INTERVAL_MS: u64 = 1000;

/// Returns the pause that the desired properties ask for: whole milliseconds, at least 10.
fn interval_ms(desired: &Value) -> u64 {
    desired["intervalMs"]
        .as_u64()
        .unwrap_or(DEFAULT_INTERVAL_MS)
        .max(10)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> edge::Result<()> {
    // The agent stops a module by SIGTERM, and kills it when it does not end.
    tokio::select! {
        outcome = work() => outcome,
        outcome = edge::stopped() => outcome,
    }
}

async fn work() -> edge::Result<()> {
    let (module, mut events) = edge::connect()?;
    let mut ticks = ticker(DEFAULT_INTERVAL_MS);
    let mut count: u64 = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                count += 1;
                module.send("telemetry", &json!({ "count": count })).await?;
            }
            Some(event) = events.recv() => match event {
                Event::Desired(desired) => {
                    let pause = interval_ms(&desired);
                    ticks = ticker(pause);
                    module.report(&json!({ "intervalMs": pause })).await?;
                }
                Event::Input(message) if message.name == "in" => println!("{}", message.json()),
                Event::Input(message) => eprintln!("dropped a message: there is no input `{}`", message.name),
                Event::Method(call) if call.name == "reset" => call.answer(200, &json!({ "count": std::mem::take(&mut count) })),
                Event::Method(call) => call.answer(404, &json!({ "message": "the only method is `reset`" })),
            }
        }
    }
}

fn ticker(pause_ms: u64) -> tokio::time::Interval {
    let mut ticks = interval(Duration::from_millis(pause_ms));
    // After a time without a connection the missed messages are not made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twin_sets_the_pause() {
        assert_eq!(interval_ms(&json!({ "intervalMs": 200 })), 200);
        assert_eq!(interval_ms(&json!({})), DEFAULT_INTERVAL_MS);
    }
}
