use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::*;

/// Bytes of a file in these tests.
const FULL: u64 = 2000;

fn message(number: usize) -> Message {
    let mut message = Message { body: Bytes::from(format!("body {number} {}", "x".repeat(100))), ..Message::default() };
    message.properties = BTreeMap::from([("k".into(), Some("ü".into())), ("alone".into(), None)]);
    message.system_properties.insert("messageId".into(), number.to_string());
    message
}

fn sender() -> Identity {
    Identity::module("d", "m")
}

fn name(endpoint: &str) -> QueueName {
    QueueName { endpoint: endpoint.into(), priority: 3 }
}

fn open(folder: &Path) -> Spool {
    Spool::open_with(folder, FULL, Durability::Process, Box::new(writer::System)).expect("open")
}

fn queue(spool: &Spool, endpoint: &str) -> Arc<Queue> {
    spool.queue(&name(endpoint)).expect("queue")
}

async fn store(spool: &Spool, number: usize, endpoints: &[&str]) -> Result<(), String> {
    let queues = endpoints.iter().map(|endpoint| (queue(spool, endpoint), (number % 2 == 1).then_some(7000))).collect();
    spool.store(&sender(), &message(number), 5, queues).await
}

fn numbers(queue: &Queue) -> Vec<usize> {
    let all = queue.read(0, usize::MAX).expect("read");
    all.iter().map(|stored| stored.message.system_properties["messageId"].parse().expect("number")).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let names = fs::names_in(folder).expect("names");
    names.into_iter().filter(|name| name != CHECKPOINTS).map(|name| folder.join(name)).collect()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("file");
    change(&mut bytes);
    fs::write(path, &bytes).expect("changed");
}

#[tokio::test]
async fn what_was_stored_is_read_in_order_after_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = open(folder.path());
    for number in 0..30 {
        store(&spool, number, &["m_1/in put"]).await.expect("stored");
    }
    let all = queue(&spool, "m_1/in put").read(0, 100).expect("read");
    assert_eq!(all.len(), 30);
    assert!(all.iter().enumerate().all(|(number, stored)| stored.message == message(number) && stored.sender == sender()));
    assert_eq!((all[0].expires_millis, all[1].expires_millis, all[1].stored_millis), (None, Some(7000), 5));
    queue(&spool, "m_1/in put").consumed(4).expect("checkpoint");
    drop(spool);
    let spool = open(folder.path());
    store(&spool, 30, &["m_1/in put"]).await.expect("stored");
    let queue = queue(&spool, "m_1/in put");
    assert_eq!(numbers(&queue), (4..31).collect::<Vec<_>>());
    assert_eq!((queue.len(), queue.waiting().next_expiry, queue.waiting().last_expiry), (27, Some(7), None));
}

#[tokio::test]
async fn a_body_is_stored_once_for_all_its_queues_and_kept_for_the_last() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = open(folder.path());
    for number in 0..50 {
        store(&spool, number, &["a", "b", "c"]).await.expect("stored");
    }
    let (total, live) = spool.bytes();
    assert_eq!(total, live);
    assert!(total < 50 * 350, "{total}");
    queue(&spool, "a").consumed(50).expect("checkpoint");
    queue(&spool, "b").consumed(50).expect("checkpoint");
    assert_eq!(spool.bytes(), (total, live), "one queue wants all of them");
    assert_eq!(numbers(&queue(&spool, "c")), (0..50).collect::<Vec<_>>());
    queue(&spool, "c").consumed(50).expect("checkpoint");
    assert_eq!(spool.bytes().1, 0);
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_blocked_queue_does_not_hold_the_space_of_others() {
    let folder = tempfile::tempdir().expect("folder");
    let mut spool = open(folder.path());
    for number in 0..2000 {
        let blocked = number % 20 == 0;
        store(&spool, number, if blocked { &["fast", "blocked"] } else { &["fast"] }).await.expect("stored");
        if number % 7 == 0 {
            let fast = queue(&spool, "fast");
            fast.consumed(fast.end()).expect("checkpoint");
        }
        if number == 1000 {
            drop(spool);
            spool = open(folder.path());
        }
    }
    let fast = queue(&spool, "fast");
    fast.consumed(fast.end()).expect("checkpoint");
    // A message after it: the writer has done what it was asked for by then.
    store(&spool, 2000, &["fast"]).await.expect("stored");
    store(&spool, 2001, &["fast"]).await.expect("stored");
    let blocked: Vec<usize> = (0..2000).step_by(20).collect();
    assert_eq!(numbers(&queue(&spool, "blocked")), blocked);
    let (_, live) = spool.bytes();
    let disk: u64 = files(folder.path()).iter().map(|path| fs::stamp(path).expect("stamp").size).sum();
    assert!(disk <= 2 * live + 2 * FULL, "{disk} bytes for {live}");
    drop(spool);
    assert_eq!(numbers(&queue(&open(folder.path()), "blocked")), blocked);
}

