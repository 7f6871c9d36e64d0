//! The fleet that a command judges conditions on: the flags, and where it is read from.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use crate::base::Result;
use crate::commands::{Context, hub};
use crate::ops;
use crate::ops::fleet::{Fleet, FleetOptions, FleetSource, load};
use crate::target::Condition;
use crate::target::fleet::FleetFormat;

/// Flags that name a fleet.
#[derive(Clone, Debug, ClapArgs)]
pub struct FleetArgs {
    /// Fleet: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin; the hub when not given
    ///
    /// CSV begins with a line of names: deviceId, then tags such as ring or site.hall (a dot leads into a tag); line:number and spare:boolean say that the cells are no texts. An
    /// empty cell is no tag. The column capabilities.iotEdge says which devices are edge devices.
    #[arg(long, value_name = "FILE")]
    pub fleet: Option<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// Flags that say how a fleet is read.
#[derive(Clone, Debug, ClapArgs)]
pub struct ReadingArgs {
    /// Form of the fleet file
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub fleet_format: Form,
    /// Leave out devices that are not edge devices
    #[arg(long)]
    pub edge_only: bool,
}

/// Forms of fleet files, as users name them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// Found out from the first bytes
    #[default]
    Auto,
    /// One twin (JSON) a line
    Twins,
    /// The devices.txt of an export job
    Export,
    /// CSV of ids and tags
    Csv,
}

impl From<Form> for FleetFormat {
    fn from(form: Form) -> Self {
        match form {
            Form::Auto => Self::Auto,
            Form::Twins => Self::Twins,
            Form::Export => Self::Export,
            Form::Csv => Self::Csv,
        }
    }
}

impl FleetArgs {
    /// Reads what some conditions need of the fleet.
    ///
    /// # Errors
    /// When the file does not read, or there is no file and no hub.
    pub async fn load(&self, conditions: &[Condition], context: &Context) -> Result<Fleet> {
        if let Some(file) = &self.fleet {
            return self.reading.load_file(file, conditions, context).await;
        }
        let hub = ops::hub::connect(&hub::options(context)?)?;
        load(FleetSource::Hub(&hub), conditions, &self.reading.options(context), &mut context.printer.progress()).await
    }
}

impl ReadingArgs {
    /// Reads what some conditions need of a fleet file, by the same flags.
    ///
    /// # Errors
    /// When the file does not read.
    pub async fn load_file(&self, file: &Path, conditions: &[Condition], context: &Context) -> Result<Fleet> {
        let mut stdin = std::io::stdin();
        load(source(file, &mut stdin, context), conditions, &self.options(context), &mut context.printer.progress()).await
    }

    /// Returns how a fleet is read by these flags.
    pub fn options(&self, context: &Context) -> FleetOptions {
        let cache = context.settings.state_dir.value.join("cache").join("fleet");
        FleetOptions { format: self.fleet_format.into(), edge_only: self.edge_only, cache: Some(cache) }
    }
}

/// Returns a fleet file as a source, `-` for stdin.
pub fn source<'a>(file: &Path, stdin: &'a mut std::io::Stdin, context: &Context) -> FleetSource<'a> {
    if file.as_os_str() == "-" {
        return FleetSource::Stream { stream: stdin, name: PathBuf::from("<stdin>") };
    }
    FleetSource::File { path: context.locate(file), name: file.to_path_buf() }
}
