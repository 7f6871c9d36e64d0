//! Our broker beside mosquitto: what is delivered from module to module and to `$upstream`, how long PUBACK takes, and what it costs.
//! Each broker runs in a process of its own, is fresh for each cell, and takes its turn cell by cell.
//!
//! Usage: edgehub [--quick] [--rounds N] | --backlog MESSAGES. Fails when a message is lost or out of order, never for being slow.

mod backlog;
mod load;
mod report;
mod servers;
mod sink;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use edgectl::base::fs;
use load::{Connected, Login, Phase, Published, Publisher, Subscribed, Track};
use report::{Cell, Measure, Results, Way};
use serde_json::{Value, json};
use servers::{DEVICE, PAIRS, Server, World};
use sink::{Hub, Sink};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Messages on their way to all receivers of a cell, at most.
const UNDER_WAY: u64 = 50_000;

const WARM_UP: Duration = Duration::from_millis(300);
const MEASURED: Duration = Duration::from_millis(1500);

/// How long what was sent may take to arrive once publishers have stopped.
const DRAIN_TIME: Duration = Duration::from_mins(2);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build()?;
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    runtime.block_on(async {
        match texts.as_slice() {
            ["broker", ..] => servers::serve(arguments.get(1..).unwrap_or_default()).await,
            ["--backlog", count] => backlog::run(count.parse()?).await,
            [] => compare(&CELLS, 3).await,
            ["--rounds", rounds] => compare(&CELLS, rounds.parse()?).await,
            ["--quick"] => compare(&[Cell { pairs: 10, window: 20 }], 1).await,
            _ => bail!("usage: edgehub [--quick] [--rounds N] | --backlog MESSAGES"),
        }
    })
}

const CELLS: [Cell; 6] = [
    Cell { pairs: 1, window: 1 },
    Cell { pairs: 1, window: 20 },
    Cell { pairs: 10, window: 1 },
    Cell { pairs: 10, window: 20 },
    Cell { pairs: 100, window: 1 },
    Cell { pairs: 100, window: 10 },
];

fn say(text: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes())?;
    Ok(output.flush()?)
}

fn machine_load() -> Result<String> {
    let text = fs::read_text(std::path::Path::new("/proc/loadavg"))?;
    Ok(text.split(' ').take(2).collect::<Vec<_>>().join(" and "))
}

/// Runs all cells, each way in its turn, and prints the medians.
async fn compare(cells: &[Cell], rounds: usize) -> Result<()> {
    let world = World::new()?;
    let mut results = Results::default();
    let before = machine_load()?;
    for round in 0..rounds {
        for cell in cells {
            for way in Way::ALL {
                let measure = run(&world, *cell, way).await.with_context(|| format!("{way:?}, {cell:?}"))?;
                results.add(*cell, way, measure);
            }
        }
        say(&format!("round {} of {rounds} is done; load of the machine over 1 and 5 minutes: {}\n", round + 1, machine_load()?))?;
    }
    say(&format!("\nload before the first round: {before}\n\n{}\n{}", results.table(cells), results.goals(cells)))
}

/// The receivers of a cell, and how each publisher logs in and what it publishes to.
struct Ends {
    server: Server,
    sink: Option<Sink>,
    tracks: Vec<Arc<Track>>,
    publishers: Vec<(Login, String)>,
    receivers: JoinSet<Result<()>>,
}

impl Ends {
    async fn open(world: &World, pairs: usize, way: Way) -> Result<Self> {
        let tracks: Vec<Arc<Track>> = (0..pairs).map(|_| Arc::default()).collect();
        let (server, sink) = match way {
            Way::Mosquitto => (world.mosquitto().await?, None),
            Way::ToModule(durability) => {
                let sink = Sink::start(0, &world.certificate, Arc::new(hub(&module_routes(pairs), &[]))).await?;
                (world.broker(durability, sink.port).await?, Some(sink))
            }
            Way::ToUpstream(durability) => {
                let sink = Sink::start(0, &world.certificate, Arc::new(hub(&upstream_routes(), &tracks))).await?;
                (world.broker(durability, sink.port).await?, Some(sink))
            }
        };
        let mut ends = Self { server, sink, tracks, publishers: Vec::new(), receivers: JoinSet::new() };
        for (pair, track) in ends.tracks.iter().enumerate() {
            let port = ends.server.port;
            let (login, topic) = match way {
                Way::Mosquitto => (world.anybody(port, &format!("p{pair}")), format!("bench/p{pair}")),
                _ => (world.module(port, &format!("p{pair}"))?, events_topic(pair)),
            };
            ends.publishers.push((login, topic));
            let receiver = match way {
                Way::Mosquitto => Some((world.anybody(port, &format!("s{pair}")), format!("bench/p{pair}"))),
                Way::ToModule(_) => Some((world.module(port, &format!("s{pair}"))?, format!("devices/{DEVICE}/modules/s{pair}/inputs/#"))),
                Way::ToUpstream(_) => None,
            };
            if let Some((login, filter)) = receiver {
                let subscribed = Subscribed::new(&login, &filter).await?;
                ends.receivers.spawn(subscribed.receive(Arc::clone(track)));
            }
        }
        Ok(ends)
    }

