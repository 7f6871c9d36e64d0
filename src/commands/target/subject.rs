//! What the commands of this noun share: the condition that is meant, its dialect, and files that may be stdin.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::base::{CommandError, Exit, Result, fs};
use crate::commands::Context;
use crate::ops::target_match::ring_condition;
use crate::solution::Solution;
use crate::target::{Condition, Dialect};

/// The condition that is meant.
#[derive(Debug, ClapArgs)]
#[group(id = "subject", required = true, multiple = false)]
pub struct Subject {
    /// Target condition
    #[arg(long, value_name = "CONDITION", allow_hyphen_values = true)]
    pub condition: Option<String>,
    /// Ring of the solution, whose target is the condition
    #[arg(long, value_name = "RING")]
    pub ring: Option<String>,
}

/// Which functions a condition may call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum DialectName {
    /// `is_defined` alone, as documented for twins
    #[default]
    Strict,
    /// Text and type functions too, which are documented for message routes only; rings stay strict
    Extended,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Strict => Self::Strict,
            DialectName::Extended => Self::Extended,
        }
    }
}

impl Subject {
    /// Returns the condition. That of a ring is always strict, since it goes to a hub.
    ///
    /// # Errors
    /// A condition that does not parse, or a ring that is not there.
    pub fn parse(&self, dialect: Dialect, context: &Context) -> Result<Condition> {
        match (&self.condition, &self.ring) {
            (Some(text), _) => Ok(Condition::parse_in(text, dialect)?),
            (None, Some(ring)) => ring_condition(&Solution::load(solution_file(context)?)?, ring),
            (None, None) => Err(CommandError::new(Exit::Usage, "usage/no-condition", "a condition or a ring is needed")),
        }
    }
}

/// Returns the solution file in force.
///
/// # Errors
/// When there is none.
pub fn solution_file(context: &Context) -> Result<&Path> {
    context.settings.solution_file.as_deref().ok_or_else(|| {
        let message = "a ring is looked up in edgectl.yaml, and there is none in this folder or above it";
        CommandError::new(Exit::BadInput, "solution/missing", message).hint("Name the solution's folder with -C DIR.")
    })
}

/// Opens a file of the command line, `-` for stdin, and returns how it is named in messages.
///
/// # Errors
/// A file that cannot be opened.
pub fn open(file: &Path, context: &Context) -> Result<(Box<dyn BufRead>, PathBuf)> {
    if file.as_os_str() == "-" {
        return Ok((Box::new(std::io::stdin().lock()), PathBuf::from("<stdin>")));
    }
    Ok((Box::new(BufReader::new(fs::open(&context.locate(file))?)), file.to_path_buf()))
}
