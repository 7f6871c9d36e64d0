//! How an error climbs: an area's own enum answers [`Diagnose`], `?` turns it into a [`CommandError`], `lib::run` prints it.

use std::fmt;

use super::Exit;

/// What every area error answers, so that the printer needs no downcast.
pub trait Diagnose: std::error::Error + Send + Sync + 'static {
    /// Returns the outcome that the process ends with.
    fn kind(&self) -> Exit;

    /// Returns the stable kebab-case name, such as `release/gate-closed`.
    fn code(&self) -> &'static str;

    /// Returns what to do next, each as a full sentence.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An error on its way to the user: what happened, with outcome, code and hints.
pub struct CommandError {
    /// The outcome that the process ends with.
    pub kind: Exit,
    /// Stable kebab-case name.
    pub code: &'static str,
    /// What to do next, each a full sentence.
    pub hints: Vec<String>,
    /// The chain of causes, outermost first.
    pub source: anyhow::Error,
}

/// The result of everything above the areas.
pub type Result<T, E = CommandError> = std::result::Result<T, E>;

impl CommandError {
    /// Returns an error of this outcome and code with a message of its own.
    pub fn new(kind: Exit, code: &'static str, message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self { kind, code, hints: Vec::new(), source: anyhow::Error::msg(message) }
    }

    /// Adds a hint, a full sentence.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the messages from the outermost to the root cause.
    pub fn chain(&self) -> Vec<String> {
        self.source.chain().map(ToString::to_string).collect()
    }
}

impl<E: Diagnose> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self { kind: error.kind(), code: error.code(), hints: error.hints(), source: anyhow::Error::new(error) }
    }
}

impl fmt::Debug for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {:?}", self.code, self.source)
    }
}

/// Adds what was being done to an error, keeping outcome, code and hints.
pub trait Context<T> {
    /// Wraps the error in `message`, a lowercase fragment such as "cannot push the image".
    fn context(self, message: impl fmt::Display + Send + Sync + 'static) -> Result<T>;
}

impl<T, E: Into<CommandError>> Context<T> for std::result::Result<T, E> {
    fn context(self, message: impl fmt::Display + Send + Sync + 'static) -> Result<T> {
        self.map_err(|error| {
            let error = error.into();
            CommandError { source: error.source.context(message.to_string()), ..error }
        })
    }
}
