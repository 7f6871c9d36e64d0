//! A fleet for conditions to be judged on: from a file of any size, from a stream, or from a hub. The index of a large file is kept and taken
//! again while the file stays as it is.

use std::fs::File;
use std::io::{BufRead, Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use roaring::RoaringBitmap;
use serde_json::Value;

use super::fleet_cache::FleetCache;
use crate::base::text::{count, sanitized};
use crate::base::{CommandError, Event, Exit, Report, Result, digest::Digester, fs};
use crate::iothub::Client;
use crate::target::Condition;
use crate::target::fleet::{FleetError, FleetFormat, FleetIndex, Schema, one, read};

/// Where a fleet comes from.
pub enum FleetSource<'a> {
    /// A file; `name` is how messages call it.
    File {
        /// Where it lies.
        path: PathBuf,
        /// As the user wrote it.
        name: PathBuf,
    },
    /// A stream, such as stdin.
    Stream {
        /// Its bytes.
        stream: &'a mut dyn Read,
        /// How messages call it.
        name: PathBuf,
    },
    /// The devices of a hub.
    Hub(&'a Client),
}

/// How a fleet is read.
#[derive(Clone, Debug, Default)]
pub struct FleetOptions {
    /// Form of the file.
    pub format: FleetFormat,
    /// Whether devices that are not edge devices are left out.
    pub edge_only: bool,
    /// Folder for the indexes of large files; `None` keeps none.
    pub cache: Option<PathBuf>,
}

/// A fleet as conditions see it.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// What conditions read of each device.
    pub index: FleetIndex,
    /// The devices that count; all when `None`.
    pub among: Option<RoaringBitmap>,
}

impl Fleet {
    /// Returns the number of devices that count.
    pub fn total(&self) -> u64 {
        self.among.as_ref().map_or(self.index.len() as u64, RoaringBitmap::len)
    }

    /// Returns the index of the devices that count.
    pub fn counting(self) -> FleetIndex {
        match &self.among {
            Some(among) => self.index.only(among),
            None => self.index,
        }
    }

    /// Returns the devices that count and that a condition selects.
    pub fn select(&self, condition: &Condition) -> RoaringBitmap {
        let selected = self.index.sets(condition).yes;
        self.among.as_ref().map_or_else(|| selected.clone(), |among| &selected & among)
    }
}

/// Reads what some conditions need of a fleet.
///
/// # Errors
/// When the file does not read, or the hub does not answer; when only edge devices count and the file does not say which those are.
pub async fn load(source: FleetSource<'_>, conditions: &[Condition], options: &FleetOptions, report: &mut dyn Report) -> Result<Fleet> {
    // Any random number does: it only keeps a hostile fleet from being slow to read.
    let schema = Schema::of(conditions).seeded(uuid::Uuid::new_v4().as_u64_pair().1);
    let (index, name) = match source {
        FleetSource::Stream { stream, name } => (read_all(stream, &name, None, schema, options, report)?, name),
        FleetSource::File { path, name } => (from_file(&path, &name, schema, options, report, fs::open)?, name),
        FleetSource::Hub(hub) => (from_hub(hub, schema).await?, PathBuf::from("the hub")),
    };
    let edge = || index.edge().cloned().ok_or(FleetError::EdgeUnknown { file: name });
    let among = options.edge_only.then(edge).transpose()?;
    Ok(Fleet { index, among })
}

/// Finds the twin of one device in a fleet file of any form; `name` is how messages call the file.
///
/// # Errors
/// At a line before the device that is no device; when it is not there.
pub fn twin_of_device(file: impl BufRead, name: &Path, format: FleetFormat, device: &str) -> Result<Value> {
    one(file, name, format, device)?.ok_or_else(|| {
        let message = format!("there is no device `{}` in {}", sanitized(device), name.display());
        CommandError::new(Exit::BadInput, "fleet/unknown-device", message).hint("Ids of devices are case-sensitive.")
    })
}

