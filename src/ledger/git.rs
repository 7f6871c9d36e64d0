//! The ledger in git refs (git 2.25 or later): commits made by plumbing, heads moved by one `update-ref` transaction with their old
//! values. With a remote, the push with leases decides and the local refs follow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Change, Files, Head, History, Key, LedgerError, OpenOptions};
use crate::base::{Cancel, Timestamp};
use crate::process::{self, Invocation, Output, ProcessError};

/// Where all refs of the ledger lie.
const ROOT: &str = "refs/edgectl";
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

    pub(super) async fn fetch(&self) -> Result<(), LedgerError> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let spec = format!("+{ROOT}/*:{ROOT}/*");
        let invocation = self.invocation(&["fetch", "--quiet", "--no-tags", "--prune", remote, &spec], None, DISTANT);
        self.at_remote(remote, &invocation).await.map(|_| ())
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
            Some(remote) => {
                self.push(remote, changes, &moves).await?;
                // The remote has decided; a local ref that does not follow now follows with the next fetch.
                let forced: Vec<_> = moves.iter().filter_map(|(name, _, new)| Some(format!("update {name} {}\n", new.as_ref()?))).collect();
                self.text("follow the remote", &["update-ref", "--no-deref", "--stdin"], Some(forced.concat().into_bytes())).await?;
            }
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

    async fn push(&self, remote: &str, changes: &[Change], moves: &[(String, Option<Head>, Option<Head>)]) -> Result<(), LedgerError> {
        let mut arguments = vec!["push".to_owned(), "--porcelain".to_owned(), "--atomic".to_owned(), "--no-verify".to_owned()];
        let old = |head: &Option<Head>| head.as_ref().map(ToString::to_string).unwrap_or_default();
        arguments.extend(moves.iter().map(|(name, expected, _)| format!("--force-with-lease={name}:{}", old(expected))));
        arguments.push(remote.to_owned());
        arguments.extend(moves.iter().filter_map(|(name, _, new)| Some(format!("{}:{name}", new.as_ref()?))));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let invocation = self.invocation(&arguments, None, DISTANT);
        let Err(error) = self.at_remote(remote, &invocation).await else { return Ok(()) };
        // Refused or unreachable: only the remote knows whether another writer was first.
        self.fetch().await?;
        self.require_heads(changes).await?;
        Err(error)
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

/// Tells whether a repository around a folder seems to hold a ledger, without git.
fn has_ledger(folder: &Path) -> bool {
    let packed = |git: &Path| crate::base::fs::read_text(&git.join("packed-refs")).is_ok_and(|text| text.contains(ROOT));
    folder.ancestors().map(|folder| folder.join(".git")).any(|git| git.join(ROOT).is_dir() || packed(&git))
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
