//! `edgectl target test`: runs a truth table of conditions.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::subject::{DialectName, open};
use crate::base::Result;
use crate::commands::{Context, table_test};
use crate::ops::target_test;

/// Run a truth table of target conditions
///
/// A table has one JSON object a line: `condition`, `device` (a twin), and, when something is expected, `expect`: true (the device is selected), false (it is not) or "error" (the
/// condition does not parse). `id` names the row, `dialect` ("strict" or "extended") goes before --dialect, and a row whose `confidence` is "low" only warns when it differs. Other
/// members are for people; an `expect` that is null expects nothing. The kind of an error is "parse", which a row may expect as `errorKind`. With -o json every row answers with one
/// line: `id`, `actual`, `expect`, `ok`, `detail`, and `errorKind` of an error. Exit code 10 when a row differs, 3 when a line is no row.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl target test --table rings.jsonl
  edgectl target test --table - -o json < rings.jsonl")]
pub struct Args {
    /// Table with one JSON object a line, - for stdin
    #[arg(long, value_name = "FILE")]
    table: PathBuf,
    /// Dialect of the rows that name none
    #[arg(long, value_name = "DIALECT", value_enum, default_value_t)]
    dialect: DialectName,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let (table, name) = open(&args.table, context)?;
    table_test::print(&target_test::run(table, &name, args.dialect.into())?, context)
}
