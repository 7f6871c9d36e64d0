//! Messages that are stored while the hub is away, then sent: how fast, in how much memory, and whether the disk gets its space back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use edgectl::edgehub::Durability;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::load::{Connected, Phase, Published, Publisher, Track};
use crate::servers::World;
use crate::sink::{Hub, Sink};
use crate::{events_topic, hub, number, say, upstream_routes};

const SENDERS: usize = 10;
const WINDOW: usize = 20;

/// How long the broker may take to notice that the hub is back and send everything.
const DRAIN_TIME: Duration = Duration::from_mins(20);

/// Stores so many messages, drains them, and prints what it took.
pub async fn run(messages: u64) -> Result<()> {
    let each = messages.div_ceil(u64::try_from(SENDERS)?);
    let messages = each * u64::try_from(SENDERS)?;
    let world = World::new()?;
    let tracks: Vec<Arc<Track>> = (0..SENDERS).map(|_| Arc::default()).collect();
    let known: Arc<Hub> = Arc::new(hub(&upstream_routes(), &tracks));
    let sink = Sink::start(0, &world.certificate, Arc::clone(&known)).await?;
    let port = sink.port;
    let server = world.broker(Durability::Process, port).await?;
    sink.stop().await?;

    let (began, cost) = (Instant::now(), server.processor_seconds()?);
    let mut publishing: JoinSet<Result<Published>> = JoinSet::new();
    for (pair, track) in tracks.iter().enumerate() {
        let connected = Connected::new(&world.module(server.port, &format!("p{pair}"))?).await?;
        let (topic, track, phase) = (events_topic(pair), Arc::clone(track), Arc::new(Phase::default()));
        publishing.spawn(connected.publish(Publisher { topic, window: WINDOW, under_way: u64::MAX, limit: each, track, phase }));
    }
    let mut early = None;
    let mut sent = 0;
    while let Some(published) = publishing.join_next().await {
        sent += published?.context("a publisher")?.count;
        early = early.or(Some(server.memory_mib()?));
    }
    let stored = began.elapsed().as_secs_f64();
    ensure!(sent == messages, "{sent} of {messages} messages were taken");
    say(&format!(
        "stored    {messages} messages of 1 KiB in {stored:.1} s: {:.0}/s, {:.1} µs CPU each, {:.1} MiB of memory, peak {:.1}, {} MiB of disk\n",
        number(messages) / stored,
        (server.processor_seconds()? - cost) * 1e6 / number(messages),
        server.memory_mib()?,
        server.peak_mib()?,
        server.disk_bytes()? >> 20,
    ))?;
    drain(&world, &server, known, port, &tracks, messages).await
}

async fn drain(world: &World, server: &crate::Server, known: Arc<Hub>, port: u16, tracks: &[Arc<Track>], messages: u64) -> Result<()> {
    let delivered = || tracks.iter().map(|track| track.delivered()).sum::<u64>();
    let wrong = || tracks.iter().map(|track| track.wrong()).sum::<u64>();
    let (back, cost) = (Instant::now(), server.processor_seconds()?);
    let sink = Sink::start(port, &world.certificate, known).await?;
    let mut first = None;
    let mut most: f64 = 0.0;
    let arrived = async {
        while delivered() < messages && wrong() == 0 {
            if first.is_none() && delivered() > 0 {
                first = Some(Instant::now());
            }
            most = most.max(server.memory_mib()?);
            sleep(Duration::from_millis(5)).await;
        }
        anyhow::Ok(())
    };
    let ended = timeout(DRAIN_TIME, arrived).await;
    ensure!(wrong() == 0, "{} messages came out of order or damaged", wrong());
    ended.with_context(|| format!("{} of {messages} messages did not arrive", messages - delivered()))??;
    let first = first.unwrap_or(back);
    let seconds = first.elapsed().as_secs_f64();
    let given_back = async {
        // The last checkpoint follows the last acknowledgement.
        while server.disk_bytes().is_ok_and(|bytes| bytes > 32 << 20) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let freed = timeout(Duration::from_secs(10), given_back).await.is_ok();
    say(&format!(
        "drained   {messages} messages in {seconds:.1} s, begun {:.1} s after the hub was back: {:.0}/s, {:.1} µs CPU each, at most {most:.1} MiB of memory\n\
         disk      {} MiB are left{}; {} messages came more than once\n",
        (first - back).as_secs_f64(),
        number(messages) / seconds,
        (server.processor_seconds()? - cost) * 1e6 / number(messages),
        server.disk_bytes()? >> 20,
        if freed { "" } else { ", which is more than 32" },
        tracks.iter().map(|track| track.duplicates()).sum::<u64>(),
    ))?;
    sink.stop().await
}
