//! Where the passphrase of a signing key comes from: a file, stdin, the environment, or a prompt; never a flag, which `ps` shows.

use std::io::{self, IsTerminal as _, Read as _};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use nix::sys::termios::{self, LocalFlags, SetArg, Termios};

use super::Context;
use crate::base::{CommandError, Exit, Result, Secret, fs};
use crate::config::env::COSIGN_PASSWORD;

/// What the passphrase is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It will seal a new key: asked for twice.
    Seal,
    /// It opens a key.
    Open,
}

/// Gets the passphrase of the key called `name`: `--password-file`, then `COSIGN_PASSWORD` (empty counts), then a prompt.
///
/// # Errors
/// When nothing of these is there, the file cannot be read, or two answers differ.
pub async fn obtain(file: Option<&Path>, name: &str, purpose: Purpose, context: &Context) -> Result<Secret> {
    if let Some(file) = file {
        return from_file(&context.locate(file));
    }
    if let Some(value) = context.settings.environment.get(COSIGN_PASSWORD) {
        return Ok(Secret::new(value));
    }
    let lack = |why: &str| {
        CommandError::new(Exit::BadInput, "key/no-passphrase", format!("{COSIGN_PASSWORD} is not set and {why}"))
            .hint("Set it (empty is allowed), or use `--password-file FILE`.")
    };
    if context.no_input {
        return Err(lack("--no-input forbids asking"));
    }
    if !io::stdin().is_terminal() {
        return Err(lack("there is no terminal"));
    }
    let first = ask(&format!("Passphrase of {name}: "), context).await?;
    if purpose == Purpose::Seal {
        let second = ask("The same again: ", context).await?;
        if first.expose() != second.expose() {
            return Err(CommandError::new(Exit::BadInput, "key/passphrases-differ", "the two passphrases differ"));
        }
    }
    Ok(first)
}

/// Gets one passphrase a key: one file serves all keys, or each has its own in the same order.
pub async fn obtain_all(files: &[PathBuf], keys: &[PathBuf], context: &Context) -> Result<Vec<Secret>> {
    if files.len() > 1 && files.len() != keys.len() {
        let message = format!("{} password files for a different number of keys ({})", files.len(), keys.len());
        return Err(CommandError::new(Exit::Usage, "usage/password-files", message)
            .hint("Give one `--password-file` for all keys, or one for each in the same order."));
    }
    let mut passphrases: Vec<Secret> = Vec::with_capacity(keys.len());
    for (place, key) in keys.iter().enumerate() {
        let passphrase = match (files, passphrases.first()) {
            // Standard input can be read once.
            ([_], Some(shared)) => shared.clone(),
            _ => obtain(files.get(place).map(PathBuf::as_path), &key.display().to_string(), Purpose::Open, context).await?,
        };
        passphrases.push(passphrase);
    }
    Ok(passphrases)
}

/// Reads a file, or stdin for `-`, without the line break at its end.
fn from_file(file: &Path) -> Result<Secret> {
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        io::stdin().lock().read_to_end(&mut bytes).map_err(fs::FsError::at("read", Path::new("standard input")))?;
    } else {
        bytes = fs::read(file)?;
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    Ok(Secret::new(bytes))
}

/// Asks on the terminal without showing what is typed. Ctrl-C ends it with the terminal as it was.
async fn ask(question: &str, context: &Context) -> Result<Secret> {
    let failed =
        |error: io::Error| CommandError::new(Exit::Failure, "key/no-passphrase", format!("cannot ask for the passphrase: {error}"));
    let silence = Silence::begin().map_err(failed)?;
    context.printer.question(question);
    let line = tokio::select! {
        line = tokio::task::spawn_blocking(read_line) => line.map_err(|error| failed(io::Error::other(error)))?.map_err(failed),
        () = context.cancel.cancelled() => Err(CommandError::new(Exit::Interrupted, "command/interrupted", "stopped")),
    };
    drop(silence);
    context.printer.line_break();
    line
}

fn read_line() -> io::Result<Secret> {
    let mut line = zeroize::Zeroizing::new(String::new());
    if io::stdin().read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

/// The terminal without echo, until dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> io::Result<Self> {
        let stdin = io::stdin();
        let before = termios::tcgetattr(stdin.as_fd())?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO);
        termios::tcsetattr(stdin.as_fd(), SetArg::TCSAFLUSH, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that went away needs no echo.
        let _gone = termios::tcsetattr(io::stdin().as_fd(), SetArg::TCSANOW, &self.0);
    }
}
