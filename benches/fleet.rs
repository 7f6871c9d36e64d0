//! Our side of `benches/fleet.py`: reads a fleet, answers conditions, follows changes, and prints what each step took as one JSON object.
//!
//! Usage: fleet FLEET CONDITIONS [CHANGES]

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use edgectl::base::{CommandError, Exit, Result, fs};
use edgectl::target::fleet::plan::{Contender, assign, ties};
use edgectl::target::fleet::{FleetFormat, LiveFleet, Schema, read};
use edgectl::target::{Condition, Dialect};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [fleet, conditions, changes @ ..] = arguments.as_slice() else {
        let message = "usage: fleet FLEET CONDITIONS [CHANGES]";
        return Err(CommandError::new(Exit::Usage, "bench/usage", message));
    };
    let rows = rows(Path::new(conditions))?;
    let texts: Vec<&str> = rows.iter().filter_map(|row| row["condition"].as_str()).collect();
    let conditions = texts.iter().map(|text| Ok(Condition::parse_in(text, Dialect::Extended)?)).collect::<Result<Vec<Condition>>>()?;

    let started = Step::start()?;
    let mut file = fs::open(Path::new(fleet))?;
    let index = read(&mut file, Path::new(fleet), FleetFormat::Auto, Schema::of(&conditions), &mut |_| {})?;
    let ingest = started.end()?;

    let started = Step::start()?;
    let sets: Vec<_> = conditions.iter().map(|condition| index.sets(condition).yes).collect();
    let judging = started.end()?;
    let counts: Vec<u64> = sets.iter().map(roaring::RoaringBitmap::len).collect();

    let started = Step::start()?;
    let contenders: Vec<Contender<'_>> = rows
        .iter()
        .zip(sets)
        .map(|(row, devices)| Contender {
            id: row["id"].as_str().unwrap_or_default(),
            priority: row["priority"].as_i64().unwrap_or_default(),
            created: "",
            devices,
        })
        .collect();
    let assigned: u64 = assign(&contenders).iter().map(roaring::RoaringBitmap::len).sum();
    let tied = ties(&contenders).len();
    let assigning = started.end()?;

    let devices = index.len();
    let mut result = json!({
        "devices": devices, "attributes": index.schema().paths().len(), "ingest": ingest, "conditions": judging, "counts": counts,
        "assign": assigning, "assigned": assigned, "ties": tied,
    });
    if let [changes, ..] = changes {
        let changes = self::rows(Path::new(changes))?;
        let mut live = LiveFleet::new(index, conditions.clone());
        let started = Step::start()?;
        let mut moves = 0;
        for change in &changes {
            moves += live.patch(change["deviceId"].as_str().unwrap_or_default(), &change["patch"])?.len();
        }
        result["changes"] = started.end()?;
        result["changed"] = json!({ "patches": changes.len(), "moves": moves });
        result["countsAfter"] = (0..conditions.len()).map(|number| live.selected(number).len()).collect();
        let same = conditions.iter().enumerate().all(|(number, condition)| live.index().sets(condition).yes == *live.selected(number));
        result["changed"]["equalToFull"] = json!(same);
    }
    let failed = |error: std::io::Error| CommandError::new(Exit::Failure, "bench/output", error.to_string());
    writeln!(std::io::stdout(), "{result}").map_err(failed)
}

fn rows(path: &Path) -> Result<Vec<Value>> {
    let broken = |error: serde_json::Error| CommandError::new(Exit::BadInput, "bench/rows", format!("{}: {error}", path.display()));
    fs::read_text(path)?.lines().map(|line| serde_json::from_str(line).map_err(broken)).collect()
}

/// The processor time of one step, of all threads, and the wall time.
struct Step {
    wall: Instant,
    ticks: u64,
    own: u64,
}

impl Step {
    fn start() -> Result<Self> {
        Ok(Self { wall: Instant::now(), ticks: ticks()?, own: own_nanoseconds()? })
    }

    /// Returns CPU and wall seconds, and the peak of memory until now. A step without threads of its own is measured to the nanosecond, one
    /// with threads to the hundredth of a second.
    fn end(self) -> Result<Value> {
        let wall = self.wall.elapsed().as_secs_f64();
        let all = std::time::Duration::from_millis((ticks()? - self.ticks) * 10).as_secs_f64();
        let own = std::time::Duration::from_nanos(own_nanoseconds()? - self.own).as_secs_f64();
        let cpu = if all > own + 0.02 { all } else { own };
        Ok(json!({ "cpuSeconds": cpu, "wallSeconds": wall, "peakKib": peak_kib()? }))
    }
}

fn number(text: Option<&str>) -> Result<u64> {
    let missing = || CommandError::new(Exit::Failure, "bench/proc", "the system does not tell processor time and memory");
    text.and_then(|text| text.parse().ok()).ok_or_else(missing)
}

/// Returns hundredths of a second of user and system time of the process.
fn ticks() -> Result<u64> {
    let text = fs::read_text(Path::new("/proc/self/stat"))?;
    let mut fields = text.rsplit(") ").next().unwrap_or_default().split(' ').skip(11);
    Ok(number(fields.next())? + number(fields.next())?)
}

/// Returns nanoseconds of processor time of this thread.
fn own_nanoseconds() -> Result<u64> {
    number(fs::read_text(Path::new("/proc/thread-self/schedstat"))?.split(' ').next())
}

fn peak_kib() -> Result<u64> {
    let text = fs::read_text(Path::new("/proc/self/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    number(line.and_then(|line| line.split_whitespace().next()))
}
