//! The logs of a world's modules, read from their files: they can be read while the world runs and after it stopped.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::base::fs::{self, FsError};
use crate::base::text::sanitized;
use crate::base::{Cancel, CommandError, Exit, Result};
use crate::process::log_file::previous;
use crate::sim::world::WorldPaths;
use crate::sim::world::paths::file_name;

/// Time between two looks at the files.
const PAUSE: Duration = Duration::from_millis(200);

/// A line of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// `DEVICE/MODULE`, as their files are named.
    pub source: String,
    /// The line, fit for a terminal.
    pub text: String,
}

/// Whose logs are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSelection {
    device: Option<String>,
    module: Option<String>,
}

impl LogSelection {
    /// Reads `DEVICE`, `DEVICE/MODULE`, or nothing for all.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        let Some(text) = text else { return Ok(Self::default()) };
        let (device, module) = text.split_once('/').map_or((text, None), |(device, module)| (device, Some(module)));
        if device.is_empty() || module.is_some_and(|module| module.is_empty() || module.contains('/')) {
            let message = format!("`{text}` is no DEVICE or DEVICE/MODULE");
            return Err(CommandError::new(Exit::Usage, "sim/bad-source", message));
        }
        Ok(Self { device: Some(device.to_owned()), module: module.map(ToOwned::to_owned) })
    }

    fn takes(&self, device: &str, module: &str) -> bool {
        let fits = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| file_name(wanted) == name);
        fits(&self.device, device) && fits(&self.module, module)
    }
}

/// What is read.
pub struct LogOptions {
    /// Whose logs.
    pub selection: LogSelection,
    /// Last lines of each module.
    pub tail: usize,
}

/// Reads logs from where it stopped the last time.
pub struct LogReader {
    folder: PathBuf,
    selection: LogSelection,
    tail: usize,
    places: BTreeMap<PathBuf, Place>,
}

/// How far a file was read.
#[derive(Default)]
struct Place {
    offset: u64,
    /// A last line without its line break.
    rest: Vec<u8>,
}

/// Returns a reader of logs.
///
/// # Errors
/// When one module or device was named and it never wrote a log.
pub fn logs(paths: &WorldPaths, options: &LogOptions) -> Result<LogReader> {
    let reader = LogReader { folder: paths.logs(), selection: options.selection.clone(), tail: options.tail, places: BTreeMap::new() };
    if options.selection != LogSelection::default() && reader.files()?.is_empty() {
        let message = format!("there is no such log in the world `{}`", paths.name());
        return Err(
            CommandError::new(Exit::BadInput, "sim/no-log", message).hint("`edgectl sim status -o name` lists devices and modules.")
        );
    }
    Ok(reader)
}

impl LogReader {
    /// Returns the lines that came since the last call; the first call returns the last lines of each module.
    pub fn read(&mut self) -> Result<Vec<LogLine>> {
        let mut lines = Vec::new();
        for (source, path) in self.files()? {
            let texts = if let Some(place) = self.places.get_mut(&path) {
                place.read(&path)?
            } else {
                let mut place = Place::default();
                let mut texts = fs::read_if_any(&previous(&path))?.map(|bytes| split(&bytes)).unwrap_or_default();
                texts.extend(place.read(&path)?);
                self.places.insert(path, place);
                texts.split_off(texts.len().saturating_sub(self.tail))
            };
            lines.extend(texts.into_iter().map(|text| LogLine { source: source.clone(), text }));
        }
        Ok(lines)
    }

    /// Waits a little; false once cancelled.
    pub async fn wait(&self, cancel: &Cancel) -> bool {
        tokio::select! {
            () = cancel.cancelled() => false,
            () = tokio::time::sleep(PAUSE) => true,
        }
    }

    /// Returns the log files that are wanted, with their sources, sorted.
    fn files(&self) -> Result<BTreeMap<String, PathBuf>, FsError> {
        let mut files = BTreeMap::new();
        for device in fs::names_in(&self.folder)?.iter().filter(|name| self.folder.join(name).is_dir()) {
            for name in fs::names_in(&self.folder.join(device))? {
                let Some(module) = name.strip_suffix(".log") else { continue };
                if self.selection.takes(device, module) {
                    files.insert(format!("{device}/{module}"), self.folder.join(device).join(&name));
                }
            }
        }
        Ok(files)
    }
}

impl Place {
    fn read(&mut self, path: &Path) -> Result<Vec<String>, FsError> {
        let mut file = fs::open(path)?;
        let size = file.metadata().map_err(FsError::at("inspect", path))?.len();
        if size < self.offset {
            // The log was full and a new one began.
            self.offset = 0;
        }
        let mut bytes = std::mem::take(&mut self.rest);
        file.seek(SeekFrom::Start(self.offset)).map_err(FsError::at("read", path))?;
        self.offset += file.read_to_end(&mut bytes).map_err(FsError::at("read", path))? as u64;
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        self.rest = bytes.split_off(end);
        Ok(split(&bytes))
    }
}

fn split(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(sanitized).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[LogLine]) -> Vec<String> {
        lines.iter().map(|line| format!("{}={}", line.source, line.text)).collect()
    }

    #[test]
    fn reads_the_tail_then_what_comes_and_survives_a_new_file() {
        let state = tempfile::tempdir().expect("folder");
        let paths = WorldPaths::new(state.path(), "default".parse().expect("name"));
        let (a, b) = (paths.log("d", Some("a")), paths.log("d", Some("b")));
        fs::create_folder(a.parent().expect("parent")).expect("folder");
        fs::write(&previous(&a), b"0\n").expect("write");
        fs::write(&a, b"1\n2\n3\x1b[2J\npart").expect("write");
        fs::write(&b, b"x\n").expect("write");
        let options = LogOptions { selection: LogSelection::parse(Some("d")).expect("selection"), tail: 2 };
        let mut reader = logs(&paths, &options).expect("reader");
        assert_eq!(texts(&reader.read().expect("read")), ["d/a=2", "d/a=3[2J", "d/b=x"]);
        assert!(reader.read().expect("read").is_empty());
        fs::write(&a, b"1\n2\n3\x1b[2J\npartial\n").expect("write");
        assert_eq!(texts(&reader.read().expect("read")), ["d/a=partial"]);
        fs::write(&a, b"new\n").expect("write");
        assert_eq!(texts(&reader.read().expect("read")), ["d/a=new"]);
    }

    #[test]
    fn an_unknown_log_and_a_bad_name_are_refused() {
        let state = tempfile::tempdir().expect("folder");
        let paths = WorldPaths::new(state.path(), "default".parse().expect("name"));
        for bad in ["", "/m", "d/", "d/m/x"] {
            assert_eq!(LogSelection::parse(Some(bad)).expect_err(bad).kind, Exit::Usage);
        }
        let named = LogOptions { selection: LogSelection::parse(Some("d/m")).expect("selection"), tail: 1 };
        assert_eq!(logs(&paths, &named).map(drop).expect_err("none").kind, Exit::BadInput);
        assert!(logs(&paths, &LogOptions { selection: LogSelection::default(), tail: 1 }).expect("all").read().expect("read").is_empty());
    }
}
