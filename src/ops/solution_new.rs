//! Makes a new solution in a folder of its own.

use std::path::{Path, PathBuf};

use crate::base::duration::Span;
use crate::base::{CommandError, Exit, Result};
use crate::model::SolutionName;
use crate::scaffold::{self, Staged};

/// A solution that was made.
#[derive(Debug)]
pub struct NewSolution {
    /// Its name.
    pub name: SolutionName,
    /// Its folder, absolute.
    pub folder: PathBuf,
    /// Its files, relative to the folder.
    pub files: Vec<&'static str>,
}

/// Returns the name that a solution in this folder has when nobody chose one: that of the folder.
///
/// # Errors
/// When that is no solution name; a hint proposes one.
pub fn name_after(folder: &Path) -> Result<SolutionName> {
    let text = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    text.parse().map_err(|error: crate::model::IdError| {
        let error: CommandError = error.into();
        let fit: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let fit = fit.trim_matches('-');
        match fit.parse::<SolutionName>() {
            Ok(name) => error.hint(format!("The name comes from the folder; choose one with `--name {name}`.")),
            Err(_) => error.hint("The name comes from the folder; choose one with `--name NAME`."),
        }
    })
}

/// Writes the files of a new solution, all or none, into a folder that is missing or empty; `bake` is the bake time of all rings.
pub fn new_solution(folder: &Path, name: SolutionName, bake: Option<Span>) -> Result<NewSolution> {
    let files = scaffold::render_solution(&name, bake);
    Staged::write(folder, &files)?.commit()?;
    let folder = folder.canonicalize().map_err(crate::base::fs::FsError::at("find", folder))?;
    Ok(NewSolution { name, folder, files: files.into_iter().map(|file| file.path).collect() })
}

/// Returns the error of a command that needs a solution where there is none.
pub fn no_solution(directory: &Path) -> CommandError {
    let message = format!("there is no edgectl.yaml in {} or above", directory.display());
    CommandError::new(Exit::BadInput, "solution/missing", message).hint("`edgectl new DIR` makes a solution; `-C DIR` works in one.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::Solution;

    #[test]
    fn what_is_written_is_a_solution_without_modules() {
        let root = tempfile::tempdir().expect("folder");
        let made =
            new_solution(&root.path().join("greenhouse"), "greenhouse".parse().expect("name"), Some(Span::from_secs(3))).expect("made");
        let solution = Solution::load(&made.folder.join("edgectl.yaml")).expect("a solution");
        assert_eq!((solution.name.as_str(), solution.modules.len(), solution.hub.as_deref()), ("greenhouse", 0, Some("emulator")));
        let rings: Vec<_> = solution.rings.iter().map(|ring| (ring.name.as_str(), ring.target.as_str())).collect();
        assert_eq!(rings, [("canary", "tags.ring = 'canary'"), ("early", "tags.ring = 'early'"), ("broad", "tags.ring = 'broad'")]);
        assert!(solution.rings.iter().all(|ring| ring.bake == Span::from_secs(3)));
        assert!(solution.trust.keys.is_empty());
    }

    #[test]
    fn a_folder_that_is_no_name_gets_a_proposal() {
        assert_eq!(name_after(Path::new("/a/greenhouse")).expect("name").as_str(), "greenhouse");
        let error = name_after(Path::new("/a/Green House_2")).expect_err("refused");
        assert_eq!((error.kind, error.hints[0].ends_with("`--name green-house-2`.")), (Exit::BadInput, true));
        assert!(name_after(Path::new("/")).expect_err("refused").hints[0].ends_with("`--name NAME`."));
    }
}
