//! `edgectl manifest generate`: writes the manifests of the solution's deployments.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::template::{self, TemplateArgs};
use super::warn;
use crate::base::{CommandError, Exit, Finding, Result};
use crate::commands::Context;
use crate::manifest::Deployment;
use crate::ops::manifest_generate::{GenerateOptions, manifest_generate};
use crate::output::{Render, Table};

/// Generate deployment manifests from the solution, images pinned by digest
///
/// A base carries everything that its devices run; a layer carries what it adds to a base. Every image is named by the digest that
/// its tag has now, and the same solution gives the same bytes.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl manifest generate
  edgectl manifest generate --deployment base -o json
  edgectl manifest generate --target canary
  edgectl manifest generate --out-dir manifests
  edgectl manifest generate --template deployment.template.json -P arm64v8
  edgectl manifest generate --template deployment.template.json --compat iotedgedev --env-file prod.env
  edgectl manifest generate --template deployment.debug.template.json --set CONTAINER_TAG=$(git describe) --stdout")]
pub struct Args {
    /// Generate this deployment only
    #[arg(long, value_name = "NAME", conflicts_with = "template")]
    deployment: Option<String>,
    /// Target the devices of this ring only
    #[arg(long, value_name = "RING", conflicts_with = "template")]
    target: Option<String>,
    /// Take each module's digest from this tag [default: latest]
    #[arg(long, value_name = "TAG", conflicts_with = "template")]
    tag: Option<String>,
    /// Write each manifest to DIR/NAME.json
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    #[command(flatten)]
    template: TemplateArgs,
}

/// The manifests: `deployments[]` with `name`, `layer`, `target` (null is every device), `priority`, `content` (the manifest) and
/// `digest` (of its canonical JSON); `files[]` that were written; `findings[]`, what is odd about the solution.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifests {
    deployments: Vec<Deployment>,
    files: Vec<PathBuf>,
    findings: Vec<Finding>,
    /// Folder that files are named from for people.
    #[serde(skip)]
    directory: PathBuf,
}

impl Render for Manifests {
    fn human(&self) -> String {
        let mut table = Table::new(["NAME", "KIND", "DIGEST", "FILE"]);
        let named = |file: &PathBuf| file.strip_prefix(&self.directory).unwrap_or(file).display().to_string();
        for (index, deployment) in self.deployments.iter().enumerate() {
            let kind = if deployment.layer { "layer" } else { "base" };
            let file = self.files.get(index).map(named).unwrap_or_default();
            table.row([deployment.name.clone(), kind.to_owned(), deployment.digest.short(), file]);
        }
        table.draw()
    }

    fn names(&self) -> Vec<String> {
        self.deployments.iter().map(|deployment| deployment.name.clone()).collect()
    }
}

impl Args {
    /// Refuses flags that choose from a solution where a template was found by itself.
    fn refuse_solution_flags(&self, template: &Path) -> Result<()> {
        let given = [("--deployment", &self.deployment), ("--target", &self.target), ("--tag", &self.tag)];
        let Some((flag, _)) = given.into_iter().find(|(_, value)| value.is_some()) else { return Ok(()) };
        let message = format!("{flag} is for a solution, and there is only the template {}", template.display());
        Err(CommandError::new(Exit::Usage, "usage/solution-flag", message)
            .hint("Name the solution's folder with -C DIR, or leave the flag out."))
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    if let Some(template) = args.template.chosen(context)? {
        args.refuse_solution_flags(&template)?;
        return template::run(args.template, template, args.out_dir, context);
    }
    let settings = &context.settings;
    let file = settings.solution_file.clone().ok_or_else(|| {
        let error = CommandError::new(Exit::BadInput, "solution/missing", "there is no edgectl.yaml in this folder or above it");
        error.hint("Run `edgectl new DIR`, or name the solution's folder with -C DIR.")
    })?;
    let options = GenerateOptions {
        file,
        deployment: args.deployment,
        ring: args.target,
        tag: args.tag.unwrap_or_else(|| "latest".to_owned()),
        store: context.store_options()?,
        folder: args.out_dir.map(|folder| settings.directory.join(folder)),
    };
    let generated = manifest_generate(&options).await?;
    warn(&generated.findings, context);
    let directory = context.settings.directory.clone();
    context.printer.result(&Manifests {
        deployments: generated.deployments,
        files: generated.files,
        findings: generated.findings,
        directory,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Digest;

    #[test]
    fn the_table_fits_a_terminal_and_names_files_from_the_folder_in_force() {
        let deployment = Deployment {
            name: "base".to_owned(),
            layer: false,
            target: None,
            priority: 100,
            content: json!({}),
            digest: Digest::of(b"{}"),
        };
        let directory = PathBuf::from(format!("/{}", "far/".repeat(30)));
        let files = vec![directory.join("manifests/base.json")];
        let shown = Manifests { deployments: vec![deployment], files, findings: Vec::new(), directory };
        assert!(shown.human().lines().all(|line| line.chars().count() <= 80), "{}", shown.human());
        assert!(shown.human().trim_end().ends_with("  44136fa355b3  manifests/base.json"), "{}", shown.human());
    }
}
