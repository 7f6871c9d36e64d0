//! Both kinds of ledger against racing writers, damage and crashes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::*;
use crate::base::{Clock, Digest};
use crate::release::{Action, AuditRecord, Decision, Detail, ReleaseRef};

const WRITERS: usize = 8;
const ROUNDS: usize = 12;

fn options(folder: &Path) -> OpenOptions {
    let path = std::env::split_paths("/usr/local/bin:/usr/bin:/bin").map(|path| path.display().to_string()).collect::<Vec<_>>().join(":");
    OpenOptions {
        solution_folder: folder.to_path_buf(),
        state_dir: folder.join(".edgectl"),
        environment: BTreeMap::from([("PATH".to_owned(), path), ("HOME".to_owned(), "/nonexistent".to_owned())]),
        remote: None,
        cancel: Cancel::new(),
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git").args(arguments).current_dir(folder).env("HOME", "/nonexistent").output().expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q"]);
    folder
}

fn key() -> Key {
    Key::Ring("greenhouse".parse().expect("a name"), "canary".parse().expect("a name"))
}

fn time() -> Timestamp {
    Clock::fixed_at(1_800_000_000).expect("a time").now()
}

fn request(chain: Option<&RingChain>, action: Action, name: &str) -> AuditRecord {
    AuditRecord {
        seq: chain.map_or(1, |chain| chain.state.seq + 1),
        prev: chain.map(|chain| chain.state.head),
        time: time(),
        actor: "tester".to_owned(),
        action,
        solution: "greenhouse".parse().expect("a name"),
        release: ReleaseRef { name: name.parse().expect("a name"), id: Digest::of(name.as_bytes()) },
        ring: Some("canary".parse().expect("a name")),
        subjects: Vec::new(),
        gates: Vec::new(),
        decision: Decision::Proceed,
        detail: Detail::default(),
        tool_version: "0".to_owned(),
    }
}

async fn ring(ledger: &Ledger) -> Option<RingChain> {
    ledger.ring(&"greenhouse".parse().expect("a name"), &"canary".parse().expect("a name")).await.expect("a whole chain")
}

async fn add(ledger: &Ledger, chain: Option<&RingChain>, action: Action, name: &str) -> Result<Vec<Head>, LedgerError> {
    let (change, _) = chain::grow_ring(chain, &request(chain, action, name)).expect("legal");
    ledger.commit(&[change], time(), "test").await
}

