//! A filter: passes messages of the input `in` whose temperature is above a threshold to the output `alert`.
//!
//! The desired property `threshold` sets the threshold; the one in force is reported. The method `reset` answers how many messages
//! passed and starts to count anew.

mod edge;

use edge::Event;
use serde_json::{Value, json};

/// Threshold in degrees while the twin asks for none.
const DEFAULT_THRESHOLD: f64 = 25.0;

/// What the filter knows.
struct Filter {
    threshold: f64,
    passed: u64,
}

impl Filter {
    /// Tells whether a message passes, and counts it.
    fn passes(&mut self, message: &Value) -> bool {
        let passes = message["temperature"]
            .as_f64()
            .is_some_and(|temperature| temperature > self.threshold);
        self.passed += u64::from(passes);
        passes
    }

    /// Takes the threshold from the desired properties and returns what to report.
    fn adopt(&mut self, desired: &Value) -> Value {
        let threshold = desired
            .get("threshold")
            .filter(|threshold| threshold.is_number());
        self.threshold = threshold
            .and_then(Value::as_f64)
            .unwrap_or(DEFAULT_THRESHOLD);
        json!({ "threshold": threshold.cloned().unwrap_or(json!(DEFAULT_THRESHOLD)) })
    }

    /// Starts to count anew and returns how many messages passed.
    fn reset(&mut self) -> Value {
        json!({ "passed": std::mem::take(&mut self.passed) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> edge::Result<()> {
    tokio::select! {
        outcome = watch() => outcome,
        outcome = edge::stopped() => outcome,
    }
}

async fn watch() -> edge::Result<()> {
    let (module, mut events) = edge::connect()?;
    let mut filter = Filter {
        threshold: DEFAULT_THRESHOLD,
        passed: 0,
    };
    while let Some(event) = events.recv().await {
        match event {
            Event::Desired(desired) => module.report(&filter.adopt(&desired)).await?,
            Event::Input(message) if message.name == "in" => {
                let body = message.json();
                if filter.passes(&body) {
                    // The message is acknowledged after this, when it goes out of scope: an alert is never lost.
                    module.send("alert", &body).await?;
                }
            }
            Event::Input(message) => {
                eprintln!("dropped a message: there is no input `{}`", message.name)
            }
            Event::Method(call) if call.name == "reset" => call.answer(200, &filter.reset()),
            Event::Method(call) => {
                call.answer(404, &json!({ "message": "the only method is `reset`" }))
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_above_the_threshold_passes() {
        let mut filter = Filter {
            threshold: 0.0,
            passed: 0,
        };
        assert_eq!(
            filter.adopt(&json!({ "threshold": 20, "$version": 3 })),
            json!({ "threshold": 20 })
        );
        assert!(filter.passes(&json!({ "temperature": 20.5 })));
        assert!(!filter.passes(&json!({ "temperature": 20 })));
        assert!(!filter.passes(&json!({ "humidity": 90 })));
        assert_eq!(filter.reset(), json!({ "passed": 1 }));
        assert_eq!(filter.reset(), json!({ "passed": 0 }));
    }

    #[test]
    fn a_twin_without_a_threshold_means_the_default() {
        let mut filter = Filter {
            threshold: 0.0,
            passed: 0,
        };
        assert_eq!(
            filter.adopt(&json!({ "threshold": "high" })),
            json!({ "threshold": DEFAULT_THRESHOLD })
        );
    }
}
