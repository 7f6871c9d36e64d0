//! The ledger in git refs (git 2.25 or later): commits made by plumbing, heads moved by one `update-ref` transaction with their old
//! values. With a remote, the push with leases decides and the local refs follow, forward only: no ref of the remote ever takes away
//! what is only here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Change, Files, Head, History, Key, LedgerError, OpenOptions};
use crate::base::{Cancel, Timestamp};
use crate::process::{self, Invocation, Output, ProcessError};

/// Where all refs of the ledger lie.
const ROOT: &str = "refs/edgectl";
/// Where the refs of the remote lie as they were last seen.
const SEEN: &str = "refs/edgectl-remote";
/// Time for a command that stays on this machine.
const LOCAL: Duration = Duration::from_mins(1);
/// Time for a command that talks to the remote.
const DISTANT: Duration = Duration::from_mins(2);
/// Waits for a writer that holds the lock of a ref.
const LOCK_RETRIES: u32 = 40;

/// A ledger in the refs of a repository.
#[derive(Clone, Debug)]
pub struct GitLedger {
    program: PathBuf,
    folder: PathBuf,
    environment: BTreeMap<String, String>,
    remote: Option<String>,
    cancel: Cancel,
}

/// What a push asks of one ref of the remote.
#[derive(Clone, Debug, PartialEq)]
struct Lease {
    /// What the remote has as far as is known, and must have still.
    seen: Option<Head>,
    /// The local head, when the chain does not change but the remote lacks a part of it.
    ahead: Option<Head>,
}

impl GitLedger {
    /// Opens the repository that holds the solution's folder; `None` when there is no repository, or no git and no ledger in it.
    pub(super) async fn open(options: &OpenOptions) -> Result<Option<Self>, LedgerError> {
        let path = options.environment.get("PATH").map_or("", String::as_str);
        let Some(program) = process::find("git", path) else {
            return if has_ledger(&options.solution_folder) { Err(LedgerError::GitMissing) } else { Ok(None) };
        };
        let mut environment = options.environment.clone();
        environment.extend(surroundings());
        let git = Self {
            program,
            folder: options.solution_folder.clone(),
            environment,
            remote: options.remote.clone(),
            cancel: options.cancel.clone(),
        };
        let invocation = git.invocation(&["rev-parse", "--git-dir"], None, LOCAL);
        let output = git.start("open the repository", &invocation).await?;
        if output.status.success() {
            return Ok(Some(git));
        }
        if String::from_utf8_lossy(&output.stderr).contains("not a git repository") {
            return Ok(None);
        }
        let failed = output.require_success(&invocation, 3).map(|_| None);
        failed.map_err(|source| LedgerError::Git { action: "open the repository", source })
    }

    pub(super) fn place(&self) -> String {
        let remote = self.remote.as_ref().map(|remote| format!(" and its remote {remote}")).unwrap_or_default();
        format!("git refs of {}{remote}", self.folder.display())
    }

