//! The top of the command line: global flags, and which noun goes where.

mod watch;

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::base::duration::Span;
use crate::base::{Cancel, Clock, CommandError, Exit, Result};
use crate::commands::{self, Context};
use crate::config::Settings;
use crate::config::env::{self, Environment};
use crate::config::settings::Flags;
use crate::output::{Ci, Color, Format, LogFormat, Printer, PrinterOptions, ProgressMode, Verbosity, document};
use watch::{Pulse, cannot_start, watched};

/// The DevOps toolchain for edge modules: scaffold, build, sign, simulate, target and promote, offline first
#[derive(Debug, Parser)]
#[command(name = "edgectl", version, propagate_version = true, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_long_help = "Examples:
  edgectl quickstart
  edgectl new greenhouse
  edgectl -C greenhouse image build
  edgectl release promote v1.4.0 --to early -o json

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 your files are wrong, 4 sign-in, 5 outside system,
10 the answer is no, 11 inconclusive, 75 another writer won. The README has the whole table.")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Form of the result on stdout
    #[arg(short = 'o', long, value_enum, default_value_t, global = true)]
    pub output: Format,
    /// Write the result to this file in place of stdout ("-" is stdout)
    #[arg(long, value_name = "FILE", global = true)]
    pub out: Option<PathBuf>,
    /// Say nothing but results, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also show what outside programs say
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Use colours
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    pub color: Color,
    /// How progress is drawn
    #[arg(long, value_enum, default_value_t, global = true, value_name = "HOW")]
    pub progress: ProgressMode,
    /// Form of everything on stderr, the final error too
    #[arg(long, value_enum, default_value_t, global = true, value_name = "FORM")]
    pub log_format: LogFormat,
    /// Whose annotations accompany warnings and errors
    #[arg(long, value_enum, default_value_t, global = true, value_name = "SYSTEM")]
    pub ci: Ci,
    /// Work in this folder
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Name of the simulated world
    #[arg(long, value_name = "NAME", global = true)]
    pub sim: Option<String>,
    /// Ask nothing but what lies on this machine
    #[arg(long, global = true)]
    pub offline: bool,
    /// Give up after this time, such as 90s or 10m
    #[arg(long, value_name = "DURATION", global = true)]
    pub timeout: Option<Span>,
    /// Never ask; fail where an answer is needed
    #[arg(long, global = true)]
    pub no_input: bool,
}

/// The nouns, and the verbs that stand alone.
#[derive(Debug, Subcommand)]
pub enum Command {
    Quickstart(commands::quickstart::Args),
    New(commands::new::Args),
    /// Add modules to a solution
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl module add sensor --template rust-sensor"
    )]
    Module(commands::module::Command),
    /// Work on a solution as a whole
    #[command(subcommand)]
    Solution(commands::solution::Command),
    /// Build, sign, verify and carry images
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl image build
  edgectl image sign --key keys/release.key sensor
  edgectl image verify --key keys/release.pub sensor"
    )]
    Image(commands::image::Command),
    /// Make signing keys
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl key generate --out keys/release"
    )]
    Key(commands::key::Command),
    /// Run a simulated hub with edge devices
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl sim up
  edgectl sim status
  edgectl sim monitor
  edgectl sim down"
    )]
    Sim(commands::sim::Command),
    /// Generate deployment manifests
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl manifest generate --out-dir manifests"
    )]
    Manifest(commands::manifest::Command),
    /// Check, test and explain routes
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl route check --fix
  edgectl route test --message message.json
  edgectl route explain"
    )]
    Route(commands::route::Command),
    /// Evaluate target conditions
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl target match --ring canary"
    )]
    Target(commands::target::Command),
    /// Create releases and promote them ring by ring
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl release create v1
  edgectl release promote v1 --to canary --wait
  edgectl release status"
    )]
    Release(commands::release::Command),
    Doctor(commands::doctor::Args),
    /// Show the settings in force
    #[command(
        subcommand,
        after_long_help = "Examples:
  edgectl config show --origin"
    )]
    Config(commands::config::Command),
    Completions(commands::completions::Args),
    #[command(subcommand, hide = true)]
    Internal(commands::internal::Command),
}

impl Command {
    /// Refuses a form that only other commands have, before anything is done.
    fn takes(&self, format: Format) -> Result<()> {
        let credentials = matches!(self, Self::Sim(commands::sim::Command::Modulecred(_)));
        match format {
            Format::Sarif if !self.is_check() => Err(document::no_sarif()),
            Format::Env | Format::ConnString if !credentials => Err(document::no_environment()),
            _ => Ok(()),
        }
    }

    /// Tells the commands whose result is findings.
    fn is_check(&self) -> bool {
        use commands::{manifest, route, target};
        let manifest = matches!(self, Self::Manifest(manifest::Command::Check(_)));
        manifest || matches!(self, Self::Route(route::Command::Check(_)) | Self::Target(target::Command::Lint(_)))
    }

