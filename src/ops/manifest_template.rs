//! `manifest generate --template`: from a deployment template of others to a deployment manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::finding::{self, Finding, Severity};
use crate::base::source::SourceText;
use crate::base::{CommandError, Exit, Result, fs};
use crate::manifest::check;
use crate::manifest::template::{self, Generated, Input, Mode, TemplateError};
use crate::solution::compat::variables::{Sources, Variable, shown};
use crate::solution::compat::{Variables, dotenv};

/// What is generated from which template.
#[derive(Clone, Debug)]
pub struct TemplateOptions {
    /// The current directory.
    pub directory: PathBuf,
    /// The template, as the user named it; relative to the current directory.
    pub template: PathBuf,
    /// Whose rules it follows.
    pub mode: Mode,
    /// Platform of image placeholders without one.
    pub platform: Option<String>,
    /// Files of variables besides the usual one; a later one wins.
    pub env_files: Vec<PathBuf>,
    /// `NAME=VALUE`, which win over all.
    pub set: Vec<(String, String)>,
    /// The process environment.
    pub process: BTreeMap<String, String>,
    /// Where the manifest goes.
    pub target: Target,
    /// Whether warnings leave the manifest unwritten.
    pub strict: bool,
    /// Whether faults of the manifest fail a command that copies another tool.
    pub fail_on_validation_error: bool,
}

/// Where a manifest goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Where the tool writes it.
    Usual,
    /// Into this folder.
    Folder(PathBuf),
    /// Nowhere: the caller has the text.
    Nowhere,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct TemplateManifest {
    /// The manifest; `None` when the template was refused.
    pub generated: Option<Generated>,
    /// The file that was written.
    pub file: Option<PathBuf>,
    /// What was found, in the order of files and places.
    pub findings: Vec<Finding>,
    /// Variables that went into the manifest, secrets masked, with where each came from.
    pub variables: Vec<UsedVariable>,
}

/// A variable that went into a manifest.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct UsedVariable {
    /// Its name.
    pub name: String,
    /// Its value, `***` for a secret.
    pub value: String,
    /// Where it came from.
    pub origin: String,
}

/// Generates the manifest of a template, checks it, and writes it unless something forbids that.
///
/// # Errors
/// A file that does not read or write, or a template that is no JSON. What else is wrong is a finding.
pub fn manifest_template(options: &TemplateOptions) -> Result<TemplateManifest> {
    let mut findings = Vec::new();
    let input = input(options, &mut findings)?;
    let mut generated = match template::generate(&input, options.mode) {
        Ok(generated) => generated,
        Err(TemplateError::Refused(refused)) => {
            findings.extend(refused);
            finding::sort(&mut findings);
            return Ok(TemplateManifest { generated: None, file: None, findings, variables: Vec::new() });
        }
        Err(error) => return Err(error.into()),
    };
    findings.extend(generated.findings.iter().cloned());
    let refused = generated.is_refused();
    if !refused {
        findings.extend(checked(&mut generated, options, &findings));
    }
    let fails = findings.iter().any(|finding| match finding.severity {
        // A copied tool writes before it checks.
        Severity::Error => options.mode == Mode::Strict || refused,
        Severity::Warning => options.strict,
        Severity::Note => false,
    });
    let file = if fails { None } else { write(&generated, options)? };
    finding::sort(&mut findings);
    findings.dedup();
    let variables = used(&generated, &input, options.mode);
    Ok(TemplateManifest { generated: Some(generated), file, findings, variables })
}

/// Reads the files of variables and puts all sources together.
///
/// # Errors
/// A file that does not read.
pub fn input(options: &TemplateOptions, findings: &mut Vec<Finding>) -> Result<Input> {
    let template = options.directory.join(&options.template);
    let mut files = Vec::new();
    for name in options.env_files.iter().rev() {
        let text = fs::read_text(&options.directory.join(name))?;
        files.push((name.clone(), read_variables(name, &text, findings)));
    }
    for name in usual_files(options) {
        if let Some(bytes) = fs::read_if_any(&options.directory.join(&name))? {
            let text = String::from_utf8(bytes).map_err(|error| {
                let source = std::io::Error::new(std::io::ErrorKind::InvalidData, error);
                fs::FsError::at("read", &name)(source)
            })?;
            files.push((name.clone(), read_variables(&name, &text, findings)));
        }
    }
    let sources = Sources { command_line: options.set.clone(), process: options.process.clone(), files };
    Ok(Input { template, name: options.template.clone(), sources, platform: options.platform.clone() })
}

