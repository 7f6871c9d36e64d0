//! Target conditions: which devices a deployment or a ring is for. The dialect is that of device twin queries in target conditions
//! (Microsoft Learn, IoT Edge automatic deployments, Target condition; IoT Hub query language).
//!
//! A text becomes tokens ([`token`]), a tree ([`parse`], [`expression`]), and a truth of three values over one twin ([`evaluate`]).

pub mod condition;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod expression;
pub mod fleet;
pub mod function;
pub mod lint;
pub mod parse;
pub mod token;
pub mod value;

#[cfg(test)]
mod tests;

pub use condition::{Condition, Dialect, is_edge_device};
pub use error::{ConditionError, Fault};
pub use evaluate::Truth;
pub use function::Function;