    /// Tells the commands that read and write files and wait for nothing else, as a rule.
    fn is_calculation(&self) -> bool {
        matches!(self, Self::Manifest(_) | Self::Route(_) | Self::Target(_) | Self::Config(_) | Self::Completions(_))
    }
}

/// Parses the arguments and runs the command they name.
pub(crate) fn run(arguments: &[OsString], environment: Environment) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, arguments),
    };
    let mut options = printer_options(&cli.global, &environment);
    if matches!(cli.command, Command::Key(_)) {
        // `key generate --out NAME` names the key files; its result goes to stdout.
        options.out = None;
    }
    let printer = Printer::new(options);
    if let Err(error) = cli.command.takes(cli.global.output) {
        printer.error(&error);
        return error.kind;
    }
    if let Command::Internal(commands::internal::Command::Exec(args)) = &cli.command {
        let error = commands::internal::exec(args);
        printer.error(&error);
        return error.kind;
    }
    let outcome = Settings::load(&flags(&cli.global), environment).and_then(|settings| {
        let cancel = Cancel::new();
        let context = Context {
            settings,
            printer: Printer::new(printer.options().clone()),
            clock: Clock::System,
            cancel: cancel.clone(),
            no_input: cli.global.no_input,
        };
        let last_words = Printer::new(printer.options().clone());
        #[expect(clippy::disallowed_methods, clippy::exit, reason = "the command's own thread does not come back")]
        let leave = move |error: CommandError| {
            last_words.error(&error);
            std::process::exit(i32::from(error.kind.code()));
        };
        watched(&cancel, cli.global.timeout, leave, |pulse| run_command(cli.command, context, pulse))
    });
    match outcome {
        Ok(()) => Exit::Success,
        Err(error) => {
            printer.error(&error);
            error.kind
        }
    }
}

/// Prints clap's own message; help and version go to stdout and are a success.
fn usage(error: &clap::Error, arguments: &[OsString]) -> Exit {
    let help = !error.use_stderr();
    let json = arguments.windows(2).any(|pair| pair[0] == "--log-format" && pair[1] == "json")
        || arguments.iter().any(|word| word == "--log-format=json");
    if !help && json {
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let printer = Printer::new(PrinterOptions { log_format: LogFormat::Json, ..PrinterOptions::default() });
        printer.error(&CommandError::new(Exit::Usage, "usage/wrong-command-line", first));
        return Exit::Usage;
    }
    // A reader that went away cannot be told anything.
    let _unreportable = error.print();
    if help { Exit::Success } else { Exit::Usage }
}

fn flags(global: &Global) -> Flags {
    Flags { directory: global.directory.clone(), sim: global.sim.clone(), offline: global.offline }
}

fn printer_options(global: &Global, environment: &Environment) -> PrinterOptions {
    let plain = environment.non_empty(env::NO_COLOR).is_some() || environment.get(env::TERM) == Some("dumb");
    let colored = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !plain && std::io::stderr().is_terminal(),
    };
    let ci = match global.ci {
        Ci::Auto if environment.get(env::GITHUB_ACTIONS) == Some("true") => Ci::Github,
        Ci::Auto if environment.get(env::TF_BUILD).is_some_and(|value| value.eq_ignore_ascii_case("true")) => Ci::Azure,
        Ci::Auto => Ci::None,
        chosen => chosen,
    };
    let verbosity = match (global.quiet, global.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Default,
    };
    PrinterOptions {
        format: global.output,
        out: global.out.clone(),
        verbosity,
        colored,
        progress: global.progress,
        log_format: global.log_format,
        ci,
    }
}

async fn dispatch(command: Command, context: &mut Context) -> Result<()> {
    match command {
        Command::Quickstart(args) => commands::quickstart::run(args, context).await,
        Command::New(args) => commands::new::run(args, context).await,
        Command::Module(command) => commands::module::run(command, context).await,
        Command::Solution(command) => commands::solution::run(command, context).await,
        Command::Image(command) => commands::image::run(command, context).await,
        Command::Key(command) => commands::key::run(command, context).await,
        Command::Sim(command) => commands::sim::run(command, context).await,
        Command::Manifest(command) => commands::manifest::run(command, context).await,
        Command::Route(command) => commands::route::run(&command, context),
        Command::Target(command) => commands::target::run(command, context).await,
        Command::Release(command) => commands::release::run(command, context).await,
        Command::Doctor(args) => commands::doctor::run(args, context).await,
        Command::Config(command) => commands::config::run(&command, context),
        Command::Completions(args) => commands::completions::run(&args, context),
        Command::Internal(command) => commands::internal::run(command, context).await,
    }
}

/// Runs a command to its end; after its cancellation `pulse` tells that it still gives way to others.
fn run_command(command: Command, mut context: Context, pulse: &Pulse) -> Result<()> {
    // What works on files alone is done on this thread.
    let runtime = if command.is_calculation() {
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    } else {
        tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build()
    };
    let runtime = runtime.map_err(|error| cannot_start(&error))?;
    let cancel = context.cancel.clone();
    let outcome = runtime.block_on(pulse.beside(dispatch(command, &mut context), &cancel));
    runtime.shutdown_background();
    outcome
}
