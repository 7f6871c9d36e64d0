//! Templates to texts: placeholders filled in, and the lock file of a module put in Cargo's order.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, context};

use super::template::{SOLUTION_TEMPLATE, Template, TemplateFile};
use crate::base::duration::Span;
use crate::model::{ModuleId, SolutionName};

/// A file that is ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedFile {
    /// Path in the new folder, with `/`.
    pub path: &'static str,
    /// Its whole text.
    pub text: String,
}

/// Names that Cargo or the Rust compiler refuse for a package with a program, or that would hide a crate of the language.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// Begins each package of a lock file.
const PACKAGE: &str = "[[package]]\n";

/// Returns the files of a new solution; `bake` is the bake time of all its rings, the template's own when there is none.
pub fn render_solution(name: &SolutionName, bake: Option<Span>) -> Vec<RenderedFile> {
    let bake = bake.map(|bake| bake.to_string());
    let values = context! { name => name.as_str(), version => SOLUTION_TEMPLATE.version, bake => bake };
    SOLUTION_TEMPLATE.all_files().map(|file| RenderedFile { path: file.path, text: render(file, &values) }).collect()
}

/// Returns the files of a new module.
pub fn render_module(template: &Template, name: &ModuleId) -> Vec<RenderedFile> {
    let package = package_name(template, name);
    let values = context! { name => name.as_str(), package => package };
    let render = |file: &TemplateFile| {
        let text = render(file, &values);
        RenderedFile { path: file.path, text: if file.path == "Cargo.lock" { in_order(&text) } else { text } }
    };
    template.all_files().map(render).collect()
}

fn render(file: &TemplateFile, values: &Value) -> String {
    if !file.rendered {
        return file.source.to_owned();
    }
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters are apart"));
    environment.add_template_owned(file.path, file.source).expect("an embedded template parses");
    let template = environment.get_template(file.path).expect("it was just added");
    template.render(values).expect("an embedded template uses the values that it is given")
}

/// Returns the name of a module's Cargo package: its own, or with `module-` before it where Cargo would refuse that one, or where a
/// crate that the module depends on bears it.
fn package_name(template: &Template, name: &ModuleId) -> String {
    let name = name.as_str();
    let locks = template.all_files().filter(|file| file.path == "Cargo.lock");
    let taken = locks.flat_map(|file| package_names(file.source)).any(|package| package == name || package.replace('-', "_") == name);
    let unfit = taken || RESERVED.contains(&name) || name.starts_with(|first: char| first.is_ascii_digit());
    if unfit { format!("module-{name}") } else { name.to_owned() }
}

/// Returns the names of a lock file's packages, in its order.
fn package_names(lock: &str) -> impl Iterator<Item = &str> {
    lock.split(PACKAGE).skip(1).map(name_of)
}

/// Returns the name that a package of a lock file begins with.
fn name_of(package: &str) -> &str {
    package.split('"').nth(1).unwrap_or_default()
}

/// Sorts the packages of a lock file as Cargo writes them, so that a build leaves the file as it is.
fn in_order(lock: &str) -> String {
    let mut parts = lock.split(PACKAGE);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<&str> = parts.map(str::trim_end).collect();
    packages.sort_by_key(|package| (name_of(package), package.split('"').nth(3).unwrap_or_default()));
    let packages: Vec<String> = packages.iter().map(|package| format!("{PACKAGE}{package}\n")).collect();
    format!("{head}{}", packages.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::super::MODULE_TEMPLATES;
    use super::*;
    use crate::base::fs;

    type Package = (String, String, Option<String>);

    fn module(template: &str, name: &str) -> BTreeMap<&'static str, String> {
        let template = Template::module(template).expect("a template");
        render_module(template, &name.parse().expect("a name")).into_iter().map(|file| (file.path, file.text)).collect()
    }

    fn packages(lock: &str) -> BTreeSet<Package> {
        let lock: toml::Table = toml::from_str(lock).expect("a lock file");
        let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let packages = lock["package"].as_array().expect("packages");
        packages
            .iter()
            .map(|package| (text(package, "name").expect("name"), text(package, "version").expect("version"), text(package, "checksum")))
            .collect()
    }

    #[test]
    fn the_lock_file_of_every_module_template_is_a_subset_of_ours() {
        let ours = packages(&fs::read_text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).expect("our lock file"));
        for template in MODULE_TEMPLATES {
            let theirs = packages(&module(template.name, "sensor")["Cargo.lock"]);
            let strangers: Vec<_> = theirs.difference(&ours).map(|(name, version, _)| (name.as_str(), version.as_str())).collect();
            assert_eq!(strangers, [("sensor", "0.1.0")], "{}", template.name);
        }
    }

    #[test]
    fn a_lock_file_names_the_module_and_keeps_cargos_order() {
        let files = module("rust", "zebra");
        assert!(files["Cargo.toml"].contains("name = \"zebra\"\n"));
        let names: Vec<_> = package_names(&files["Cargo.lock"]).collect();
        assert!(names.contains(&"zebra") && names.is_sorted(), "{names:?}");
        let sensor = &module("rust", "sensor")["Cargo.lock"];
        assert_eq!(in_order(sensor), *sensor);
    }

    #[test]
    fn a_name_that_cargo_refuses_gets_a_prefix() {
        for (name, package) in [("tokio", "module-tokio"), ("tokio_util", "module-tokio_util"), ("9", "module-9"), ("test", "module-test")]
        {
            assert!(module("rust", name)["Cargo.toml"].contains(&format!("name = \"{package}\"\n")), "{name}");
        }
    }

    #[test]
    fn rust_module_manifests_ask_for_the_versions_that_we_have() {
        let ours: toml::Table = toml::from_str(include_str!("../../Cargo.toml")).expect("our manifest");
        let manifest = module("rust", "sensor").remove("Cargo.toml").expect("a manifest");
        let theirs: toml::Table = toml::from_str(&manifest).expect("a manifest");
        for name in theirs["dependencies"].as_table().expect("dependencies").keys() {
            assert!(ours["dependencies"].get(name).is_some(), "{name} is no dependency of ours, so no offline build would have it");
        }
    }

    #[test]
    fn nothing_is_left_of_the_placeholders() {
        let solution = render_solution(&"greenhouse".parse().expect("a name"), None);
        let modules = MODULE_TEMPLATES.iter().flat_map(|template| render_module(template, &"m".parse().expect("a name")));
        for file in solution.into_iter().chain(modules) {
            let source = Path::new(file.path).extension().is_some_and(|extension| extension == "rs");
            assert!(source || !file.text.contains("{{"), "{}:\n{}", file.path, file.text);
            assert!(file.text.ends_with('\n') && !file.text.ends_with("\n\n"), "{}", file.path);
        }
    }
}
