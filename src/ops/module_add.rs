//! Adds a module to a solution: its folder, its entry in `edgectl.yaml`, its template in `edgectl.lock`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::base::{Result, fs};
use crate::model::ModuleId;
use crate::route::Route;
use crate::scaffold::{self, Staged, Template};
use crate::solution::{Solution, edit};

/// Name of the file that notes what a solution was made from.
const LOCK_FILE: &str = "edgectl.lock";

/// What to add, and where.
#[derive(Debug)]
pub struct ModuleAddOptions {
    /// The solution file.
    pub solution_file: PathBuf,
    /// The tool's own folder; it holds the lock that keeps two edits apart.
    pub state_dir: PathBuf,
    /// Name of the module.
    pub name: ModuleId,
    /// Its template.
    pub template: &'static Template,
    /// Routes to add, as name and text.
    pub routes: Vec<(String, String)>,
    /// Desired properties to set.
    pub twin: Option<Map<String, Value>>,
}

/// A module that was added.
#[derive(Debug)]
pub struct AddedModule {
    /// Its name.
    pub name: ModuleId,
    /// Its template, as `NAME@VERSION`.
    pub template: String,
    /// Its folder, relative to the solution file.
    pub folder: String,
    /// Its files, relative to the folder.
    pub files: Vec<&'static str>,
}

/// Adds a module. When it fails, everything is as it was.
pub fn add_module(options: &ModuleAddOptions) -> Result<AddedModule> {
    fs::create_private_folder(&options.state_dir)?;
    let _held = fs::Lock::acquire(&options.state_dir.join("edit.lock"))?;
    let root = options.solution_file.parent().unwrap_or(Path::new("/"));
    let folder = format!("modules/{}", options.name);
    let edited = edited_solution(options, &folder)?;
    let lock_file = root.join(LOCK_FILE);
    let old_lock = fs::read_if_any(&lock_file)?;
    let edited_lock = edited_lock(old_lock.as_deref(), &lock_file, &folder, options.template)?;

    let files = scaffold::render_module(options.template, &options.name);
    let target = root.join(&folder);
    Staged::write(&target, &files)?.commit()?;
    let written = fs::write(&lock_file, edited_lock.as_bytes()).and_then(|()| fs::write(&options.solution_file, edited.as_bytes()));
    if let Err(error) = written {
        fs::remove(&target)?;
        match old_lock {
            Some(bytes) => fs::write(&lock_file, &bytes)?,
            None => fs::remove(&lock_file)?,
        }
        return Err(error.into());
    }
    let files = files.into_iter().map(|file| file.path).collect();
    Ok(AddedModule { name: options.name.clone(), template: options.template.stamp(), folder, files })
}

/// Returns the text of the solution file with the module, its routes and its twin.
fn edited_solution(options: &ModuleAddOptions, folder: &str) -> Result<String> {
    let file = &options.solution_file;
    let text = fs::read_text(file)?;
    // First as what it is, so that a mistake in it is named before anything is added.
    Solution::parse(&text, file)?;
    let mut edited = edit::insert(&text, file, "modules", options.name.as_str(), &folder.into())?;
    for (name, route) in &options.routes {
        Route::compile(name, route)?;
        edited = edit::insert(&edited, file, "routes", name, &route.as_str().into())?;
    }
    if let Some(twin) = &options.twin {
        edited = edit::insert(&edited, file, "twins", options.name.as_str(), &Value::Object(twin.clone()))?;
    }
    Solution::parse(&edited, file)?;
    Ok(edited)
}

