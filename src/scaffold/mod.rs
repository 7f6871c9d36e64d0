//! Embedded templates to files: what `new` and `module add` write. Nothing is fetched; a template is part of the program, carries a
//! version, and the lock file of a module template names only crates that our own lock file names too.

pub mod folder;
pub mod render;
pub mod template;

pub use folder::Staged;
pub use render::{RenderedFile, render_module, render_solution};
pub use template::{MODULE_TEMPLATES, SOLUTION_TEMPLATE, Template, TemplateError};
