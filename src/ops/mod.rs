//! Use cases, one a file: the only place where two areas meet. They return values and send events; they never see clap and never
//! print.

pub mod coordinate;
pub mod image_build;
pub mod image_inspect;
pub mod image_list;
pub mod image_load;
pub mod doctor;
pub mod module_add;
pub mod quickstart;
pub mod solution_new;
