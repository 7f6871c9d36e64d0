//! `manifest explain`: what a file with a manifest comes to.

use std::path::{Path, PathBuf};

use super::input;
use crate::base::jsonc::Document;
use crate::base::{Finding, Result};
use crate::manifest::Manifest;
use crate::manifest::document::{Form, repeated_keys};
use crate::manifest::explain::{Explanation, explain};
use crate::manifest::parts::{Parts, sections};

/// A manifest in words.
#[derive(Clone, Debug)]
pub struct Explained {
    /// How the file is named.
    pub name: PathBuf,
    /// Whether it is a layer.
    pub layer: bool,
    /// Why it is taken for a base or a layer.
    pub reason: &'static str,
    /// What it comes to.
    pub explanation: Explanation,
    /// Keys that stand there twice.
    pub findings: Vec<Finding>,
}

/// A manifest of a file, taken apart.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// How the file is named.
    pub name: PathBuf,
    /// Whether it is a layer.
    pub layer: bool,
    /// Why it is taken for a base or a layer.
    pub reason: &'static str,
    /// Its parts.
    pub parts: Parts,
    /// Keys that stand there twice.
    pub findings: Vec<Finding>,
}

/// Explains the manifest of a file, `-` being the standard input.
///
/// # Errors
/// A file that does not read, or that holds no manifest.
pub fn manifest_explain(file: &Path) -> Result<Explained> {
    let loaded = load(file)?;
    let explanation = explain(&loaded.parts);
    Ok(Explained { name: loaded.name, layer: loaded.layer, reason: loaded.reason, explanation, findings: loaded.findings })
}

/// Reads the manifest of a file.
///
/// # Errors
/// A file that does not read, or that holds no manifest.
pub fn load(file: &Path) -> Result<Loaded> {
    let input = input::read(file)?;
    let document = Document::parse(&input.bytes, &input.name)?;
    let manifest = Manifest::read(&document)?;
    Ok(Loaded {
        name: input.name,
        layer: manifest.form() == Form::Layer,
        reason: manifest.form_reason(),
        parts: Parts::of(&sections(&manifest.to_sections())?),
        findings: repeated_keys(&document),
    })
}
