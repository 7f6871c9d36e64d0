//! Hidden commands that the tool runs of itself; not an interface.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::Context;
use crate::base::{CommandError, Exit, Result};
use crate::config::env;
use crate::process::exec::{self, DeathSignal};
use crate::sim::world::guard::{self, GuardOptions};
use crate::sim::world::supervisor::{self, SupervisorOptions};

/// Commands that the tool runs of itself.
#[derive(Debug, Subcommand)]
pub enum Command {
    Exec(ExecArgs),
    /// Guard a simulated world and clean up after it
    Guard,
    /// Be a simulated world
    World,
}

/// Become a program that dies with the process that started it
#[derive(Debug, ClapArgs)]
pub struct ExecArgs {
    /// Process that started this one
    #[arg(long)]
    parent: u32,
    /// Signal that the program gets when that process is gone
    #[arg(long, value_enum)]
    signal: Signal,
    /// The program, then its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// A word for a signal.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Signal {
    /// SIGKILL.
    Kill,
    /// SIGTERM.
    Terminate,
}

/// Becomes the program; returns only when that cannot be. It reads no settings: the environment is the program's.
pub fn exec(args: &ExecArgs) -> CommandError {
    let signal = match args.signal {
        Signal::Kill => DeathSignal::Kill,
        Signal::Terminate => DeathSignal::Terminate,
    };
    let [program, arguments @ ..] = args.command.as_slice() else {
        return CommandError::new(Exit::Usage, "internal/no-program", "no program was named");
    };
    let program = PathBuf::from(program);
    let error = exec::become_child(args.parent, signal, &program, arguments);
    CommandError::new(Exit::Failure, "process/not-started", format!("cannot start {}: {error}", program.display()))
}

/// Runs one of them.
pub async fn run(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Exec(args) => Err(exec(&args)),
        Command::Guard => {
            let (paths, runtime) = super::sim::world(context)?;
            let supervisor = super::sim::up::own_arguments("world", context);
            Ok(guard::run(GuardOptions { paths, runtime, supervisor }, &context.cancel).await?)
        }
        Command::World => {
            log_to_stderr(context.settings.environment.non_empty(env::RUST_LOG));
            let (paths, runtime) = super::sim::world(context)?;
            let options =
                SupervisorOptions { paths, runtime, store: context.store_options()?, clock: context.clock, cancel: context.cancel.clone() };
            supervisor::run(options).await
        }
    }
}

/// Sends what the rooms trace to stderr, which the guard keeps in the log of the world.
fn log_to_stderr(filter: Option<&str>) {
    let filter = tracing_subscriber::EnvFilter::new(filter.unwrap_or("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr).finish();
    // A process has one subscriber; one that stands already serves as well.
    let _standing = tracing::subscriber::set_global_default(subscriber);
}
