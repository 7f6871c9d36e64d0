use std::collections::BTreeMap;

use bytes::Bytes;

use super::*;
use crate::model::{Identity, Message};

fn entry(number: usize) -> Entry {
    let mut message = Message { body: Bytes::from(format!("body {number}")), ..Message::default() };
    message.properties = BTreeMap::from([("k".into(), Some("ü".into())), ("alone".into(), None)]);
    message.system_properties.insert("messageId".into(), number.to_string());
    Entry { sender: Identity::module("d", "m"), message, expires_millis: number.is_multiple_of(2).then_some(7) }
}

fn name() -> QueueName {
    QueueName { endpoint: "m_1/in put".into(), priority: 3 }
}

async fn store(spool: &Spool, numbers: std::ops::Range<usize>) {
    for number in numbers {
        spool.store(vec![(name(), entry(number))]).await.expect("stored");
    }
}

fn read_all(reader: &mut Reader) -> Vec<Stored> {
    std::iter::from_fn(|| reader.read().expect("read")).collect()
}

fn segments(folder: &Path) -> Vec<String> {
    let names = fs::names_in(&folder.join(name().folder())).expect("names");
    names.into_iter().filter(|name| name != "checkpoint").collect()
}

#[tokio::test]
async fn what_was_stored_is_read_in_order_after_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = Spool::open_with(folder.path(), 300).expect("open");
    store(&spool, 0..10).await;
    let queue = spool.queue(&name()).expect("queue");
    let mut reader = queue.reader();
    reader.ready().await;
    let found = read_all(&mut reader);
    assert_eq!(found.iter().map(|stored| stored.entry.clone()).collect::<Vec<_>>(), (0..10).map(entry).collect::<Vec<_>>());
    queue.consumed(4).expect("checkpoint");
    drop((spool, queue, reader));

    let spool = Spool::open_with(folder.path(), 300).expect("open");
    assert_eq!(spool.names(), [name()]);
    store(&spool, 10..12).await;
    let queue = spool.queue(&name()).expect("queue");
    assert_eq!(queue.len(), 8);
    let offsets: Vec<u64> = read_all(&mut queue.reader()).iter().map(|stored| stored.offset).collect();
    assert_eq!(offsets, (4..12).collect::<Vec<_>>());
}

#[tokio::test]
async fn consumed_segments_give_their_space_back() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = Spool::open_with(folder.path(), 300).expect("open");
    store(&spool, 0..20).await;
    let before = segments(folder.path());
    assert!(before.len() > 4, "{before:?}");
    let queue = spool.queue(&name()).expect("queue");
    queue.consumed(20).expect("checkpoint");
    assert_eq!(segments(folder.path()).len(), 1);
    assert!(queue.is_empty());
    store(&spool, 20..21).await;
    assert_eq!(queue.reader().read().expect("read").expect("one").offset, 20);
}

#[tokio::test]
async fn a_last_record_cut_at_any_byte_is_cut_off_and_nothing_else() {
    let folder = tempfile::tempdir().expect("folder");
    store(&Spool::open(folder.path()).expect("open"), 0..3).await;
    let path = folder.path().join(name().folder()).join(format!("{:020}.log", 0));
    let whole = fs::read(&path).expect("segment");
    let last = record::encode(2, &entry(2)).expect("record").len();
    for cut in (whole.len() - last)..whole.len() {
        fs::write(&path, whole.get(..cut).expect("within")).expect("cut");
        let spool = Spool::open(folder.path()).expect("open");
        let queue = spool.queue(&name()).expect("queue");
        assert_eq!(read_all(&mut queue.reader()).len(), 2, "cut at {cut}");
        store(&spool, 7..8).await;
        let bodies: Vec<_> = read_all(&mut queue.reader()).into_iter().map(|stored| (stored.offset, stored.entry.message.body)).collect();
        assert_eq!(bodies.last(), Some(&(2, Bytes::from_static(b"body 7"))), "cut at {cut}");
    }
}