/// Returns the files of variables that are read when they are there, the one that wins first.
fn usual_files(options: &TemplateOptions) -> Vec<PathBuf> {
    let beside = options.template.parent().map_or_else(|| PathBuf::from(".env"), |folder| folder.join(".env"));
    let here = PathBuf::from(".env");
    match options.mode {
        Mode::Vscode => vec![beside],
        Mode::Iotedgedev => {
            let named = options.process.get("DOTENV_FILE").map(|name| name.trim_matches('"').trim_matches('\''));
            vec![named.filter(|name| !name.is_empty()).map_or(here, PathBuf::from)]
        }
        Mode::Strict => {
            let same = options.directory.join(&beside) == options.directory.join(&here);
            if same { vec![here] } else { vec![beside, here] }
        }
    }
}

fn read_variables(name: &Path, text: &str, findings: &mut Vec<Finding>) -> dotenv::EnvFile {
    let file = dotenv::parse(text);
    if !file.bad_lines.is_empty() {
        let source = SourceText::new(name, text);
        findings.extend(file.bad_lines.iter().map(|line| {
            let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
            Finding::new("template/env-line", Severity::Warning, "this line is no NAME=VALUE and is passed over")
                .at(&source, start..start + length)
                .hint("Close its quotes, and write nothing but a comment behind them.")
        }));
    }
    file
}

/// Checks the manifest. Faults of a manifest that another tool writes too are warnings, unless it shall fail on them.
fn checked(generated: &mut Generated, options: &TemplateOptions, known: &[Finding]) -> Vec<Finding> {
    let check = if options.mode == Mode::Strict { check::finished } else { check::manifest };
    let mut found = generated.as_document(check);
    // What stays unresolved was told with its reason already.
    let left = options.mode != Mode::Strict;
    let told = |finding: &Finding| finding.code == "manifest/pipeline-token" || (left && finding.code == "manifest/placeholder");
    found.retain(|finding| !(told(finding) && known.iter().any(|other| overlap(finding, other))));
    // The manifest has it in clear, the file that people keep has not.
    let kept_out = |finding: &Finding| finding.span.as_ref().is_some_and(|span| generated.is_placeholder(span));
    found.retain(|finding| !(finding.code == "manifest/clear-password" && kept_out(finding)));
    if options.mode != Mode::Strict && !options.fail_on_validation_error {
        found.iter_mut().filter(|finding| finding.severity == Severity::Error).for_each(|finding| finding.severity = Severity::Warning);
    }
    found
}

fn overlap(left: &Finding, right: &Finding) -> bool {
    match (&left.span, &right.span) {
        (Some(left), Some(right)) => left.start < right.end && right.start < left.end,
        _ => false,
    }
}

fn write(generated: &Generated, options: &TemplateOptions) -> Result<Option<PathBuf>> {
    let folder = match &options.target {
        Target::Nowhere => return Ok(None),
        Target::Folder(folder) => folder.clone(),
        Target::Usual => generated.folder.clone(),
    };
    let file = options.directory.join(folder).join(&generated.file_name);
    if let Some(folder) = file.parent() {
        fs::create_folder(folder)?;
    }
    require_other(&file, options)?;
    if generated.has_password() {
        fs::write_private(&file, generated.text.as_bytes())?;
    } else {
        fs::write(&file, generated.text.as_bytes())?;
    }
    Ok(Some(file.strip_prefix(&options.directory).map_or_else(|_| file.clone(), Path::to_path_buf)))
}

/// Refuses to write over the template, by whatever name or link it is reached.
fn require_other(file: &Path, options: &TemplateOptions) -> Result<()> {
    let template = options.directory.join(&options.template);
    let same_path = file.canonicalize().ok().zip(template.canonicalize().ok()).is_some_and(|(file, template)| file == template);
    let identity = |path: &Path| fs::stamp(path).ok().map(|stamp| stamp.identity);
    let same_file = cfg!(unix) && identity(file).is_some_and(|found| Some(found) == identity(&template));
    if same_path || same_file {
        let message = format!("the manifest would be written over its template, {}", options.template.display());
        let hint = "Give another folder with --out-dir, another name with DEPLOYMENT_CONFIG_FILE, or print it with --stdout.";
        return Err(CommandError::new(Exit::BadInput, "template/over-itself", message).hint(hint));
    }
    Ok(())
}

fn used(generated: &Generated, input: &Input, mode: Mode) -> Vec<UsedVariable> {
    let variables: Variables = match mode {
        Mode::Vscode => input.sources.files_first(None),
        _ => input.sources.process_first(None),
    };
    let passwords = generated.passwords();
    // A variable may be all of a password, a part of it, or hold more than it.
    let secret = |value: &str| !value.is_empty() && passwords.iter().any(|password| password.contains(value) || value.contains(password));
    let of = |name: &String, variable: &Variable| UsedVariable {
        name: name.clone(),
        value: if secret(&variable.value) { "***".to_owned() } else { shown(name, &variable.value) },
        origin: variable.origin.to_string(),
    };
    generated.used.iter().filter_map(|name| Some(of(name, variables.get(name)?))).collect()
}
