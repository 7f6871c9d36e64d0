//! Settings: flag, then `EDGECTL_*`, then project file, then user file, then default; each value knows its origin.
//!
//! Below this room nobody reads the environment.

pub mod env;
pub mod settings;

pub use settings::{Origin, Setting, Settings, SettingsError};
