//! `edgectl manifest generate --template`: the manifest of a deployment template of iotedgedev or Visual Studio Code.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use crate::base::{CommandError, Event, Exit, Finding, Report as _, Result};
use crate::commands::Context;
use crate::manifest::Manifest;
use crate::manifest::document::Form;
use crate::manifest::template::{Generated, Mode};
use crate::ops::manifest_template::{Target, TemplateManifest, TemplateOptions, UsedVariable, manifest_template};
use crate::output::findings::{self, Strictness, Summary};
use crate::output::{Format, Render, Verbosity};

/// Name of the template that is taken when there is no edgectl.yaml.
const USUAL: &str = "deployment.template.json";

/// Flags of the template half of the command.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Deployment templates")]
pub struct TemplateArgs {
    /// Generate from this deployment template; without edgectl.yaml deployment.template.json is taken by itself
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// Write what this tool would write, byte for byte, its faults included
    #[arg(long, value_name = "TOOL")]
    compat: Option<Compat>,
    /// Platform of image placeholders that name none [default: the variable `DEFAULT_PLATFORM`, then amd64]
    #[arg(short = 'P', long, value_name = "PLATFORM")]
    platform: Option<String>,
    /// Read variables from this file, which wins over .env; may be given again, and the last wins
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Set a variable, over every other source; may be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Print the manifest and write no file
    #[arg(long, conflicts_with = "out_dir")]
    stdout: bool,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// With --compat, fail when the manifest is not valid; it is written all the same, as the tool does
    #[arg(long, requires = "compat")]
    fail_on_validation_error: bool,
}

/// A tool whose manifests are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Compat {
    /// iotedgedev 3.3.9, `solution genconfig`
    Iotedgedev,
    /// The Visual Studio Code extension 1.25.11
    Vscode,
}

/// The manifest: `template`, `compat` (null without it), `platform`, `form` (`base`, `layer`; null when refused), `file` (null when none was written), `content` (registry passwords masked; null when
/// refused), `variables[]` (`name`, `value` with secrets masked, `origin`), `findings[]` and `summary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FromTemplate {
    template: PathBuf,
    compat: Option<Compat>,
    platform: Option<String>,
    form: Option<&'static str>,
    file: Option<PathBuf>,
    content: Option<Value>,
    variables: Vec<UsedVariable>,
    findings: Vec<Finding>,
    summary: Summary,
}

impl Render for FromTemplate {
    fn human(&self) -> String {
        let end = match &self.file {
            Some(file) => format!("{}: written, {}", file.display(), self.summary.words()),
            None => format!("{}: {}; no file was written", self.template.display(), self.summary.words()),
        };
        format!("{}{end}\n", findings::draw(&self.findings))
    }

    fn names(&self) -> Vec<String> {
        self.file.iter().map(|file| file.display().to_string()).collect()
    }

    fn findings(&self) -> Option<&[Finding]> {
        Some(&self.findings)
    }
}

/// Reads `NAME=VALUE`.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

impl TemplateArgs {
    /// Returns the template that the command is about: the one that was named, or the usual one of a folder without edgectl.yaml.
    ///
    /// # Errors
    /// Flags of templates where there is none.
    pub fn chosen(&self, context: &Context) -> Result<Option<PathBuf>> {
        if let Some(template) = &self.template {
            return Ok(Some(template.clone()));
        }
        if context.settings.solution_file.is_none() && context.settings.directory.join(USUAL).is_file() {
            context.printer.status(&format!("generating from {USUAL}, as there is no edgectl.yaml here"));
            return Ok(Some(PathBuf::from(USUAL)));
        }
        let used = self.compat.is_some() || self.platform.is_some() || self.stdout || !self.env_file.is_empty() || !self.set.is_empty();
        if used {
            let message = "these flags are for deployment templates, and none is named";
            return Err(CommandError::new(Exit::Usage, "usage/no-template", message).hint(format!("Add --template {USUAL}.")));
        }
        Ok(None)
    }
}

/// Runs the template half of the command.
pub fn run(args: TemplateArgs, template: PathBuf, out_dir: Option<PathBuf>, context: &mut Context) -> Result<()> {
    let (stdout, strict) = (args.stdout, args.strict);
    let compat = args.compat;
    let target = match out_dir {
        _ if stdout => Target::Nowhere,
        Some(folder) => Target::Folder(folder),
        None => Target::Usual,
    };
    let options = TemplateOptions {
        directory: context.settings.directory.clone(),
        template: template.clone(),
        mode: compat.map_or(Mode::Strict, Mode::from),
        platform: args.platform,
        env_files: args.env_file,
        set: args.set,
        process: context.settings.environment.all().clone(),
        target,
        strict,
        fail_on_validation_error: args.fail_on_validation_error,
    };
    let made = manifest_template(&options).map_err(|error| outside_quotes(error, compat))?;
    told_variables(&made.variables, context);
    let verdict = findings::require(&made.findings, Strictness::of(strict));
    if stdout {
        tell(&made.findings, context);
        verdict?;
        let text = made.generated.map(|generated| generated.text).unwrap_or_default();
        return context.printer.write(&text);
    }
    // People are shown the file's name, not what is in it.
    let with_content = matches!(context.printer.options().format, Format::Json | Format::Yaml);
    context.printer.result(&result(template, compat, made, with_content))?;
    verdict
}

fn result(template: PathBuf, compat: Option<Compat>, made: TemplateManifest, with_content: bool) -> FromTemplate {
    let summary = Summary::of(&made.findings);
    let mut generated = made.generated.filter(|generated| !generated.is_refused());
    let form = generated.as_mut().and_then(|generated| {
        let form = generated.as_document(|document| Manifest::read(document).ok().map(|manifest| manifest.form()))?;
        Some(if form == Form::Layer { "layer" } else { "base" })
    });
    FromTemplate {
        template,
        compat,
        platform: generated.as_ref().map(|generated| generated.platform.clone()),
        form,
        file: made.file,
        content: generated.filter(|_| with_content).map(Generated::redacted),
        variables: made.variables,
        findings: made.findings,
        summary,
    }
}

/// Says on stderr what was found, when stdout has the manifest.
fn tell(found: &[Finding], context: &Context) {
    let mut progress = context.printer.progress();
    for line in findings::draw(found).lines().filter(|line| !line.is_empty()) {
        progress.report(Event::Note(line.to_owned()));
    }
}

/// Says with `-v` where each value came from.
fn told_variables(variables: &[UsedVariable], context: &Context) {
    if context.printer.options().verbosity == Verbosity::Verbose {
        for variable in variables {
            context.printer.status(&format!("{} = {} ({})", variable.name, variable.value, variable.origin));
        }
    }
}

/// Adds the way out when a variable stands where JSON wants a value.
fn outside_quotes(error: CommandError, compat: Option<Compat>) -> CommandError {
    let unquoted = compat.is_none()
        && error.code == "json/invalid"
        && error.chain().iter().any(|part| part.lines().nth(2).is_some_and(caret_at_dollar));
    if unquoted {
        error.hint("A variable outside of quotes is replaced only with --compat iotedgedev, which reads no JSON before.")
    } else {
        error
    }
}

fn caret_at_dollar(line: &str) -> bool {
    line.split_once('|').is_some_and(|(_, text)| text.contains(": $") || text.trim_start().starts_with('$'))
}

impl From<Compat> for Mode {
    fn from(compat: Compat) -> Self {
        match compat {
            Compat::Iotedgedev => Self::Iotedgedev,
            Compat::Vscode => Self::Vscode,
        }
    }
}
