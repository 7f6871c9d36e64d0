//! What is wrong with a fleet: the place in its file, and what a fleet file looks like.

use std::path::{Path, PathBuf};

use crate::base::fs::FsError;
use crate::base::text::sanitized;
use crate::base::{Diagnose, Exit};

/// A fleet that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// A line or record that is no device.
    #[error("{}:{line}:{column}: {message}", file.display())]
    BadLine {
        /// The file.
        file: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The column in that line, in bytes, from 1.
        column: usize,
        /// What is wrong, a lowercase fragment.
        message: String,
        /// What to do about it, a full sentence.
        hint: Option<&'static str>,
    },
    /// Two records of one device.
    #[error("{}: the device `{device}` is there twice", file.display())]
    DuplicateDevice {
        /// The file.
        file: PathBuf,
        /// The device.
        device: String,
    },
    /// More devices or longer ids than an index can number.
    #[error("{}: more devices than an index holds", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// Only edge devices are asked for, and the file does not say which those are.
    #[error("{}: the file does not say which devices are edge devices", file.display())]
    EdgeUnknown {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FsError),
}

/// What a line of JSON holds, for hints.
pub(super) const JSON_HINT: &str = "A fleet file holds one twin a line: {\"deviceId\": …, \"tags\": {…}, \"properties\": {\"reported\": {…}}}; or it is the devices.txt of an export, or CSV.";

/// A fault inside a record, before file and line are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Lines before it in what was read, from 0.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

impl Fault {
    /// Returns a fault of a line of JSON.
    pub fn json(line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { line, column, message: message.into(), hint: Some(JSON_HINT) }
    }

    /// Returns a fault of CSV.
    pub fn csv(line: usize, column: usize, message: impl Into<String>, hint: Option<&'static str>) -> Self {
        Self { line, column, message: message.into(), hint }
    }

    /// Returns the error, with `lines` lines before what was read.
    pub fn in_file(self, file: &Path, lines: usize) -> FleetError {
        let Self { line, column, message, hint } = self;
        FleetError::BadLine { file: file.to_path_buf(), line: lines + line + 1, column, message: sanitized(&message), hint }
    }
}

impl Diagnose for FleetError {
    fn kind(&self) -> Exit {
        match self {
            Self::File(error) => error.kind(),
            _ => Exit::BadInput,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BadLine { .. } => "fleet/bad-line",
            Self::DuplicateDevice { .. } => "fleet/duplicate-device",
            Self::TooLarge { .. } => "fleet/too-large",
            Self::EdgeUnknown { .. } => "fleet/edge-unknown",
            Self::File(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::BadLine { hint, .. } => hint.iter().map(|hint| (*hint).to_owned()).collect(),
            Self::DuplicateDevice { .. } => vec!["Each device of a fleet has one record; keep the newest.".to_owned()],
            Self::TooLarge { .. } => vec!["Split the fleet: a hub holds at most a million devices.".to_owned()],
            Self::EdgeUnknown { .. } => vec!["Add a column capabilities.iotEdge, or leave --edge-only out.".to_owned()],
            Self::File(error) => error.hints(),
        }
    }
}
