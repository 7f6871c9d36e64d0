//! Solutions of others: `deployment.template.json`, `module.json` and `.env` as iotedgedev 3.3.9 and the Visual Studio Code extension
//! 1.25.11 write and read them. Their syntax is read here, values in and values out; what a template becomes is
//! [`crate::manifest::template`]'s.
//!
//! Nothing of such a solution is rewritten.

pub mod dotenv;
pub mod expand;
pub mod module_json;
pub mod placeholder;
pub mod variables;

pub use expand::Expanded;
pub use module_json::ModuleJson;
pub use variables::{Origin, Variable, Variables};
