//! One simulated edge device: its agent and what it runs.

pub mod desired;
pub mod plan;
pub mod restart;
