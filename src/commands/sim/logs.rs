//! `edgectl sim logs`: what modules wrote.

use clap::Args as ClapArgs;
use serde::Serialize;

use crate::base::Result;
use crate::commands::Context;
use crate::ops::world::{LogLine, LogOptions, LogSelection, logs};
use crate::output::{Format, Render};

/// Show what modules wrote to stdout and stderr
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl sim logs
  edgectl sim logs edge-1/filter --tail 20
  edgectl sim logs edge-1 -f
  edgectl sim logs -o json")]
pub struct Args {
    /// The device, or one of its modules; all of them when left out
    #[arg(value_name = "DEVICE[/MODULE]")]
    pub source: Option<String>,
    /// Go on with what comes, until Ctrl-C or --timeout
    #[arg(long, short = 'f')]
    pub follow: bool,
    /// Last lines to show of each module
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub tail: usize,
}

/// The lines: `lines[]` with `source` (`DEVICE/MODULE`) and `text`. With `--follow` each line is an object of its own, one a line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Lines {
    lines: Vec<LogLine>,
}

impl Render for Lines {
    fn human(&self) -> String {
        self.lines.iter().map(human).collect()
    }

    fn names(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.source.clone()).collect()
    }
}

fn human(line: &LogLine) -> String {
    format!("{}: {}\n", line.source, line.text)
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let (paths, _) = super::world(context)?;
    let options = LogOptions { selection: LogSelection::parse(args.source.as_deref())?, tail: args.tail };
    let mut reader = logs(&paths, &options)?;
    let lines = reader.read()?;
    if !args.follow {
        return context.printer.result(&Lines { lines });
    }
    print(&lines, context)?;
    loop {
        if context.printer.stdout_closed() || !reader.wait(&context.cancel).await {
            return Ok(());
        }
        let lines = reader.read()?;
        print(&lines, context)?;
    }
}

fn print(lines: &[LogLine], context: &mut Context) -> Result<()> {
    let json = context.printer.options().format != Format::Table;
    let text: String =
        lines.iter().map(|line| if json { serde_json::to_string(line).unwrap_or_default() + "\n" } else { human(line) }).collect();
    if text.is_empty() { Ok(()) } else { context.printer.write(&text) }
}
