//! The route language of the device's broker: which messages go where.
//!
//! It follows the broker of Azure IoT Edge 1.5 to the letter, its surprises included: text becomes tokens ([`token`]), a tree
//! ([`parse`], [`syntax`]), a program with static types ([`compile`]), and a truth of three values over a message ([`evaluate`]),
//! which can be explained part by part ([`explain`]). The document that routes stand in is read by [`document`].

pub mod body;
pub mod case;
pub mod compile;
pub mod document;
pub mod endpoint;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod function;
pub mod lint;
pub mod number;
pub mod parse;
pub mod print;
pub mod set;
pub mod syntax;
pub mod token;
pub mod value;

#[cfg(test)]
mod tests;

pub use document::{DocumentError, HubDocument};
pub use endpoint::{Endpoint, message_source};
pub use error::{RouteError, Stage};
pub use set::{DEFAULT_PRIORITY, Delivery, Route, RouteSet};
pub use value::Truth;
