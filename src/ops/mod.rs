//! Use cases, one a file: the only place where two areas meet. They return values and send events; they never see clap and never
//! print.

pub mod coordinate;
pub mod doctor;
pub mod image_push;
pub mod image_sign;
pub mod image_verify;
pub mod key_generate;
pub mod module_add;
pub mod quickstart;
pub mod solution_new;
