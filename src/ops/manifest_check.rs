//! `manifest check`: manifests, templates and layers, or the files of a solution, each with everything that is wrong with it.

use std::path::{Path, PathBuf};

use crate::base::finding::{Finding, Severity};
use crate::base::jsonc::Document;
use crate::base::source::SourceText;
use crate::base::yaml::YamlError;
use crate::base::{Diagnose, Result, fs};
use crate::manifest::ManifestError;
use crate::manifest::check::{self, Source};
use crate::solution::{ModuleFile, Solution, module_file};

/// A file to check: as the user named it, and what it holds.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name for messages; files that it names are looked for beside it.
    pub name: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Subject {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn load(file: &Path) -> Result<Self> {
        Ok(Self { name: file.to_path_buf(), bytes: fs::read(file)? })
    }
}

/// Checks one file by its kind: a solution or module file in YAML, anything else as a manifest. A file that does not read is a finding too.
pub fn manifest_check(subject: &Subject) -> Vec<Finding> {
    let file = subject.name.as_path();
    if !check::is_yaml(file) {
        return Document::parse(&subject.bytes, file).map_or_else(|error| vec![error.finding()], |document| check::manifest(&document));
    }
    let text = match std::str::from_utf8(&subject.bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = String::from_utf8_lossy(subject.bytes.get(..error.valid_up_to()).unwrap_or_default()).into_owned();
            let end = valid.len();
            let finding = Finding::new("yaml/invalid", Severity::Error, "the text is no UTF-8");
            return vec![finding.at(&SourceText::new(file, valid), end..end)];
        }
    };
    let source = SourceText::new(file, text);
    if file.file_name().is_some_and(|name| name == module_file::FILE_NAME) {
        return ModuleFile::parse(text, file).err().iter().map(|error| of_yaml(&source, error, error.code())).collect();
    }
    match Solution::parse(text, file) {
        Err(error) => vec![of_yaml(&source, &error, error.code())],
        Ok(solution) => of_solution(&solution, &source),
    }
}

/// Returns what is wrong with a solution and with the module files that it names.
fn of_solution(solution: &Solution, source: &SourceText) -> Vec<Finding> {
    let faults = check::faults(Source { solution, text: &source.text, file: &source.name });
    let mut findings: Vec<Finding> = faults.iter().map(|fault| of_fault(source, fault)).collect();
    for (name, module) in &solution.modules {
        let Some(folder) = module.folder() else { continue };
        let file = source.name.parent().map_or_else(|| folder.to_path_buf(), |parent| parent.join(folder)).join(module_file::FILE_NAME);
        match Subject::load(&file) {
            Ok(subject) => findings.extend(manifest_check(&subject)),
            Err(error) => {
                let message = format!("the module `{name}` has no file to read: {}", error.chain().join(": "));
                let place = source.text.find(&format!("{name}:")).unwrap_or(0);
                let finding =
                    Finding::new("manifest/no-module-file", Severity::Error, message).at(source, place..place + name.as_str().len());
                findings.push(finding.hint("Run `edgectl module add NAME`, or correct the folder."));
            }
        }
    }
    findings
}

fn of_fault(source: &SourceText, fault: &ManifestError) -> Finding {
    match fault {
        ManifestError::Solution(place) => of_yaml(source, &place.place, place.code),
        other => {
            let mut finding = Finding::new(other.code(), Severity::Error, other.to_string());
            finding.file = Some(source.name.clone());
            finding
        }
    }
}

fn of_yaml(source: &SourceText, error: &YamlError, code: &'static str) -> Finding {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let at = source.offset(number(error.line), number(error.column));
    let width = source.text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let finding = Finding::new(code, Severity::Error, error.message.clone()).at(source, at..at + width);
    let hints = error.hints();
    if hints.is_empty() { finding } else { finding.hint(hints.join(" ")) }
}
