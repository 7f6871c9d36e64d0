//! Topics of the device protocol, in both directions: which template a topic follows, its property bag, and what a filter means.

pub mod bag;
pub mod filter;
pub mod inbound;
pub mod outbound;

#[cfg(test)]
mod tests;

pub use bag::{Bag, BagError};
pub use inbound::Inbound;
pub use outbound::Outward;
