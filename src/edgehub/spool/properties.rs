//! Any row of what can happen to a spool, against a plain list of what waits.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// Stores a message for the queues whose bit is set.
    Store {
        queues: u8,
        size: usize,
    },
    /// Consumes so many messages of a queue.
    Deliver {
        queue: u8,
        count: usize,
    },
    Restart,
    /// Ends without a goodbye, with half a record behind the last one.
    Tear {
        garbage: Vec<u8>,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_u8..8, 0_usize..700).prop_map(|(queues, size)| Step::Store { queues, size }),
        4 => (0_u8..3, 0_usize..8).prop_map(|(queue, count)| Step::Deliver { queue, count }),
        1 => Just(Step::Restart),
        1 => proptest::collection::vec(any::<u8>(), 1..60).prop_map(|garbage| Step::Tear { garbage }),
    ]
}

fn name(queue: u8) -> QueueName {
    QueueName { endpoint: format!("m/{queue}"), priority: u32::from(queue) }
}

fn open(folder: &Path) -> Spool {
    Spool::open_with(folder, 1500, Durability::Process, Box::new(writer::System)).expect("open")
}

fn bodies(spool: &Spool, queue: u8) -> Vec<Stored> {
    spool.queue(&name(queue)).expect("queue").read(0, usize::MAX).expect("read")
}

fn run(steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let folder = tempfile::tempdir().expect("folder");
    let mut spool = open(folder.path());
    let mut model: [Vec<Vec<u8>>; 3] = Default::default();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Store { queues, size } => {
                let body = format!("{number} {}", "x".repeat(size)).into_bytes();
                let wanted: Vec<u8> = (0..3).filter(|queue| queues & (1 << queue) != 0).collect();
                let opened = wanted.iter().map(|queue| (spool.queue(&name(*queue)).expect("queue"), None)).collect();
                let message = Message { body: Bytes::from(body.clone()), ..Message::default() };
                runtime.block_on(spool.store(&Identity::device("d"), &message, 0, opened)).expect("stored");
                for queue in wanted {
                    model[usize::from(queue)].push(body.clone());
                }
            }
            Step::Deliver { queue, count } => {
                let stored = bodies(&spool, queue);
                let count = count.min(stored.len());
                if let Some(last) = count.checked_sub(1).and_then(|last| stored.get(last)) {
                    spool.queue(&name(queue)).expect("queue").consumed(last.offset + 1).expect("checkpoint");
                }
                model[usize::from(queue)].drain(..count);
            }
            Step::Restart => {
                drop(spool);
                spool = open(folder.path());
            }
            Step::Tear { garbage } => {
                drop(spool);
                if let Some(last) = fs::names_in(folder.path()).expect("names").iter().rfind(|name| *name != CHECKPOINTS) {
                    let path = folder.path().join(last);
                    let mut bytes = fs::read(&path).expect("file");
                    bytes.extend(garbage);
                    fs::write(&path, &bytes).expect("torn");
                }
                spool = open(folder.path());
            }
        }
        for queue in 0..3 {
            let waiting: Vec<Vec<u8>> = bodies(&spool, queue).iter().map(|stored| stored.message.body.to_vec()).collect();
            assert_eq!(waiting, model[usize::from(queue)], "queue {queue} after step {number}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_order_is_kept(steps in proptest::collection::vec(step(), 1..60)) {
        run(steps);
    }

    #[test]
    fn bytes_of_any_kind_are_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(record::decode(&bytes).is_none_or(|(_, length)| length <= bytes.len()));
    }
}
