//! Builders: from a module's source to an image without a daemon.
//!
//! The Rust builder compiles a static binary with the user's own cargo; the assembler packs it with certificate authorities into
//! an image whose bytes depend on nothing but the source, the toolchain and one point in time.

pub mod assemble;
pub mod elf;
pub mod error;
pub mod rust;
pub mod time;
pub mod toolchain;

pub use assemble::{Assembled, Content, assemble};
pub use error::BuildError;
pub use rust::compile;
pub use toolchain::{Profile, Toolchain};