/// Reads the twins of a hub, in the order of their ids.
async fn from_hub(hub: &Client, schema: Schema) -> Result<FleetIndex> {
    let mut twins = hub.query("SELECT * FROM devices").await?;
    twins.sort_by(|left, right| left.device_id().cmp(right.device_id()));
    let lines: String = twins.into_iter().map(|twin| format!("{}\n", twin.into_value())).collect();
    Ok(read(&mut Cursor::new(lines), Path::new("the hub"), FleetFormat::Twins, schema, &mut |_| {})?)
}

/// Reads a file, or takes its kept index. `open` opens it, for tests.
fn from_file(
    path: &Path,
    name: &Path,
    schema: Schema,
    options: &FleetOptions,
    report: &mut dyn Report,
    open: impl FnOnce(&Path) -> Result<File, fs::FsError>,
) -> Result<FleetIndex> {
    // Before the file is opened: another one that is put in its place, now or later, has another stamp in the end, as has this one when
    // it comes back, for a change of name counts as a change. Stamped after it was opened, the new file would pass for the one that is read.
    let before = fs::stamp(path)?;
    let mut file = open(path)?;
    let cache = options.cache.as_deref().and_then(|folder| FleetCache::of(folder, path, &before, options.format, &schema));
    let Some(cache) = cache else { return read_all(&mut file, name, Some(before.size), schema, options, report) };
    if let Some(index) = cache.load(&schema, report)? {
        return Ok(index);
    }
    let mut digesting = Digesting { source: file, digester: Digester::default() };
    let index = read_all(&mut digesting, name, Some(before.size), schema, options, report)?;
    // A file that changed while it was read has no digest that anything could be kept under.
    if fs::stamp(path)? == before {
        cache.save(&index, &digesting.digester.finish(), report);
    }
    Ok(index)
}

fn read_all(
    source: &mut dyn Read,
    name: &Path,
    size: Option<u64>,
    schema: Schema,
    options: &FleetOptions,
    report: &mut dyn Report,
) -> Result<FleetIndex> {
    let mut step = LongStep { name: format!("read {}", name.display()), begun: Instant::now(), shown: false, report };
    let index = read(source, name, options.format, schema, &mut |done| step.advance(done, size))?;
    if step.shown {
        step.report.finished(step.name, count(index.len(), "device"));
    }
    Ok(index)
}

/// A step that is shown once it takes long.
struct LongStep<'a> {
    name: String,
    begun: Instant,
    shown: bool,
    report: &'a mut dyn Report,
}

impl LongStep<'_> {
    fn advance(&mut self, done: u64, total: Option<u64>) {
        if !self.shown && self.begun.elapsed() > Duration::from_secs(1) {
            self.shown = true;
            self.report.started(self.name.clone());
        }
        if self.shown {
            self.report.report(Event::Advanced { step: self.name.clone(), done, total });
        }
    }
}

/// Digests what is read.
struct Digesting<R> {
    source: R,
    digester: Digester,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.digester.update(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::report::Silent;

    #[test]
    fn a_file_that_is_exchanged_while_it_is_opened_leaves_no_index() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other, cache) = (folder.path().join("fleet.jsonl"), folder.path().join("other"), folder.path().join("cache"));
        let options = FleetOptions { cache: Some(cache.clone()), ..FleetOptions::default() };
        let fleet = |id: char| format!("{{\"deviceId\":\"{id}\",\"note\":\"{}\"}}\n", "x".repeat(9 << 20));
        let kept = || fs::names_in(&cache).expect("a folder").iter().any(|name| name.contains(".fleet"));
        let exchange = || {
            fs::write(&other, fleet('b').as_bytes()).expect("written");
            fs::rename(&other, &path).expect("renamed");
        };
        for first in [false, true] {
            fs::write(&path, fleet('a').as_bytes()).expect("written");
            let open = |path: &Path| {
                if first {
                    exchange();
                }
                let file = fs::open(path);
                if !first {
                    exchange();
                }
                file
            };
            let index = from_file(&path, &path, Schema::of([]), &options, &mut Silent, open).expect("a fleet");
            assert_eq!((index.id(0), kept()), (if first { "b" } else { "a" }, false));
        }
        from_file(&path, &path, Schema::of([]), &options, &mut Silent, fs::open).expect("a fleet");
        assert!(kept());
    }
}
