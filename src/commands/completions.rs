//! `edgectl completions`: shell completion scripts, from the same definitions that parse the command line.

use clap::{Args as ClapArgs, CommandFactory as _};
use clap_complete::Shell;
use serde::Serialize;

use super::Context;
use crate::base::{Exit, Result};
use crate::output::Render;

/// Print the completion script of a shell
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl completions bash > /etc/bash_completion.d/edgectl
  edgectl completions zsh > \"${fpath[1]}/_edgectl\"
  edgectl completions fish > ~/.config/fish/completions/edgectl.fish
  edgectl completions bash -o json")]
pub struct Args {
    /// The shell
    pub shell: Shell,
}

/// A completion script: `shell`, `script`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Script {
    /// Name of the shell.
    pub shell: String,
    /// The whole script.
    pub script: String,
}

impl Render for Script {
    fn human(&self) -> String {
        self.script.clone()
    }

    fn names(&self) -> Vec<String> {
        vec![self.shell.clone()]
    }
}

/// Returns the completion script of a shell.
pub fn script(shell: Shell) -> std::io::Result<String> {
    use clap_complete::Generator as _;
    let mut command = crate::cli::Cli::command();
    command.set_bin_name("edgectl");
    command.build();
    let mut bytes = Vec::new();
    shell.try_generate(&command, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<()> {
    let script = script(args.shell).map_err(|error| {
        crate::base::CommandError::new(Exit::Failure, "completions/failed", format!("cannot write the script: {error}"))
    })?;
    context.printer.result(&Script { shell: args.shell.to_string(), script })
}
