//! What the release commands share: the desk they work at, the question before a change, the end of a decision.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::Path;

use crate::base::{CommandError, Exit, Result};
use crate::commands::{Context, hub};
use crate::config::env;
use crate::iothub::Client;
use crate::ledger::{Ledger, OpenOptions};
use crate::ops;
use crate::ops::release_desk::Desk;
use crate::ops::solution_new::no_solution;
use crate::release::{Decision, GateOutcome, GateResult};
use crate::solution::Solution;

/// Variables that git needs to find its settings and to reach a remote.
const GIT_VARIABLES: [&str; 16] = [
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "HTTPS_PROXY",
    "https_proxy",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Returns the solution that the command works in.
pub(super) fn solution(context: &Context) -> Result<Solution> {
    context.settings.solution()?.ok_or_else(|| no_solution(&context.settings.directory))
}

/// Returns the desk over a solution.
pub(super) async fn desk<'a>(context: &Context, solution: &'a Solution) -> Result<Desk<'a>> {
    let settings = &context.settings;
    let folder = settings.solution_file.as_deref().and_then(Path::parent).unwrap_or(&settings.directory).to_path_buf();
    let options = OpenOptions {
        solution_folder: folder.clone(),
        state_dir: settings.state_dir.value.clone(),
        environment: git_environment(context),
        remote: solution.ledger.remote.clone(),
        cancel: context.cancel.clone(),
    };
    Ok(Desk {
        solution,
        folder,
        ledger: Ledger::open(&options).await?,
        clock: context.clock,
        cancel: context.cancel.clone(),
        actor: settings.environment.non_empty(env::USER).map_or_else(account, ToOwned::to_owned),
    })
}

/// Returns the variables that git gets.
pub(super) fn git_environment(context: &Context) -> BTreeMap<String, String> {
    let environment = &context.settings.environment;
    GIT_VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), environment.get(name)?.to_owned()))).collect()
}

/// Returns a client of the hub in force.
pub(super) fn hub(context: &Context) -> Result<Client> {
    ops::hub::connect(&hub::options(context)?)
}

/// Whether a change may go on where nobody can be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unasked {
    /// It goes on; gates stand before it.
    Proceed,
    /// It needs `--yes`.
    Refuse,
}

/// Asks before a change, unless `--yes` was given.
pub(super) fn confirm(context: &Context, yes: bool, question: &str, unasked: Unasked) -> Result<()> {
    if yes {
        return Ok(());
    }
    if context.no_input || !std::io::stdin().is_terminal() {
        return match unasked {
            Unasked::Proceed => Ok(()),
            Unasked::Refuse => {
                Err(CommandError::new(Exit::Usage, "release/needs-yes", "nobody can be asked here")
                    .hint("Add --yes to go on without asking."))
            }
        };
    }
    context.printer.status(&format!("{question} [y/N]"));
    let mut answer = String::new();
    let failed = |error| CommandError::new(Exit::Failure, "command/no-answer", format!("cannot read the answer: {error}"));
    std::io::stdin().read_line(&mut answer).map_err(failed)?;
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(CommandError::new(Exit::Failure, "command/declined", "nothing was done"))
}

/// Ends a command whose result is printed: a decision that is no success becomes its error.
pub(super) fn end(decision: Decision, what: &str, gates: &[GateResult], reason: Option<&str>) -> Result<()> {
    let stopped: Vec<_> =
        gates.iter().filter(|gate| gate.result != GateOutcome::Pass).map(|gate| format!("{}: {}", gate.name, gate.reason)).collect();
    let because = if stopped.is_empty() { reason.unwrap_or("its health says no").to_owned() } else { stopped.join("; ") };
    let error = |code, text: String, hint: &str| Err(CommandError::new(decision.exit(), code, text).hint(hint));
    match decision {
        Decision::Proceed | Decision::AlreadyDone | Decision::Planned | Decision::RolledBack => Ok(()),
        Decision::GateFailed => error("release/gate-failed", format!("{what} may not go on ({because})"), "Nothing was changed."),
        Decision::Paused => error("release/paused", format!("{what} must wait ({because})"), "Run the same command again later."),
        Decision::Halted => error(
            "release/halted",
            format!("{what} was halted ({because})"),
            "Take it back with `edgectl release rollback --ring RING`, or promote a release that works.",
        ),
        Decision::Rejected => {
            error("release/rejected", format!("the hub refused {what} ({because})"), "Correct the solution and make a new release.")
        }
    }
}

/// Returns the name of the account that runs this process, or its number where it has none.
fn account() -> String {
    let uid = nix::unistd::getuid();
    nix::unistd::User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}
