//! The quickstart: from an empty folder to a ring promotion and back. It runs each line that it shows, our own executable
//! for those of `edgectl`, so what it shows is what happens.

mod plan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::base::{Cancel, CommandError, Context as _, Exit, Report, Result, fs};
use crate::process::{self, Invocation, Output, Stream};

pub use plan::{RINGS, SOLUTION};

/// Longest that one step may take; the first build on a slow machine is the longest.
const STEP_LIMIT: Duration = Duration::from_mins(20);

/// Where and how the quickstart runs.
pub struct QuickstartOptions {
    /// This executable.
    pub executable: PathBuf,
    /// Folder of the solution, absolute; it must not exist yet or be empty.
    pub folder: PathBuf,
    /// Folder that goes away at the end, for a solution that nobody asked to have.
    pub scratch: Option<PathBuf>,
    /// Whether world and folder stay for looking around.
    pub keep: bool,
    /// Environment of the steps: the user's own.
    pub environment: BTreeMap<String, String>,
    /// `git`, where there is one.
    pub git: Option<PathBuf>,
    /// Ends it early; what was started is stopped all the same.
    pub cancel: Cancel,
}

/// What the quickstart did and how the world stood at its end: `folder` (null when it is gone), `worldRunning`, `steps[]` (`command`, `seconds`), `rings[]` and
/// `devices[]` as `release status` and `sim status` print them, `alerts` (messages that reached the hub), `totalSeconds`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quickstart {
    /// Folder of the solution, null when it is gone.
    pub folder: Option<PathBuf>,
    /// Whether the world still runs.
    pub world_running: bool,
    /// The steps that ran, in order; all of them succeeded.
    pub steps: Vec<StepDone>,
    /// The rings at the end, as `release status -o json` prints them.
    pub rings: Value,
    /// The devices at the end, as `sim status -o json` prints them.
    pub devices: Value,
    /// Telemetry messages that the hub had received at the end.
    pub alerts: usize,
    /// Seconds from start to end.
    pub total_seconds: f64,
}

/// A step that succeeded.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepDone {
    /// The command line as a user types it.
    pub command: String,
    /// Seconds that it took.
    pub seconds: f64,
}

/// Runs the quickstart to its end. Nothing keeps running afterwards unless `keep` is set, on failure and cancellation too.
///
/// # Errors
/// The first step that fails, with its command line; a folder that is in use.
pub async fn quickstart(options: &QuickstartOptions, report: &mut dyn Report) -> Result<Quickstart> {
    let started = Instant::now();
    let mut run = Run { options, report, steps: Vec::new() };
    let outcome = run.all().await;
    let world_stays = options.keep && outcome.is_ok();
    let stopped = if world_stays { Ok(()) } else { run.stop().await };
    let steps = run.steps;
    // A folder whose world may still run is what ends that world.
    let removed = options.scratch.as_deref().filter(|_| !options.keep && stopped.is_ok());
    let stopped = stopped.map_err(|error| {
        let folder = options.folder.display();
        error.hint(format!("The folder {folder} stays, since its world may still run; `edgectl -C {folder} sim down` ends it."))
    });
    let facts = joined(outcome, [stopped, removed.map_or(Ok(()), |folder| Ok(fs::remove(folder)?))])?;
    Ok(Quickstart {
        folder: removed.is_none().then(|| options.folder.clone()),
        world_running: world_stays,
        steps,
        rings: facts.rings,
        devices: facts.devices,
        alerts: facts.alerts,
        total_seconds: started.elapsed().as_secs_f64(),
    })
}

/// Gives the first error, with those of the clean-up after it as hints.
fn joined<T>(outcome: Result<T>, clean_up: [Result<()>; 2]) -> Result<T> {
    clean_up.into_iter().filter_map(Result::err).fold(outcome, |outcome, later| match outcome {
        Ok(_) => Err(later),
        Err(first) => {
            let first = first.hint(format!("The clean-up failed too: {}.", later.chain().join(": ")));
            Err(later.hints.into_iter().fold(first, CommandError::hint))
        }
    })
}

/// How the world stood before it was stopped.
struct Facts {
    rings: Value,
    devices: Value,
    alerts: usize,
}

struct Run<'a> {
    options: &'a QuickstartOptions,
    report: &'a mut dyn Report,
    steps: Vec<StepDone>,
}