#[tokio::test]
async fn a_last_record_cut_at_any_byte_is_cut_off_and_nothing_else() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = open(folder.path());
    let mut ends = Vec::new();
    for number in 0..3 {
        store(&spool, number, &["a"]).await.expect("stored");
        ends.push(usize::try_from(spool.bytes().0).expect("small"));
    }
    drop(spool);
    let path = files(folder.path()).remove(0);
    let whole = fs::read(&path).expect("file");
    for cut in ends[1]..ends[2] {
        fs::write(&path, &whole[..cut]).expect("cut");
        let spool = open(folder.path());
        assert_eq!(numbers(&queue(&spool, "a")), [0, 1], "cut at {cut}");
        store(&spool, 7, &["a"]).await.expect("stored");
        assert_eq!(numbers(&queue(&spool, "a")), [0, 1, 7], "cut at {cut}");
    }
}

#[tokio::test]
async fn damage_in_the_middle_is_passed_over() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = open(folder.path());
    let mut ends = Vec::new();
    for number in 0..5 {
        store(&spool, number, &["a"]).await.expect("stored");
        ends.push(usize::try_from(spool.bytes().0).expect("small"));
    }
    let path = files(folder.path()).remove(0);
    let whole = fs::read(&path).expect("file");
    // While it runs, the index knows where the next one is.
    {
        let file = checkpoint::open(&path).expect("file");
        file.write_all_at(&[whole[ends[1] + 40] ^ 0x40], ends[1] as u64 + 40).expect("changed");
    }
    assert_eq!(numbers(&queue(&spool, "a")), [0, 1, 3, 4]);
    drop(spool);
    for place in ends[1]..ends[2] {
        fs::write(&path, &whole).expect("restored");
        change(&path, |bytes| bytes[place] ^= 0x40);
        assert_eq!(numbers(&queue(&open(folder.path()), "a")), [0, 1, 3, 4], "byte {place}");
    }
}

#[tokio::test]
async fn a_torn_checkpoint_falls_back_to_the_older_one() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = open(folder.path());
    for number in 0..5 {
        store(&spool, number, &["a"]).await.expect("stored");
    }
    queue(&spool, "a").consumed(2).expect("checkpoint");
    queue(&spool, "a").consumed(4).expect("checkpoint");
    drop(spool);
    let path = folder.path().join(CHECKPOINTS).join(name("a").file());
    change(&path, |bytes| {
        let newest = bytes.iter().position(|byte| *byte == 4).expect("the newest slot");
        bytes[newest] = 5;
    });
    assert_eq!(numbers(&queue(&open(folder.path()), "a")), [2, 3, 4]);
}

#[tokio::test]
async fn expired_messages_are_removed_from_the_head_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = open(folder.path());
    for number in [1, 3, 2, 5] {
        store(&spool, number, &["a"]).await.expect("stored");
    }
    let queue = queue(&spool, "a");
    assert_eq!(queue.remove_expired(6).expect("nothing"), 0);
    assert_eq!(queue.remove_expired(7).expect("two"), 2);
    assert_eq!(numbers(&queue), [2, 5]);
    assert_eq!(queue.clear().expect("the rest"), 2);
    drop(queue);
    drop(spool);
    assert!(self::queue(&open(folder.path()), "a").is_empty());
}