    fn delivered(&self) -> u64 {
        self.tracks.iter().map(|track| track.delivered()).sum()
    }

    /// Waits until everything arrived, and fails when something is missing, damaged or out of order.
    async fn settle(&mut self, sent: u64, within: Duration) -> Result<()> {
        let tracks = &self.tracks;
        let delivered = || tracks.iter().map(|track| track.delivered()).sum::<u64>();
        let arrived = async {
            while delivered() < sent && tracks.iter().all(|track| track.wrong() == 0) {
                sleep(Duration::from_millis(2)).await;
            }
        };
        let ended = tokio::select! {
            ended = timeout(within, arrived) => ended.is_ok(),
            Some(ended) = self.receivers.join_next() => return ended?.context("a receiver ended"),
        };
        let wrong: u64 = self.tracks.iter().map(|track| track.wrong()).sum();
        ensure!(wrong == 0, "{wrong} messages came out of order or damaged");
        ensure!(ended, "of {sent} messages {} did not arrive", sent - self.delivered());
        Ok(())
    }

    async fn close(self) -> Result<()> {
        self.server.stop().await?;
        match self.sink {
            Some(sink) => sink.stop().await,
            None => Ok(()),
        }
    }
}

fn events_topic(pair: usize) -> String {
    format!("devices/{DEVICE}/modules/p{pair}/messages/events/%24.on=out")
}

fn hub(routes: &Value, tracks: &[Arc<Track>]) -> Hub {
    let desired = json!({"schemaVersion": "1.1", "routes": routes, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}});
    let tracks = tracks.iter().enumerate().map(|(pair, track)| (format!("{DEVICE}/p{pair}"), Arc::clone(track)));
    Hub { desired, tracks: tracks.collect::<BTreeMap<_, _>>() }
}

fn module_routes(pairs: usize) -> Value {
    let route = |pair| format!("FROM /messages/modules/p{pair}/outputs/out INTO BrokeredEndpoint(\"/modules/s{pair}/inputs/in\")");
    Value::Object((0..pairs).map(|pair| (format!("r{pair}"), json!(route(pair)))).collect())
}

fn upstream_routes() -> Value {
    json!({"up": "FROM /messages/modules/* INTO $upstream"})
}

/// Runs one way in one cell.
async fn run(world: &World, cell: Cell, way: Way) -> Result<Measure> {
    ensure!(cell.pairs <= PAIRS, "there are {PAIRS} pairs of modules");
    let mut ends = Ends::open(world, cell.pairs, way).await?;
    let phase = Arc::new(Phase::default());
    let mut connected = Vec::new();
    for ((login, topic), track) in ends.publishers.iter().zip(&ends.tracks) {
        let under_way = UNDER_WAY / u64::try_from(cell.pairs)?;
        let (topic, track, phase) = (topic.clone(), Arc::clone(track), Arc::clone(&phase));
        let publisher = Publisher { topic, window: cell.window, under_way, limit: u64::MAX, track, phase };
        connected.push((Connected::new(login).await?, publisher));
    }
    let cost = ends.server.processor_seconds()?;
    let mut publishing: JoinSet<Result<Published>> = connected.into_iter().map(|(wire, publisher)| wire.publish(publisher)).collect();
    sleep(WARM_UP).await;
    phase.measure(true);
    let (before, began) = (ends.delivered(), Instant::now());
    sleep(MEASURED).await;
    let (after, seconds) = (ends.delivered(), began.elapsed().as_secs_f64());
    phase.measure(false);
    phase.stop();
    let (mut sent, mut waits) = (0, Vec::new());
    while let Some(published) = publishing.join_next().await {
        let published = published?.context("a publisher")?;
        sent += published.count;
        waits.extend(published.waits);
    }
    ends.settle(sent, DRAIN_TIME).await?;
    waits.sort_unstable();
    let measure = Measure {
        delivered: number(after - before) / seconds,
        half: quantile(&waits, 50),
        slow: quantile(&waits, 99),
        peak_mib: ends.server.peak_mib()?,
        micros: (ends.server.processor_seconds()? - cost) * 1e6 / number(sent.max(1)),
        duplicates: number(ends.tracks.iter().map(|track| track.duplicates()).sum()),
    };
    ends.close().await?;
    Ok(measure)
}

/// Returns how many milliseconds so many of a hundred waits took at most.
fn quantile(waits: &[u32], percent: usize) -> f64 {
    waits.get(waits.len() * percent / 100).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
}

fn number(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