impl Run<'_> {
    async fn all(&mut self) -> Result<Facts> {
        let folder = self.options.folder.clone();
        let (parent, name) = (folder.parent().unwrap_or(Path::new("/")), folder.file_name().unwrap_or(folder.as_os_str()));
        let name = name.to_string_lossy().into_owned();
        self.edgectl(parent, &["new", &name, "--name", SOLUTION, "--bake", "3s"]).await?;
        self.shown(&format!("cd {name}"));
        for (number, chapter) in plan::chapters().iter().enumerate() {
            self.report.note("");
            self.report.note(format!("{}. {}", number + 1, chapter.heading));
            for step in &chapter.steps {
                self.step(&folder, step).await?;
            }
        }
        self.facts(&folder).await
    }

    async fn step(&mut self, folder: &Path, step: &plan::Step) -> Result<()> {
        match step {
            plan::Step::Edgectl(arguments) => self.edgectl(folder, arguments).await,
            plan::Step::Git(arguments) => {
                if let Some(git) = self.options.git.clone() {
                    return self.shown_and_run(&git, typed("git", arguments), folder, arguments).await;
                }
                self.report.note("  git is not installed: releases are kept in files under .edgectl/ledger");
                Ok(())
            }
            plan::Step::Shell(line) => self.shell(folder, (*line).to_owned()).await,
            plan::Step::Edit { file, replace } => self.edit(folder, file, replace).await,
        }
    }

    async fn edit(&mut self, folder: &Path, file: &str, replace: &[(&str, &str)]) -> Result<()> {
        let path = folder.join(file);
        let changed = |message: String| CommandError::new(Exit::Failure, "quickstart/template-changed", message);
        let before = fs::read_text(&path)?;
        if let Some((from, _)) = replace.iter().find(|(from, _)| !before.contains(from)) {
            return Err(changed(format!("{file} has no `{from}` to change")));
        }
        let script =
            replace.iter().map(|(from, to)| format!("s/{}/{}/", pattern(from), to.replace('/', r"\/"))).collect::<Vec<_>>().join("; ");
        self.shell(folder, typed("sed", &["-i", &script, file])).await?;
        let after = fs::read_text(&path)?;
        match replace.iter().find(|(from, to)| after.contains(from) || !after.contains(to)) {
            Some((from, _)) => Err(changed(format!("`{from}` still stands in {file}"))),
            None => Ok(()),
        }
    }

    async fn shell(&mut self, folder: &Path, line: String) -> Result<()> {
        self.shown_and_run(Path::new("/bin/sh"), line.clone(), folder, &["-c", &line]).await
    }

    async fn edgectl(&mut self, folder: &Path, arguments: &[&str]) -> Result<()> {
        let executable = self.options.executable.clone();
        self.shown_and_run(&executable, typed("edgectl", arguments), folder, arguments).await
    }

    async fn shown_and_run(&mut self, program: &Path, command: String, folder: &Path, arguments: &[&str]) -> Result<()> {
        self.shown(&command);
        let started = Instant::now();
        let invocation = self.invocation(program, folder, arguments, self.options.cancel.clone());
        let output = self.streamed(&invocation).await?;
        if !output.status.success() {
            let message = format!("`{command}` ended with {}", output.status);
            let kind = output.status.code().map_or(Exit::Failure, Exit::of_code);
            return Err(CommandError::new(kind, "quickstart/step-failed", message)
                .hint("The lines above say why. `quickstart DIR` leaves the folder for a look."));
        }
        self.steps.push(StepDone { command, seconds: started.elapsed().as_secs_f64() });
        Ok(())
    }

    /// Runs a program; its status lines are shown as they come, its result once it is whole, so that the two never mix.
    async fn streamed(&mut self, invocation: &Invocation) -> Result<Output> {
        let report = &mut *self.report;
        let mut show = |stream, line: &str| {
            if stream == Stream::Stderr {
                report.note(format!("  {line}").trim_end());
            }
        };
        let output = process::run_with_lines(invocation, &mut show).await?;
        String::from_utf8_lossy(&output.stdout).lines().for_each(|line| self.report.note(format!("  {line}").trim_end()));
        Ok(output)
    }

    fn shown(&mut self, command: &str) {
        self.report.note(format!("$ {command}"));
    }

    fn invocation(&self, program: &Path, folder: &Path, arguments: &[&str], cancel: Cancel) -> Invocation {
        Invocation {
            program: program.to_path_buf(),
            arguments: arguments.iter().map(Into::into).collect(),
            directory: folder.to_path_buf(),
            environment: self.options.environment.clone(),
            stdin: None,
            timeout: STEP_LIMIT,
            cancel,
        }
    }

    /// Asks the tool once more for what it printed, as JSON, so that scripts and tests can hold the summary against the ledger.
    async fn facts(&mut self, folder: &Path) -> Result<Facts> {
        let release = self.json(folder, &["release", "status", "-o", "json"]).await?;
        let world = self.json(folder, &["sim", "status", "-o", "json"]).await?;
        let log = self.stdout(folder, &["sim", "monitor", "--from", "start", "--timeout", "1s", "-o", "json"]).await?;
        let alerts = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        Ok(Facts { rings: release["rings"].clone(), devices: world["devices"].clone(), alerts })
    }

    async fn json(&self, folder: &Path, arguments: &[&str]) -> Result<Value> {
        serde_json::from_slice(&self.stdout(folder, arguments).await?)
            .map_err(|error| CommandError::new(Exit::Failure, "quickstart/bad-json", format!("{error}")))
            .context(format!("cannot read what `{}` printed", typed("edgectl", arguments)))
    }

    async fn stdout(&self, folder: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
        let invocation = self.invocation(&self.options.executable, folder, arguments, self.options.cancel.clone());
        Ok(process::run(&invocation).await?.require_success(&invocation, 5)?.stdout)
    }

    /// Stops the world, also when the user cancelled: so this is not cancelled with the rest.
    async fn stop(&mut self) -> Result<()> {
        let folder = self.options.folder.clone();
        if !folder.join(".edgectl/sim").is_dir() {
            return Ok(());
        }
        self.report.note("");
        self.shown("edgectl sim down");
        let invocation = self.invocation(&self.options.executable, &folder, &["sim", "down"], Cancel::new());
        let output = self.streamed(&invocation).await?;
        Ok(output.require_success(&invocation, 5).map(|_| ())?)
    }
}

/// Writes a literal text as a basic regular expression of sed.
fn pattern(text: &str) -> String {
    text.chars().map(|c| if r"\/.*[]^$".contains(c) { format!(r"\{c}") } else { c.to_string() }).collect()
}

/// Writes a command line as a user types it into a POSIX shell.
fn typed(program: &str, arguments: &[&str]) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = arguments.iter().map(|argument| {
        let plain = !argument.is_empty() && argument.chars().all(safe);
        if plain { (*argument).to_owned() } else { format!("'{}'", argument.replace('\'', r"'\''")) }
    });
    std::iter::once(program.to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_quoted_for_a_shell() {
        assert_eq!(typed("edgectl", &["a=b", "x y", "", "it's"]), r"edgectl a=b 'x y' '' 'it'\''s'");
    }
}
