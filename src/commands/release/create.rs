//! `edgectl release create`: makes a release of what the solution is now.

use clap::Args as ClapArgs;

use super::desk;
use crate::base::Result;
use crate::commands::Context;
use crate::model::ReleaseName;
use crate::ops::release_create::{CreateOptions, Created, commit_of, create};
use crate::output::{Render, Table};

/// Make a release of what the solution is now
///
/// A release holds digests only: one image a module, one manifest a deployment. It never changes; the same content again is no error,
/// other content under the same name is refused.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  edgectl release create v1.4.0
  edgectl release create v1.4.0 --tag nightly -o json")]
pub struct Args {
    /// Name of the release
    pub name: ReleaseName,
    /// Tag whose images are taken
    #[arg(long, default_value = "latest")]
    pub tag: String,
}

impl Render for Created {
    fn human(&self) -> String {
        let verb = if self.changed { "made" } else { "was made before with the same content" };
        let mut table = Table::new(["MODULE", "IMAGE"]);
        self.modules.iter().for_each(|module| table.row([module.module.to_string(), module.reference.to_string()]));
        let mut deployments = Table::new(["DEPLOYMENT", "LAYER", "CONTENT"]);
        self.deployments
            .iter()
            .for_each(|found| deployments.row([found.name.clone(), found.layer.to_string(), found.content_digest.to_string()]));
        format!("release {} {verb} ({})\n\n{}\n{}", self.release.name, self.release.id, table.draw(), deployments.draw())
    }

    fn names(&self) -> Vec<String> {
        vec![self.release.name.to_string()]
    }
}

/// Runs the command.
pub async fn run(args: Args, context: &mut Context) -> Result<()> {
    let solution = desk::solution(context)?;
    let desk = desk::desk(context, &solution).await?;
    let commit = commit_of(&desk.folder, &desk::git_environment(context), &context.cancel).await;
    let options = CreateOptions { name: args.name, tag: args.tag, stores: context.store_options()?, commit };
    let mut progress = context.printer.progress();
    let created = create(&desk, &options, &mut progress).await?;
    drop(progress);
    context.printer.result(&created)
}
