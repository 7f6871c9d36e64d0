//! Why a supervisor could not start: kept in a file, so that the command that waits for it says it in the same words.

use serde::{Deserialize, Serialize};

use super::{WorldError, WorldPaths};
use crate::base::fs;
use crate::base::{CommandError, Exit};

/// An error as it climbs, in a form that survives its process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    exit_code: u8,
    /// Messages from the outermost to the root cause.
    chain: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    /// Keeps an error.
    pub fn save(error: &CommandError, paths: &WorldPaths) -> Result<(), WorldError> {
        let failure = Self { exit_code: error.kind.code(), chain: error.chain(), hints: error.hints.clone() };
        Ok(fs::write_json(&paths.failure(), &failure)?)
    }

    /// Returns the error that was kept, if any.
    pub fn load(paths: &WorldPaths) -> Result<Option<CommandError>, WorldError> {
        match fs::read_json::<Self>(&paths.failure()) {
            Ok(failure) => Ok(Some(failure.into_error())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn into_error(self) -> CommandError {
        let kind = Exit::ALL.into_iter().find(|kind| kind.code() == self.exit_code).unwrap_or(Exit::Failure);
        let mut causes = self.chain.into_iter().rev();
        let mut source = anyhow::Error::msg(causes.next().unwrap_or_else(|| "the supervisor failed".to_owned()));
        for message in causes {
            source = source.context(message);
        }
        CommandError { kind, code: "sim/not-started", hints: self.hints, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Context as _;

    #[test]
    fn an_error_survives_with_causes_hints_and_code() {
        let state = tempfile::tempdir().expect("folder");
        let paths = WorldPaths::new(state.path(), "default".parse().expect("name"));
        fs::create_private_folder(paths.root()).expect("folder");
        assert!(Failure::load(&paths).expect("none").is_none());
        let cause = CommandError::new(Exit::Unavailable, "x/y", "port taken").hint("Free it.");
        let error = Err::<(), _>(cause).context("cannot start").expect_err("failed");
        Failure::save(&error, &paths).expect("saved");
        let again = Failure::load(&paths).expect("reads").expect("there");
        assert_eq!((again.kind, again.chain(), again.hints), (Exit::Unavailable, error.chain(), error.hints));
    }
}
