//! What was measured, as a table, and beside the goals.

use std::fmt::Write as _;

use edgectl::edgehub::Durability;

/// Pairs of clients, and messages that may wait for PUBACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub pairs: usize,
    pub window: usize,
}

/// Which way messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Mosquitto,
    ToModule(Durability),
    ToUpstream(Durability),
}

impl Way {
    pub const ALL: [Self; 5] = [
        Self::Mosquitto,
        Self::ToModule(Durability::Process),
        Self::ToUpstream(Durability::Process),
        Self::ToModule(Durability::Fsync),
        Self::ToUpstream(Durability::Fsync),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Mosquitto => "mosquitto",
            Self::ToModule(Durability::Process) => "to a module",
            Self::ToUpstream(Durability::Process) => "to $upstream",
            Self::ToModule(Durability::Fsync) => "to a module, fsync",
            Self::ToUpstream(Durability::Fsync) => "to $upstream, fsync",
        }
    }
}

/// What one run of one way in one cell gave, or the medians of several.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Messages that arrived, by second.
    pub delivered: f64,
    /// PUBACK in milliseconds: half and 99 of 100 are not slower.
    pub half: f64,
    pub slow: f64,
    pub peak_mib: f64,
    /// Processor time of the broker by message, in microseconds.
    pub micros: f64,
    /// Messages that came more than once.
    pub duplicates: f64,
}

/// All runs.
#[derive(Default)]
pub struct Results(Vec<(Cell, Way, Measure)>);

impl Results {
    pub fn add(&mut self, cell: Cell, way: Way, measure: Measure) {
        self.0.push((cell, way, measure));
    }

    fn median(&self, cell: Cell, way: Way) -> Option<Measure> {
        let runs: Vec<&Measure> = self.0.iter().filter(|(of, by, _)| (*of, *by) == (cell, way)).map(|(_, _, measure)| measure).collect();
        let of = |field: fn(&Measure) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(|measure| field(measure)).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        Some(Measure {
            delivered: of(|measure| measure.delivered)?,
            half: of(|measure| measure.half)?,
            slow: of(|measure| measure.slow)?,
            peak_mib: of(|measure| measure.peak_mib)?,
            micros: of(|measure| measure.micros)?,
            duplicates: of(|measure| measure.duplicates)?,
        })
    }

    /// Draws the medians, with the rates beside mosquitto's of the same cell.
    pub fn table(&self, cells: &[Cell]) -> String {
        let mut text =
            "| pairs x window | way | delivered/s | of mosquitto's | PUBACK p50 / p99 ms | peak MiB | CPU µs a message | duplicates |\n"
                .to_owned();
        text.push_str("|---|---|---|---|---|---|---|---|\n");
        for cell in cells {
            let peer = self.median(*cell, Way::Mosquitto).map_or(f64::NAN, |measure| measure.delivered);
            for way in Way::ALL {
                let Some(Measure { delivered, half, slow, peak_mib, micros, duplicates }) = self.median(*cell, way) else { continue };
                let _infallible = writeln!(
                    text,
                    "| {} x {} | {} | {delivered:.0} | {:.2} | {half:.2} / {slow:.2} | {peak_mib:.0} | {micros:.1} | {duplicates:.0} |",
                    cell.pairs,
                    cell.window,
                    way.name(),
                    delivered / peer,
                );
            }
        }
        text
    }

    /// Tells of each goal whether it is met.
    pub fn goals(&self, cells: &[Cell]) -> String {
        let mut text = String::new();
        for durability in [Durability::Process, Durability::Fsync] {
            let (module, upstream) = (Way::ToModule(durability), Way::ToUpstream(durability));
            text.push_str(&self.rate(cells, module, 1.0, "from 10 pairs", |cell| cell.pairs >= 10));
            text.push_str(&self.rate(cells, upstream, 3.0, "with a window of 10 and more", |cell| cell.window >= 10));
            text.push_str(&self.flat(cells, module));
            text.push_str(&self.flat(cells, upstream));
        }
        text
    }

    fn rate(&self, cells: &[Cell], way: Way, goal: f64, when: &str, counts: impl Fn(&Cell) -> bool) -> String {
        let ratio = |cell: &Cell| Some(self.median(*cell, way)?.delivered / self.median(*cell, Way::Mosquitto)?.delivered);
        let ratios: Vec<f64> = cells.iter().filter(|cell| counts(cell)).filter_map(ratio).collect();
        let met = ratios.iter().filter(|ratio| **ratio >= goal).count();
        let told = if met == ratios.len() { "met" } else { "missed" };
        format!("{told}: {}, at least {goal} times mosquitto's delivery {when}: {met} of {} cells\n", way.name(), ratios.len())
    }

    fn flat(&self, cells: &[Cell], way: Way) -> String {
        let costs: Vec<f64> =
            cells.iter().filter(|cell| cell.window > 1).filter_map(|cell| Some(self.median(*cell, way)?.micros)).collect();
        let (least, most) = costs.iter().fold((f64::MAX, 0.0_f64), |(least, most), cost| (least.min(*cost), most.max(*cost)));
        let told = if most <= 2.0 * least { "met" } else { "missed" };
        format!("{told}: {}, cost of a message flat within 2 times over all numbers of clients: {least:.1} to {most:.1} µs\n", way.name())
    }
}