    /// Learns what the remote has and moves local refs forward to it.
    pub(super) async fn fetch(&self) -> Result<(), LedgerError> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let spec = format!("+{ROOT}/*:{SEEN}/*");
        let invocation = self.invocation(&["fetch", "--quiet", "--no-tags", "--prune", "--", remote, &spec], None, DISTANT);
        self.at_remote(remote, &invocation).await?;
        self.follow(remote).await
    }

    /// Moves the local refs that are behind what was seen at the remote; those that are ahead stay as they are.
    async fn follow(&self, remote: &str) -> Result<(), LedgerError> {
        let mut attempt = 0;
        loop {
            let (local, seen) = (self.heads(ROOT).await?, self.heads(SEEN).await?);
            let mut lines = String::new();
            for (name, theirs) in seen {
                match local.get(&name) {
                    Some(ours) if *ours == theirs || self.is_ancestor(&theirs, ours).await? => {}
                    Some(ours) if self.is_ancestor(ours, &theirs).await? => {
                        lines.extend([format!("update {ROOT}/{name} {theirs} {ours}\n")]);
                    }
                    Some(_) => return Err(LedgerError::Diverged { name, remote: remote.to_owned() }),
                    None => lines.extend([format!("create {ROOT}/{name} {theirs}\n")]),
                }
            }
            if lines.is_empty() {
                return Ok(());
            }
            let invocation = self.invocation(&["update-ref", "--no-deref", "--stdin"], Some(lines.into_bytes()), LOCAL);
            let output = self.start("follow the remote", &invocation).await?;
            attempt += 1;
            if output.status.success() || attempt > LOCK_RETRIES {
                let done = output.require_success(&invocation, 3).map(|_| ());
                return done.map_err(|source| LedgerError::Git { action: "follow the remote", source });
            }
            // Another command moved the refs or holds a lock: what is left to do is looked up again.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Returns all refs below a folder of refs, named as keys are.
    async fn heads(&self, root: &str) -> Result<BTreeMap<String, Head>, LedgerError> {
        let pattern = format!("{root}/");
        let text = self.text("list refs", &["for-each-ref", "--format=%(objectname) %(refname)", &pattern], None).await?;
        let head = |line: &str| {
            let (commit, name) = line.split_once(' ')?;
            Some((name.strip_prefix(&pattern)?.to_owned(), Head(commit.to_owned())))
        };
        Ok(text.lines().filter_map(head).collect())
    }

    /// Tells whether a chain that ends with `old` goes on to `new`.
    async fn is_ancestor(&self, old: &Head, new: &Head) -> Result<bool, LedgerError> {
        let invocation = self.invocation(&["merge-base", "--is-ancestor", &old.0, &new.0], None, LOCAL);
        let output = self.start("compare commits", &invocation).await?;
        if output.status.code() == Some(1) {
            return Ok(false);
        }
        output.require_success(&invocation, 3).map(|_| true).map_err(|source| LedgerError::Git { action: "compare commits", source })
    }

    pub(super) async fn keys(&self, prefix: &str) -> Result<Vec<Key>, LedgerError> {
        let pattern = format!("{ROOT}/{prefix}/");
        let text = self.text("list refs", &["for-each-ref", "--format=%(refname)", &pattern], None).await?;
        let below = |line: &str| Key::parse(line.strip_prefix(ROOT)?.strip_prefix('/')?);
        Ok(text.lines().filter_map(below).collect())
    }

    pub(super) async fn history(&self, key: &Key) -> Result<Option<History>, LedgerError> {
        let Some(head) = self.head(key).await? else { return Ok(None) };
        let commits = self.text("list commits", &["rev-list", "--first-parent", "--reverse", &head.0], None).await?;
        let mut entries = Vec::new();
        for chunk in commits.lines().collect::<Vec<_>>().chunks(256) {
            entries.extend(self.entries(key, chunk).await?);
        }
        Ok(Some(History { head, entries }))
    }

    pub(super) async fn commit(&self, changes: &[Change], time: Timestamp, message: &str) -> Result<Vec<Head>, LedgerError> {
        let (mut moves, mut heads) = (Vec::new(), Vec::new());
        for change in changes {
            let name = format!("{ROOT}/{}", change.key);
            let new = match &change.files {
                Some(files) => Some(self.write(files, change.expected.as_ref(), time, message).await?),
                None => change.expected.clone(),
            };
            moves.push((name, change.expected.clone(), new.clone()));
            heads.extend(new);
        }
        match &self.remote {
            Some(remote) => self.push(remote, changes, &moves).await?,
            None => self.swap(changes, &moves).await?,
        }
        Ok(heads)
    }

    /// Writes blobs, tree and commit; nothing refers to them yet.
    async fn write(&self, files: &Files, parent: Option<&Head>, time: Timestamp, message: &str) -> Result<Head, LedgerError> {
        let mut tree = String::new();
        for (name, bytes) in files {
            let blob = self.text("store a file", &["hash-object", "-w", "--no-filters", "--stdin"], Some(bytes.clone())).await?;
            tree.extend(["100644 blob ", blob.trim(), "\t", name, "\n"]);
        }
        let tree = self.text("store a folder", &["mktree"], Some(tree.into_bytes())).await?;
        let parents: Vec<&str> = parent.map_or(Vec::new(), |parent| vec!["-p", &parent.0]);
        let arguments: Vec<&str> = ["commit-tree", tree.trim()].into_iter().chain(parents).collect();
        let mut invocation = self.invocation(&arguments, Some(format!("{message}\n").into_bytes()), LOCAL);
        let date = format!("@{} +0000", time.timestamp());
        for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            invocation.environment.insert(name.to_owned(), date.clone());
        }
        Ok(Head(self.finish("store a commit", &invocation).await?.trim().to_owned()))
    }

    /// Moves the local refs, all or none.
    async fn swap(&self, changes: &[Change], moves: &[(String, Option<Head>, Option<Head>)]) -> Result<(), LedgerError> {
        let line = |(name, old, new): &(String, Option<Head>, Option<Head>)| match (old, new) {
            (None, Some(new)) => format!("create {name} {new}\n"),
            (Some(old), Some(new)) if old != new => format!("update {name} {new} {old}\n"),
            (Some(old), _) => format!("verify {name} {old}\n"),
            (None, None) => format!("verify {name} {}\n", "0".repeat(40)),
        };
        let lines: String = moves.iter().map(line).collect();
        let invocation = self.invocation(&["update-ref", "--no-deref", "--stdin"], Some(lines.into_bytes()), LOCAL);
        let mut attempt = 0;
        loop {
            let output = self.start("move refs", &invocation).await?;
            if output.status.success() {
                return Ok(());
            }
            self.require_heads(changes).await?;
            attempt += 1;
            if attempt > LOCK_RETRIES {
                output.require_success(&invocation, 3).map_err(|source| LedgerError::Git { action: "move refs", source })?;
                return Ok(());
            }
            // The heads are still as expected: another writer holds a lock and may yet fail.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Tells a lost race from any other failure.
    async fn require_heads(&self, changes: &[Change]) -> Result<(), LedgerError> {
        for change in changes {
            let head = self.head(&change.key).await?;
            if head != change.expected {
                return Err(LedgerError::Lost { key: change.key.clone(), head });
            }
        }
        Ok(())
    }

    /// Moves the refs of the remote, all or none, and the local ones after them. What the remote lacks of other chains goes with them.
    async fn push(&self, remote: &str, changes: &[Change], moves: &[(String, Option<Head>, Option<Head>)]) -> Result<(), LedgerError> {
        let mut leases = self.leases(changes).await?;
        loop {
            let Err(error) = self.push_once(remote, &leases, moves).await else { break };
            // Refused, cut off or unreachable: only the remote knows whether another writer was first.
            self.fetch().await?;
            let local = self.heads(ROOT).await?;
            let arrived = |(name, _, new): &(String, Option<Head>, Option<Head>)| {
                let key = name.strip_prefix(ROOT).and_then(|name| name.strip_prefix('/'));
                key.and_then(|key| local.get(key)) == new.as_ref()
            };
            if moves.iter().any(|(_, old, new)| old != new) && moves.iter().all(arrived) {
                return Ok(());
            }
            self.require_heads(changes).await?;
            let fresh = self.leases(changes).await?;
            if fresh == leases {
                return Err(error);
            }
            // What was known of the remote was out of date, and nobody was first: once more with what it has now.
            leases = fresh;
        }
        let zero = "0".repeat(40);
        let line =
            |name: String, new: &Head, old: Option<&Head>| format!("update {name} {new} {}\n", old.map_or(zero.as_str(), |old| &old.0));
        let mut lines = String::new();
        for (change, (name, old, new)) in changes.iter().zip(moves) {
            let Some(new) = new else { continue };
            let key = change.key.to_string();
            lines.push_str(&line(name.clone(), new, old.as_ref()));
            lines.push_str(&line(format!("{SEEN}/{key}"), new, leases.get(&key).and_then(|lease| lease.seen.as_ref())));
        }
        let invocation = self.invocation(&["update-ref", "--no-deref", "--stdin"], Some(lines.into_bytes()), LOCAL);
        // The remote has decided and the change stands: local refs that cannot follow now, whatever holds them up, follow with the
        // next fetch, so that this outcome must not fail the command.
        let _follows_later = self.start("follow the remote", &invocation).await;
        Ok(())
    }

    async fn push_once(
        &self,
        remote: &str,
        leases: &BTreeMap<String, Lease>,
        moves: &[(String, Option<Head>, Option<Head>)],
    ) -> Result<(), LedgerError> {
        let mut news: BTreeMap<String, Head> =
            leases.iter().filter_map(|(key, lease)| Some((format!("{ROOT}/{key}"), lease.ahead.clone()?))).collect();
        news.extend(moves.iter().filter_map(|(name, _, new)| Some((name.clone(), new.clone()?))));
        let mut arguments = vec!["push".to_owned(), "--porcelain".to_owned(), "--atomic".to_owned(), "--no-verify".to_owned()];
        let seen = |lease: &Lease| lease.seen.as_ref().map(ToString::to_string).unwrap_or_default();
        arguments.extend(leases.iter().map(|(key, lease)| format!("--force-with-lease={ROOT}/{key}:{}", seen(lease))));
        arguments.extend(["--".to_owned(), remote.to_owned()]);
        arguments.extend(news.iter().map(|(name, new)| format!("{new}:{name}")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.at_remote(remote, &self.invocation(&arguments, None, DISTANT)).await.map(|_| ())
    }

    /// Returns what the remote must still have for a change to be a step forward there, by key: of the chains that change, and of
    /// those that it lacks a part of.
    async fn leases(&self, changes: &[Change]) -> Result<BTreeMap<String, Lease>, LedgerError> {
        let (local, seen) = (self.heads(ROOT).await?, self.heads(SEEN).await?);
        let mut leases = BTreeMap::new();
        for (key, ours) in &local {
            let theirs = seen.get(key);
            let ahead = match theirs {
                Some(theirs) => theirs != ours && self.is_ancestor(theirs, ours).await?,
                None => true,
            };
            if ahead {
                leases.insert(key.clone(), Lease { seen: theirs.cloned(), ahead: Some(ours.clone()) });
            }
        }
        for change in changes {
            let key = change.key.to_string();
            let theirs = seen.get(&key);
            let follows = match (theirs, &change.expected) {
                (Some(theirs), Some(expected)) => theirs == expected || self.is_ancestor(theirs, expected).await?,
                (Some(_), None) => false,
                (None, _) => true,
            };
            if !follows {
                return Err(LedgerError::Lost { key: change.key.clone(), head: theirs.cloned() });
            }
            leases.insert(key, Lease { seen: theirs.cloned(), ahead: None });
        }
        Ok(leases)
    }

    async fn head(&self, key: &Key) -> Result<Option<Head>, LedgerError> {
        let name = format!("{ROOT}/{key}");
        let text = self.text("read a ref", &["for-each-ref", "--format=%(objectname) %(refname)", &name], None).await?;
        let found = text.lines().filter_map(|line| line.split_once(' ')).find(|(_, found)| *found == name);
        Ok(found.map(|(commit, _)| Head(commit.to_owned())))
    }

    /// Reads the files of commits, in order.
    async fn entries(&self, key: &Key, commits: &[&str]) -> Result<Vec<Files>, LedgerError> {
        let damaged = |reason: &str| LedgerError::Damaged { key: key.clone(), reason: reason.to_owned() };
        let names = [super::chain::RECORD, super::chain::STATE, super::chain::RELEASE];
        let wanted: String = commits.iter().flat_map(|commit| names.map(|name| format!("{commit}:{name}\n"))).collect();
        let invocation = self.invocation(&["cat-file", "--batch"], Some(wanted.into_bytes()), LOCAL);
        let output = self.start("read files", &invocation).await?;
        let output = output.require_success(&invocation, 3).map_err(|source| LedgerError::Git { action: "read files", source })?;
        let mut rest = output.stdout.as_slice();
        let mut entries = Vec::with_capacity(commits.len());
        for _ in commits {
            let mut files = Files::new();
            for name in names {
                let (content, after) = next_object(rest).ok_or_else(|| damaged("git does not give all files"))?;
                files.extend(content.map(|content| (name.to_owned(), content.to_vec())));
                rest = after;
            }
            entries.push(files);
        }
        Ok(entries)
    }

    async fn at_remote(&self, remote: &str, invocation: &Invocation) -> Result<Output, LedgerError> {
        let failed = |source| LedgerError::Remote { remote: remote.to_owned(), source };
        let output = process::run(invocation).await.map_err(failed)?;
        output.require_success(invocation, 5).map_err(failed)
    }

    async fn text(&self, action: &'static str, arguments: &[&str], stdin: Option<Vec<u8>>) -> Result<String, LedgerError> {
        self.finish(action, &self.invocation(arguments, stdin, LOCAL)).await
    }

    async fn finish(&self, action: &'static str, invocation: &Invocation) -> Result<String, LedgerError> {
        let failed = |source: ProcessError| LedgerError::Git { action, source };
        let output = self.start(action, invocation).await?.require_success(invocation, 3).map_err(failed)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    async fn start(&self, action: &'static str, invocation: &Invocation) -> Result<Output, LedgerError> {
        process::run(invocation).await.map_err(|source| LedgerError::Git { action, source })
    }

    fn invocation(&self, arguments: &[&str], stdin: Option<Vec<u8>>, timeout: Duration) -> Invocation {
        // No hook of the repository runs, and what is written is on disk before git returns.
        let fixed = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsync=committed,reference", "-c", "gc.auto=0"];
        Invocation {
            program: self.program.clone(),
            arguments: fixed.iter().chain(arguments).map(Into::into).collect(),
            directory: self.folder.clone(),
            environment: self.environment.clone(),
            stdin,
            timeout,
            cancel: self.cancel.clone(),
        }
    }
}

/// What every git command gets: an identity of its own, so that a fresh machine needs no settings, no prompts, plain messages.
fn surroundings() -> impl Iterator<Item = (String, String)> {
    [
        ("GIT_AUTHOR_NAME", "edgectl"),
        ("GIT_AUTHOR_EMAIL", "edgectl@localhost"),
        ("GIT_COMMITTER_NAME", "edgectl"),
        ("GIT_COMMITTER_EMAIL", "edgectl@localhost"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("LC_ALL", "C"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// Tells whether a repository around a folder seems to hold a ledger, without git. A worktree has a file that names its folder, and
/// there another that names the folder that all worktrees share.
fn has_ledger(folder: &Path) -> bool {
    let first_line = |file: &Path| crate::base::fs::read_text(file).ok().and_then(|text| text.lines().next().map(str::to_owned));
    let prefix = format!("{ROOT}/");
    let packed = |git: &Path| crate::base::fs::read_text(&git.join("packed-refs")).is_ok_and(|text| text.contains(&prefix));
    folder.ancestors().any(|folder| {
        let entry = folder.join(".git");
        let named = first_line(&entry).and_then(|line| Some(folder.join(line.strip_prefix("gitdir:")?.trim())));
        let git = named.unwrap_or(entry);
        let shared = first_line(&git.join("commondir")).map_or_else(|| git.clone(), |common| git.join(common.trim()));
        shared.join(ROOT).is_dir() || packed(&shared)
    })
}

/// Takes the next object off the output of `cat-file --batch`: a line `ID blob SIZE`, the bytes, a line break; or a line that ends
/// in `missing`, which is `None` and what follows.
fn next_object(output: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let end = output.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (std::str::from_utf8(output.get(..end)?).ok()?, output.get(end + 1..)?);
    if line.ends_with(" missing") {
        return Some((None, rest));
    }
    let size: usize = line.rsplit_once(" blob ")?.1.parse().ok()?;
    Some((Some(rest.get(..size)?), rest.get(size + 1..)?))
}
