//! The printer: the only place that writes to stdout and stderr.

use std::io::{self, IsTerminal as _, Write as _};

use super::document::{self, Format, Render};
use super::findings;
use super::progress::Progress;
use crate::base::text::sanitized;
use crate::base::{CommandError, Exit, Finding};

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only (`-q`).
    Quiet,
    /// Status, warnings, hints.
    #[default]
    Default,
    /// Also what outside programs say (`-v`).
    Verbose,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How progress is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ProgressMode {
    /// Bars on a terminal, plain lines elsewhere.
    #[default]
    Auto,
    /// One line at the start and one at the end of a step.
    Plain,
    /// Nothing.
    None,
}

/// Form of everything on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line, the final error too.
    Json,
}

/// Whose annotations accompany warnings and errors on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Ci {
    /// What the environment names.
    #[default]
    Auto,
    /// GitHub Actions workflow commands.
    Github,
    /// Azure Pipelines logging commands.
    Azure,
    /// No annotations.
    None,
}

/// What the global flags and the environment decided about printing.
#[derive(Clone, Debug, Default)]
pub struct PrinterOptions {
    /// Form of results on stdout.
    pub format: Format,
    /// File that takes the result in place of stdout.
    pub out: Option<std::path::PathBuf>,
    /// How much is said on stderr.
    pub verbosity: Verbosity,
    /// Whether stderr is coloured (already decided).
    pub colored: bool,
    /// How progress is drawn.
    pub progress: ProgressMode,
    /// Form of stderr.
    pub log_format: LogFormat,
    /// Annotations (already decided, never `Auto`).
    pub ci: Ci,
}

/// Writes results to stdout and everything else to stderr.
pub struct Printer {
    options: PrinterOptions,
    stdout_closed: bool,
}

impl Printer {
    /// Returns a printer with these options.
    pub fn new(options: PrinterOptions) -> Self {
        Self { options, stdout_closed: false }
    }

    /// Returns the options in force.
    pub fn options(&self) -> &PrinterOptions {
        &self.options
    }

    /// Tells whether the reader of stdout went away, so that a stream can end early.
    pub fn stdout_closed(&self) -> bool {
        self.stdout_closed
    }

    /// Prints a result once, in the chosen format, to stdout or to the file of `--out`.
    pub fn result(&mut self, result: &impl Render) -> Result<(), CommandError> {
        let text = document::draw(result, self.options.format)?;
        for finding in result.findings().unwrap_or_default() {
            annotate_finding(self.options.ci, finding);
        }
        self.text(&text)
    }

    /// Writes the text of a result to stdout or to the file of `--out`.
    pub fn text(&mut self, text: &str) -> Result<(), CommandError> {
        match &self.options.out {
            Some(path) if path.as_os_str() != "-" => Ok(crate::base::fs::write(path, text.as_bytes())?),
            _ => self.write(text),
        }
    }

    /// Writes text to stdout as it is; a closed pipe is remembered, not an error.
    pub fn write(&mut self, text: &str) -> Result<(), CommandError> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.stdout_closed = true;
                Ok(())
            }
            Err(error) => Err(CommandError::new(Exit::Failure, "output/failed", format!("cannot write to stdout: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Returns what draws the events of long work.
    pub fn progress(&self) -> Progress {
        Progress::new(&self.options, io::stderr().is_terminal())
    }

    /// Prints a status line on stderr.
    pub fn status(&self, text: &str) {
        self.progress().line("status", None, text);
    }

    /// Writes a question to stderr, without a line break. It shows at every verbosity, since an answer is awaited.
    pub fn question(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        // A closed stderr cannot be reported anywhere.
        let _unreportable = write!(stderr, "{}", sanitized(text)).and_then(|()| stderr.flush());
    }

    /// Ends the line of a question whose answer was not shown.
    pub fn line_break(&self) {
        to_stderr("");
    }

    /// Prints an error with its causes and hints on stderr.
    pub fn error(&self, error: &CommandError) {
        super::error::print(error, &self.options);
    }
}

/// Writes a line to stderr; a closed or full stderr cannot be reported anywhere and is let go.
pub(super) fn to_stderr(line: &str) {
    let _unreportable = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a workflow annotation of the CI system to stderr, with all that could end or forge it escaped.
pub(super) fn annotate(ci: Ci, level: &str, text: &str) {
    let text = sanitized(&text.replace('\n', " "));
    match ci {
        Ci::Github => to_stderr(&format!("::{level}::{}", text.replace('%', "%25"))),
        Ci::Azure => to_stderr(&format!("##vso[task.logissue type={level}]{}", azure_escaped(&text))),
        Ci::Auto | Ci::None => {}
    }
}

/// Annotates the line that a finding stands in. Notes are no annotations: Azure has none, and they would bury the rest.
fn annotate_finding(ci: Ci, finding: &Finding) {
    let level = findings::word(finding.severity);
    let text = format!("{} [{}]", sanitized(&finding.message.replace('\n', " ")), finding.code);
    let (Some(file), Some(place)) = (&finding.file, finding.place) else { return annotate(ci, level, &text) };
    let file = sanitized(&file.display().to_string());
    match (ci, level) {
        (Ci::Auto | Ci::None, _) | (_, "note") => {}
        (Ci::Github, _) => {
            let file = file.replace('%', "%25").replace(':', "%3A").replace(',', "%2C");
            to_stderr(&format!("::{level} file={file},line={},col={}::{}", place.line, place.column, text.replace('%', "%25")));
        }
        (Ci::Azure, _) => {
            let place = format!("sourcepath={};linenumber={};columnnumber={}", azure_escaped(&file), place.line, place.column);
            to_stderr(&format!("##vso[task.logissue type={level};{place}]{}", azure_escaped(&text)));
        }
    }
}

fn azure_escaped(text: &str) -> String {
    text.replace('%', "%AZP25").replace(';', "%3B").replace(']', "%5D")
}