#[tokio::test]
async fn a_changed_byte_is_found_by_its_checksum() {
    let folder = tempfile::tempdir().expect("folder");
    store(&Spool::open(folder.path()).expect("open"), 0..2).await;
    let path = folder.path().join(name().folder()).join(format!("{:020}.log", 0));
    let whole = fs::read(&path).expect("segment");
    let first = record::encode(0, &entry(0)).expect("record").len();
    for place in first..whole.len() {
        let mut bytes = whole.clone();
        *bytes.get_mut(place).expect("within") ^= 0x40;
        fs::write(&path, &bytes).expect("change");
        let spool = Spool::open(folder.path()).expect("open");
        assert_eq!(read_all(&mut spool.queue(&name()).expect("queue").reader()).len(), 1, "byte {place}");
    }
}

#[tokio::test]
async fn a_torn_checkpoint_falls_back_to_the_older_one() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = Spool::open(folder.path()).expect("open");
    store(&spool, 0..5).await;
    let queue = spool.queue(&name()).expect("queue");
    queue.consumed(2).expect("checkpoint");
    queue.consumed(4).expect("checkpoint");
    drop((spool, queue));
    let path = folder.path().join(name().folder()).join("checkpoint");
    let whole = fs::read(&path).expect("checkpoint");
    let mut torn = whole.clone();
    let newest = torn.iter().position(|byte| *byte == 4).expect("the newest slot");
    *torn.get_mut(newest).expect("within") = 5;
    fs::write(&path, &torn).expect("tear");
    let spool = Spool::open(folder.path()).expect("open");
    assert_eq!(spool.queue(&name()).expect("queue").len(), 3);
}

#[tokio::test]
async fn many_writers_share_the_disk_and_keep_their_order() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = Spool::open(folder.path()).expect("open");
    let stores = (0..300)
        .map(|number| spool.store(vec![(name(), entry(number)), (QueueName { endpoint: "up".into(), priority: 0 }, entry(number))]));
    for stored in futures_util::future::join_all(stores).await {
        stored.expect("stored");
    }
    for name in spool.names() {
        let found = read_all(&mut spool.queue(&name).expect("queue").reader());
        assert!(found.iter().enumerate().all(|(number, stored)| stored.entry == entry(number)), "{name:?}");
        assert_eq!(found.len(), 300);
    }
}

#[tokio::test]
async fn a_checkpoint_older_than_the_first_segment_begins_there() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = Spool::open_with(folder.path(), 300).expect("open");
    store(&spool, 0..20).await;
    let queue = spool.queue(&name()).expect("queue");
    let checkpoint = folder.path().join(name().folder()).join("checkpoint");
    queue.consumed(1).expect("checkpoint");
    let older = fs::read(&checkpoint).expect("checkpoint");
    queue.consumed(15).expect("checkpoint");
    drop((spool, queue));
    fs::write(&checkpoint, &older).expect("the power was lost");

    let first: u64 = segments(folder.path()).first().and_then(|name| name.strip_suffix(".log")?.parse().ok()).expect("segment");
    assert!((2..=15).contains(&first), "{first}");
    let spool = Spool::open_with(folder.path(), 300).expect("open");
    let queue = spool.queue(&name()).expect("queue");
    assert_eq!(queue.len(), 20 - first);
    let offsets: Vec<u64> = read_all(&mut queue.reader()).iter().map(|stored| stored.offset).collect();
    assert_eq!(offsets, (first..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_stored_after_damage_was_found_is_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = Spool::open(folder.path()).expect("open");
    store(&spool, 0..3).await;
    let path = folder.path().join(name().folder()).join(format!("{:020}.log", 0));
    let mut bytes = fs::read(&path).expect("segment");
    let first = record::encode(0, &entry(0)).expect("record").len();
    *bytes.get_mut(first + 20).expect("within") ^= 0x40;
    fs::write(&path, &bytes).expect("change");
    let offsets = |reader: &mut Reader| read_all(reader).iter().map(|stored| stored.offset).collect::<Vec<_>>();
    let queue = spool.queue(&name()).expect("queue");
    let mut reader = queue.reader();
    assert_eq!(offsets(&mut reader), [0]);
    store(&spool, 3..5).await;
    assert_eq!(offsets(&mut reader), [3, 4]);
    assert_eq!(offsets(&mut queue.reader()), [0, 3, 4], "another reader");
    queue.consumed(1).expect("checkpoint");
    drop((spool, queue, reader));
    let spool = Spool::open(folder.path()).expect("open");
    assert_eq!(offsets(&mut spool.queue(&name()).expect("queue").reader()), [3, 4], "after a restart");
}