#[test]
fn an_older_layout_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("folder");
    fs::create_folder(&folder.path().join("%24upstream_2000000000")).expect("a queue of old");
    let refused = Spool::open(folder.path(), Durability::Process).err().expect("refused");
    assert!(matches!(refused, SpoolError::Older { .. }));
    assert!(refused.hints()[0].contains("edgectl sim reset"));
}

/// A disk that is full, or fails to sync, while it is told to.
#[derive(Clone, Default)]
struct Faulty {
    full: Arc<AtomicBool>,
    unsynced: Arc<AtomicBool>,
    stuck: Arc<AtomicBool>,
}

impl Disk for Faulty {
    fn write(&mut self, file: &File, bytes: &[u8], place: u64) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            // Half of it still found room.
            file.write_all_at(&bytes[..bytes.len() / 2], place)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(bytes, place)
    }

    fn sync(&mut self, _file: &File) -> io::Result<()> {
        if self.unsynced.load(Ordering::SeqCst) { Err(io::Error::other("the disk is ill")) } else { Ok(()) }
    }

    fn cut(&mut self, file: &File, length: u64) -> io::Result<()> {
        if self.stuck.load(Ordering::SeqCst) { Err(io::Error::other("the disk is ill")) } else { file.set_len(length) }
    }
}

fn open_faulty(folder: &Path, disk: &Faulty) -> Spool {
    Spool::open_with(folder, FULL, Durability::Fsync, Box::new(disk.clone())).expect("open")
}

#[tokio::test]
async fn a_full_disk_refuses_and_the_spool_goes_on_when_there_is_space() {
    for stuck in [false, true] {
        let (folder, disk) = (tempfile::tempdir().expect("folder"), Faulty::default());
        let spool = open_faulty(folder.path(), &disk);
        store(&spool, 0, &["a"]).await.expect("stored");
        disk.full.store(true, Ordering::SeqCst);
        disk.stuck.store(stuck, Ordering::SeqCst);
        for number in 1..4 {
            let refused = store(&spool, number, &["a"]).await.expect_err("the disk is full");
            assert!(refused.contains("the spool has failed: cannot"), "{refused}");
        }
        assert_eq!(numbers(&queue(&spool, "a")), [0]);
        disk.full.store(false, Ordering::SeqCst);
        disk.stuck.store(false, Ordering::SeqCst);
        for number in 4..30 {
            store(&spool, number, &["a"]).await.expect("stored");
        }
        let expected: Vec<usize> = std::iter::once(0).chain(4..30).collect();
        assert_eq!(numbers(&queue(&spool, "a")), expected);
        drop(spool);
        assert_eq!(numbers(&queue(&open(folder.path()), "a")), expected);
    }
}

#[tokio::test]
async fn after_a_failed_sync_the_file_is_given_up_and_a_new_one_begun() {
    let (folder, disk) = (tempfile::tempdir().expect("folder"), Faulty::default());
    let spool = open_faulty(folder.path(), &disk);
    store(&spool, 0, &["a"]).await.expect("stored");
    disk.unsynced.store(true, Ordering::SeqCst);
    for number in 1..3 {
        store(&spool, number, &["a"]).await.expect_err("not synced");
    }
    disk.unsynced.store(false, Ordering::SeqCst);
    store(&spool, 3, &["a"]).await.expect("stored");
    assert_eq!(numbers(&queue(&spool, "a")), [0, 3]);
    assert!(files(folder.path()).len() > 1, "a new file");
    drop(spool);
    assert_eq!(numbers(&queue(&open(folder.path()), "a")), [0, 3]);
}

#[tokio::test]
async fn many_writers_keep_their_order() {
    let folder = tempfile::tempdir().expect("folder");
    let spool = open(folder.path());
    let stores = (0..500).map(|number| store(&spool, number, &["a", "b"]));
    for stored in futures_util::future::join_all(stores).await {
        stored.expect("stored");
    }
    for endpoint in ["a", "b"] {
        assert_eq!(numbers(&queue(&spool, endpoint)), (0..500).collect::<Vec<_>>());
    }
}

#[test]
fn a_message_that_waits_takes_few_bytes_of_memory() {
    assert!(size_of::<Item>() <= 24);
}
