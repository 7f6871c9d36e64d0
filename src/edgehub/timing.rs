//! The product's own timers, and the same in quick motion for a world that people wait for. Order and outcome are equal in both; only
//! the waiting differs. Rules of wall-clock time, such as the life of a message, are not timers: they follow the [`Clock`](crate::base::Clock).

use std::time::Duration;

/// How fast the product's timers run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Timing {
    /// As in the product.
    Product,
    /// Fifty times as fast.
    #[default]
    Fast,
}

impl Timing {
    /// Returns a timer of the product as this timing runs it.
    pub fn of(self, product: Duration) -> Duration {
        match self {
            Self::Product => product,
            Self::Fast => product / 50,
        }
    }

    /// Returns the word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Fast => "fast",
        }
    }
}
