//! A fleet of a million devices: read as a stream, only what conditions read is kept, and a condition is answered for all devices at once.
//!
//! A [`Schema`] says which attributes conditions read; [`read()`] turns a file into a [`FleetIndex`] of one column an attribute: the code of
//! each device's value, and for each value the devices that have it. The commands count and match with the index.
//!
//! [`LiveFleet`] follows changes, and [`plan`] says who gets which device. No command calls these two yet: only tests and the benchmark do.

mod column;
mod count;
mod csv;
mod dictionary;
mod error;
mod ids;
mod index;
mod live;
mod one;
mod only;
mod part;
pub mod plan;
mod read;
mod saved;
mod scan;
mod schema;
mod select;

pub use column::Kinds;
pub use count::{ClauseCounts, Counts, clauses};
pub use error::FleetError;
pub use index::{Device, FleetIndex};
pub use live::{LiveFleet, Move, PatchError};
pub use one::one;
pub use read::{FleetFormat, MAX_LINE_BYTES, read};
pub use saved::Damaged;
pub use schema::{Schema, paths_of};
pub use select::Sets;

#[cfg(test)]
mod tests;
