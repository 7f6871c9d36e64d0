//! `edgectl.yaml` and `module.yaml`: read, check, edit in place.

pub mod compat;
pub mod edit;
pub mod file;
pub mod module_file;
mod scan;
pub mod targets;

pub use file::{Deployment, Gates, Health, Module, Ring, Route, Setup, Solution, SystemModule, Trust};
pub use module_file::{Build, Interface, Language, ModuleFile, RestartPolicy, Run};