/// Returns the text of the lock file with the template of the new module.
fn edited_lock(old: Option<&[u8]>, file: &Path, folder: &str, template: &Template) -> Result<String> {
    let text = old.map_or_else(|| "version: 1\n".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned());
    edit::insert(&text, file, "templates", folder, &template.stamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Exit;
    use crate::ops::solution_new::new_solution;
    use crate::scaffold::MODULE_TEMPLATES;
    use crate::solution::{Module, ModuleFile};

    fn solution() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().expect("folder");
        let made = new_solution(&root.path().join("s"), "s".parse().expect("name"), None).expect("made");
        (root, made.folder)
    }

    fn options(folder: &Path, name: &str, template: &str) -> ModuleAddOptions {
        ModuleAddOptions {
            solution_file: folder.join("edgectl.yaml"),
            state_dir: folder.join(".edgectl"),
            name: name.parse().expect("name"),
            template: Template::module(template).expect("template"),
            routes: Vec::new(),
            twin: None,
        }
    }

    #[test]
    fn every_template_makes_a_module_of_the_solution() {
        let (_root, folder) = solution();
        let before = fs::read_text(&folder.join("edgectl.yaml")).expect("text");
        for template in MODULE_TEMPLATES {
            add_module(&options(&folder, template.name, template.name)).expect("added");
        }
        let solution = Solution::load(&folder.join("edgectl.yaml")).expect("a solution");
        for (name, module) in &solution.modules {
            let Module::Folder(path) = module else { panic!("{module:?}") };
            assert_eq!(path, &Path::new("modules").join(name.as_str()));
            let file = ModuleFile::load(&folder.join(path)).expect("a module");
            assert!(file.interface.outputs.len() == 1, "{file:?}");
        }
        let after = fs::read_text(&folder.join("edgectl.yaml")).expect("text");
        let kept: String = after.lines().filter(|line| !line.starts_with("  rust")).map(|line| format!("{line}\n")).collect();
        assert_eq!(kept, before.replace("modules: {}", "modules:"));
        let lock = fs::read_text(&folder.join(LOCK_FILE)).expect("text");
        assert!(lock.ends_with("  solution: solution@1\n  modules/rust: rust@1\n  modules/rust-sensor: rust-sensor@1\n  modules/rust-filter: rust-filter@1\n"), "{lock}");
    }

    #[test]
    fn routes_and_twin_come_with_it() {
        let (_root, folder) = solution();
        let route = "FROM /messages/modules/a/outputs/telemetry INTO $upstream";
        let twin = serde_json::json!({ "intervalMs": 200 }).as_object().cloned();
        let routes = vec![("up".to_owned(), route.to_owned())];
        add_module(&ModuleAddOptions { routes, twin, ..options(&folder, "a", "rust-sensor") }).expect("added");
        let solution = Solution::load(&folder.join("edgectl.yaml")).expect("a solution");
        assert_eq!(solution.routes["up"].route, route);
        assert_eq!(solution.twins.values().next(), Some(&serde_json::json!({ "intervalMs": 200 })));
    }

    #[test]
    fn a_refusal_leaves_everything_as_it_was() {
        let (_root, folder) = solution();
        let files = || (fs::read_text(&folder.join("edgectl.yaml")).expect("text"), fs::read_text(&folder.join(LOCK_FILE)).expect("text"));
        let before = files();
        fs::create_folder(&folder.join("modules")).expect("folder");
        fs::write(&folder.join("modules/b"), b"a file").expect("written");
        assert_eq!(add_module(&options(&folder, "b", "rust")).expect_err("refused").kind, Exit::BadInput);
        let routes =
            vec![("r".to_owned(), "FROM /* INTO $upstream".to_owned()), ("r".to_owned(), "FROM /messages/* INTO $upstream".to_owned())];
        let twice = ModuleAddOptions { routes, ..options(&folder, "c", "rust") };
        assert_eq!(add_module(&twice).expect_err("refused").code, "solution/entry-exists");
        assert_eq!((files(), fs::names_in(&folder.join("modules")).expect("names")), (before, vec!["b".to_owned()]));
        add_module(&options(&folder, "d", "rust")).expect("added");
        let again = add_module(&options(&folder, "d", "rust")).expect_err("refused");
        assert_eq!((again.code, again.kind), ("solution/entry-exists", Exit::BadInput));
    }
}