/// Eight writers request a promotion from the same head, round after round; one of them wins each time.
async fn race(ledger: &Ledger) {
    for round in 0..ROUNDS {
        let before = ring(ledger).await;
        let writers = (0..WRITERS).map(|writer| {
            let (ledger, before) = (ledger.clone(), before.clone());
            tokio::spawn(async move { add(&ledger, before.as_ref(), Action::Requested, &format!("v{round}-{writer}")).await })
        });
        let mut winners = 0;
        for writer in writers.collect::<Vec<_>>() {
            match writer.await.expect("no panic") {
                Ok(heads) => {
                    winners += 1;
                    assert_eq!(Some(&heads[0]), ring(ledger).await.map(|chain| chain.head).as_ref());
                }
                Err(LedgerError::Lost { head, .. }) => assert!(head.is_some() && head != before.as_ref().map(|chain| chain.head.clone())),
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(winners, 1, "round {round}");
        let after = ring(ledger).await.expect("there");
        let pending = after.state.pending.clone().expect("requested");
        add(ledger, Some(&after), Action::Rejected, pending.as_str()).await.expect("alone now");
    }
    assert_eq!(ring(ledger).await.expect("there").records.len(), 2 * ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_writer_a_round_wins_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::Folder(folder::FolderLedger::new(folder.path().join("ledger")));
    race(&ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_writer_a_round_wins_in_git() {
    let folder = repository();
    let ledger = Ledger::open(&options(folder.path())).await.expect("opens");
    assert!(matches!(ledger, Ledger::Git(_)));
    race(&ledger).await;
    git(folder.path(), &["fsck", "--strict"]);
}

#[tokio::test]
async fn without_a_repository_a_folder_serves_and_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(&options(folder.path())).await.expect("opens");
    assert!(matches!(ledger, Ledger::Folder(_)));
    assert!(ledger.keys("rings/greenhouse").await.expect("none").is_empty());
    assert!(!folder.path().join(".edgectl").exists(), "reading makes nothing");
    add(&ledger, None, Action::Requested, "v1").await.expect("written");
    git(folder.path(), &["init", "-q"]);
    let again = Ledger::open(&options(folder.path())).await.expect("opens");
    assert!(matches!(again, Ledger::Folder(_)), "a ledger does not move by itself");
    assert_eq!(again.keys("rings/greenhouse").await.expect("keys"), [key()]);
}

#[tokio::test]
async fn heads_move_together_or_not_at_all() {
    let repository = repository();
    let plain = tempfile::tempdir().expect("a folder");
    for folder in [repository.path(), plain.path()] {
        let ledger = Ledger::open(&options(folder)).await.expect("opens");
        let heads = add(&ledger, None, Action::Requested, "v1").await.expect("written");
        let other = Key::Ring("greenhouse".parse().expect("a name"), "early".parse().expect("a name"));
        let files = Some(Files::from([("state.json".to_owned(), b"{}".to_vec())]));
        let stale = Head("0123456789012345678901234567890123456789".to_owned());
        let changes = [
            Change { key: other.clone(), expected: None, files: files.clone() },
            Change { key: key(), expected: Some(stale), files: None },
        ];
        let error = ledger.commit(&changes, time(), "test").await.expect_err("stale");
        assert!(matches!(error, LedgerError::Lost { .. }), "{error:?}");
        assert!(ledger.history(&other).await.expect("reads").is_none());
        let changes =
            [Change { key: other.clone(), expected: None, files }, Change { key: key(), expected: Some(heads[0].clone()), files: None }];
        ledger.commit(&changes, time(), "test").await.expect("both as expected");
        assert!(ledger.history(&other).await.expect("reads").is_some());
    }
}

#[tokio::test]
async fn a_forged_state_is_found() {
    let folder = repository();
    let ledger = Ledger::open(&options(folder.path())).await.expect("opens");
    let head = add(&ledger, None, Action::Requested, "v1").await.expect("written").remove(0);
    let chain = ring(&ledger).await.expect("there");
    let (mut change, _) = chain::grow_ring(Some(&chain), &request(Some(&chain), Action::Rolling, "v1")).expect("legal");
    let files = change.files.as_mut().expect("files");
    let forged = String::from_utf8(files[chain::STATE].clone()).expect("text").replace("rolling", "healthy");
    files.insert(chain::STATE.to_owned(), forged.into_bytes());
    change.expected = Some(head);
    ledger.commit(&[change], time(), "test").await.expect("git does not care");
    let error = ledger.ring(&"greenhouse".parse().expect("a name"), &"canary".parse().expect("a name")).await.expect_err("forged");
    assert!(matches!(error, LedgerError::Chain { .. }), "{error:?}");
}

#[tokio::test]
async fn a_changed_entry_of_a_folder_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(&options(folder.path())).await.expect("opens");
    add(&ledger, None, Action::Requested, "v1").await.expect("written");
    let entries = folder.path().join(".edgectl/ledger/entries");
    let path = entries.join(&crate::base::fs::names_in(&entries).expect("listed")[0]);
    let text = crate::base::fs::read_text(&path).expect("read").replace("tester", "Tester");
    crate::base::fs::write(&path, text.as_bytes()).expect("written");
    assert!(matches!(ledger.history(&key()).await, Err(LedgerError::Damaged { .. })));
}

#[tokio::test]
async fn a_crash_between_two_heads_is_carried_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(&options(folder.path())).await.expect("opens");
    let heads = add(&ledger, None, Action::Requested, "v1").await.expect("written");
    let root = folder.path().join(".edgectl/ledger");
    // As a killed process leaves it: the change is written down, its heads are not moved.
    let transaction = serde_json::json!({ "heads": { "rings/greenhouse/early": heads[0].to_string() } });
    crate::base::fs::write_json(&root.join("transaction.json"), &transaction).expect("written");
    assert_eq!(ledger.keys("rings/greenhouse").await.expect("keys").len(), 2);
    assert!(!root.join("transaction.json").exists());
}

#[tokio::test]
async fn the_remote_has_the_last_word() {
    let remote = tempfile::tempdir().expect("a folder");
    git(remote.path(), &["init", "-q", "--bare"]);
    let clones = [repository(), repository()];
    let mut ledgers = Vec::new();
    for clone in &clones {
        git(clone.path(), &["remote", "add", "origin", &remote.path().display().to_string()]);
        let options = OpenOptions { remote: Some("origin".to_owned()), ..options(clone.path()) };
        ledgers.push(Ledger::open(&options).await.expect("opens"));
    }
    add(&ledgers[0], None, Action::Requested, "v1").await.expect("first");
    let error = add(&ledgers[1], None, Action::Requested, "v2").await.expect_err("second");
    assert!(matches!(error, LedgerError::Lost { .. }), "{error:?}");
    ledgers[1].refresh().await.expect("fetched");
    let chain = ring(&ledgers[1]).await.expect("seen");
    assert_eq!(chain.state.pending.as_ref().map(ToString::to_string).as_deref(), Some("v1"));
    let gone = remote.path().join("gone");
    git(clones[1].path(), &["remote", "set-url", "origin", &gone.display().to_string()]);
    let error = add(&ledgers[1], Some(&chain), Action::Rolling, "v1").await.expect_err("unreachable");
    assert!(matches!(error, LedgerError::Remote { .. }), "{error:?}");
    assert_eq!(ring(&ledgers[1]).await.expect("there").head, chain.head, "nothing moved");
}

fn read_git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").args(arguments).current_dir(folder).env("HOME", "/nonexistent").output().expect("git runs");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[tokio::test]
async fn a_remote_never_takes_away_what_is_only_here() {
    let (remote, here) = (tempfile::tempdir().expect("a folder"), repository());
    git(remote.path(), &["init", "-q", "--bare"]);
    let name = format!("refs/edgectl/{}", key());
    let local = Ledger::open(&options(here.path())).await.expect("opens");
    add(&local, None, Action::Requested, "v1").await.expect("written before there was a remote");
    let with_remote = OpenOptions { remote: Some(remote.path().display().to_string()), ..options(here.path()) };
    let ledger = Ledger::open(&with_remote).await.expect("opens");
    ledger.refresh().await.expect("fetched");
    let first = ring(&ledger).await.expect("kept");

    // The next commit of another chain brings what the remote lacks.
    let other = Key::Ring("greenhouse".parse().expect("a name"), "early".parse().expect("a name"));
    let files = Some(Files::from([("state.json".to_owned(), b"{}".to_vec())]));
    ledger.commit(&[Change { key: other, expected: None, files }], time(), "test").await.expect("pushed");
    assert_eq!(read_git(remote.path(), &["rev-parse", &name]), first.head.to_string());

    // The remote is reset to an older commit, and then to nothing: each time the chain goes on.
    let rolling = add(&ledger, Some(&first), Action::Rolling, "v1").await.expect("pushed").remove(0);
    git(remote.path(), &["update-ref", &name, &first.head.to_string()]);
    ledger.refresh().await.expect("fetched");
    let second = ring(&ledger).await.expect("kept");
    assert_eq!(second.head, rolling);
    let baking = add(&ledger, Some(&second), Action::Baking, "v1").await.expect("pushed").remove(0);
    git(remote.path(), &["update-ref", "-d", &name]);
    let third = ring(&ledger).await.expect("kept");
    let healthy = add(&ledger, Some(&third), Action::Healthy, "v1").await.expect("pushed though what was seen is out of date").remove(0);
    assert_eq!((third.head, read_git(remote.path(), &["rev-parse", &name])), (baking, healthy.to_string()));

    // The remote holds another chain.
    let rival = repository();
    let rival_ledger = Ledger::open(&options(rival.path())).await.expect("opens");
    add(&rival_ledger, None, Action::Requested, "v2").await.expect("written");
    git(rival.path(), &["push", "-q", "--force", &remote.path().display().to_string(), &format!("{name}:{name}")]);
    let error = ledger.refresh().await.expect_err("another chain");
    assert!(matches!(error, LedgerError::Diverged { .. }), "{error:?}");
    assert_eq!(ring(&ledger).await.expect("kept").head, healthy);
}

#[tokio::test]
async fn a_remote_is_no_option_of_git() {
    let here = repository();
    let marker = here.path().join("ran");
    let remote = format!("--upload-pack=touch {}", marker.display());
    let ledger = Ledger::open(&OpenOptions { remote: Some(remote), ..options(here.path()) }).await.expect("opens");
    assert!(matches!(ledger.refresh().await, Err(LedgerError::Remote { .. })));
    assert!(add(&ledger, None, Action::Requested, "v1").await.is_err());
    assert!(!marker.exists());
}

#[tokio::test]
async fn a_local_ref_that_cannot_follow_fails_nothing() {
    let (remote, here) = (tempfile::tempdir().expect("a folder"), repository());
    git(remote.path(), &["init", "-q", "--bare"]);
    let ledger = OpenOptions { remote: Some(remote.path().display().to_string()), ..options(here.path()) };
    let ledger = Ledger::open(&ledger).await.expect("opens");
    let lock = here.path().join(format!(".git/refs/edgectl/{}.lock", key()));
    std::fs::create_dir_all(lock.parent().expect("a folder")).expect("made");
    crate::base::fs::write(&lock, b"").expect("written");
    let head = add(&ledger, None, Action::Requested, "v1").await.expect("the remote took it").remove(0);
    assert!(ring(&ledger).await.is_none());
    std::fs::remove_file(&lock).expect("removed");
    ledger.refresh().await.expect("fetched");
    assert_eq!(ring(&ledger).await.expect("followed").head, head);
}

#[tokio::test]
async fn a_remote_without_a_repository_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let with_remote = OpenOptions { remote: Some("origin".to_owned()), ..options(folder.path()) };
    assert!(matches!(Ledger::open(&with_remote).await, Err(LedgerError::NoRemote { .. })));
}

#[tokio::test]
async fn a_ledger_of_a_worktree_is_missed_without_git() {
    let (folder, trees) = (repository(), tempfile::tempdir().expect("a folder"));
    let identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"];
    git(folder.path(), &[&identity[..], &["commit", "-q", "--allow-empty", "-m", "first"]].concat());
    let tree = trees.path().join("tree");
    git(folder.path(), &["worktree", "add", "-q", &tree.display().to_string()]);
    let mut blind = options(&tree);
    blind.environment.insert("PATH".to_owned(), "/nonexistent".to_owned());
    assert!(matches!(Ledger::open(&blind).await, Ok(Ledger::Folder(_))), "nothing is lost");
    let ledger = Ledger::open(&options(&tree)).await.expect("opens");
    add(&ledger, None, Action::Requested, "v1").await.expect("written");
    assert!(matches!(Ledger::open(&blind).await, Err(LedgerError::GitMissing)));
}
