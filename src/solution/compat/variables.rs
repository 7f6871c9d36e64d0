//! Variables of a solution: from where each comes and which source wins.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::dotenv::{self, EnvFile};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--set` of the command line.
    CommandLine,
    /// The process environment.
    Process,
    /// A line of a file of variables.
    File(PathBuf, usize),
    /// What iotedgedev takes when nothing is set.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("--set"),
            Self::Process => f.write_str("the environment"),
            Self::File(file, line) => write!(f, "{}:{line}", file.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A variable that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its value.
    pub value: String,
    /// Where that came from.
    pub origin: Origin,
    /// Names that its value refers to and that are not set.
    pub missing: Vec<String>,
}

/// Variables by name. Sources are added from the one that wins to the one that loses.
#[derive(Clone, Debug, Default)]
pub struct Variables(BTreeMap<String, Variable>);

/// Defaults that iotedgedev puts into its own environment when a variable is unset or blank.
pub const DEFAULTS: [(&str, &str); 6] = [
    ("CONFIG_OUTPUT_DIR", "config"),
    ("DEFAULT_PLATFORM", "amd64"),
    ("DEPLOYMENT_CONFIG_DEBUG_TEMPLATE_FILE", "deployment.debug.template.json"),
    ("DEPLOYMENT_CONFIG_TEMPLATE_FILE", "deployment.template.json"),
    ("LOGS_PATH", "logs"),
    ("MODULES_PATH", "modules"),
];

/// All sources of variables, before they are put in order.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `NAME=VALUE` of the command line, in order; the last of a name counts.
    pub command_line: Vec<(String, String)>,
    /// The process environment.
    pub process: BTreeMap<String, String>,
    /// Files of variables, the one that wins first.
    pub files: Vec<(PathBuf, EnvFile)>,
}

impl Sources {
    /// Returns the variables in the order of iotedgedev, which is ours too: command line, process, a module's own file, files, defaults.
    pub fn process_first(&self, module: Option<(&Path, &EnvFile)>) -> Variables {
        let mut variables = self.of_command_line();
        variables.add(self.process.iter().map(|(name, value)| (name.as_str(), value.as_str())), &Origin::Process);
        for (name, file) in module.into_iter().chain(self.files.iter().map(|(name, file)| (name.as_path(), file))) {
            variables.add_file(file, name);
        }
        variables.add_defaults();
        variables
    }

    /// Returns the variables in the order of Visual Studio Code: command line, a module's own file, files, process. References in files
    /// stay as they are, and there are no defaults.
    pub fn files_first(&self, module: Option<(&Path, &EnvFile)>) -> Variables {
        let mut variables = self.of_command_line();
        for (name, file) in module.into_iter().chain(self.files.iter().map(|(name, file)| (name.as_path(), file))) {
            variables.add_file_as_written(file, name);
        }
        variables.add(self.process.iter().map(|(name, value)| (name.as_str(), value.as_str())), &Origin::Process);
        variables
    }

    fn of_command_line(&self) -> Variables {
        let mut variables = Variables::default();
        let last_first = self.command_line.iter().rev();
        variables.add(last_first.map(|(name, value)| (name.as_str(), value.as_str())), &Origin::CommandLine);
        variables
    }
}

impl Variables {
    /// Adds values that lose against what is there.
    pub fn add<'a>(&mut self, values: impl IntoIterator<Item = (&'a str, &'a str)>, origin: &Origin) {
        for (name, value) in values {
            let variable = || Variable { value: value.to_owned(), origin: origin.clone(), missing: Vec::new() };
            self.0.entry(name.to_owned()).or_insert_with(variable);
        }
    }

    /// Adds the values of a file, `${NAME}` in them replaced by what is set: what is here already, then what stands above in the file.
    /// They lose against what is there.
    pub fn add_file(&mut self, file: &EnvFile, name: &Path) {
        let mut own: BTreeMap<&str, Variable> = BTreeMap::new();
        for binding in &file.bindings {
            let Some(value) = &binding.value else { continue };
            let lookup = |name: &str| self.0.get(name).or_else(|| own.get(name)).map(|variable| variable.value.as_str());
            let done = dotenv::interpolate(value, lookup);
            let origin = Origin::File(name.to_path_buf(), binding.line);
            own.insert(&binding.name, Variable { value: done.value, origin, missing: done.missing });
        }
        for (name, variable) in own {
            self.0.entry(name.to_owned()).or_insert(variable);
        }
    }

    /// Adds the values of a file as they are written. They lose against what is there.
    pub fn add_file_as_written(&mut self, file: &EnvFile, name: &Path) {
        // The last line of a name counts.
        for binding in file.bindings.iter().rev() {
            let Some(value) = &binding.value else { continue };
            let origin = Origin::File(name.to_path_buf(), binding.line);
            self.0.entry(binding.name.clone()).or_insert_with(|| Variable { value: value.clone(), origin, missing: Vec::new() });
        }
    }

    /// Adds the defaults of iotedgedev, which also take the place of blank values.
    pub fn add_defaults(&mut self) {
        for (name, value) in DEFAULTS {
            let variable = Variable { value: value.to_owned(), origin: Origin::Default, missing: Vec::new() };
            let blank = self.0.get(name).is_none_or(|found| found.value.trim().is_empty());
            if blank {
                self.0.insert(name.to_owned(), variable);
            }
        }
    }

    /// Returns a variable.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.0.get(name)
    }

    /// Returns the value of a variable.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(|variable| variable.value.as_str())
    }

    /// Returns the value of a variable without blanks around it, `None` when nothing is left.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.value(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Returns all names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Returns a value fit to be shown: `***` for a variable whose name says that it is a secret, or for text that carries a key.
pub fn shown(name: &str, value: &str) -> String {
    const SECRET: [&str; 9] = ["PASS", "SECRET", "KEY", "TOKEN", "CREDENTIAL", "CONNECTION", "PWD", "SAS", "PRIVATE"];
    let (upper, text) = (name.to_ascii_uppercase(), value.to_ascii_lowercase());
    let hidden = SECRET.iter().any(|word| upper.contains(word))
        || ["accesskey=", "accesssignature", "password=", "-----begin"].iter().any(|word| text.contains(word));
    if hidden && !value.is_empty() { "***".to_owned() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(variables: &Variables, name: &str) -> String {
        variables.value(name).unwrap_or("<unset>").to_owned()
    }

    #[test]
    fn the_first_source_wins_and_files_see_what_is_set() {
        let mut variables = Variables::default();
        variables.add([("SERVER", "prod")], &Origin::CommandLine);
        variables.add([("SERVER", "process"), ("HOME", "/home")], &Origin::Process);
        let file = dotenv::parse("SERVER=dev\nREPO=${SERVER}/a\nTAG=1\nTAG=2\nFULL='${REPO}:${TAG}'\nLOST=${NONE}\n");
        variables.add_file(&file, Path::new(".env"));
        assert_eq!(value(&variables, "FULL"), "prod/a:2");
        let lost = variables.get("LOST").expect("set");
        assert_eq!((lost.missing.as_slice(), lost.origin.to_string().as_str()), (&["NONE".to_owned()][..], ".env:6"));
        let mut written = Variables::default();
        written.add_file_as_written(&file, Path::new(".env"));
        assert_eq!((value(&written, "REPO"), value(&written, "TAG")), ("${SERVER}/a".to_owned(), "2".to_owned()));
    }

    #[test]
    fn defaults_fill_what_is_blank() {
        let mut variables = Variables::default();
        variables.add([("MODULES_PATH", " "), ("LOGS_PATH", "x")], &Origin::Process);
        variables.add_defaults();
        let found = ["MODULES_PATH", "LOGS_PATH", "DEFAULT_PLATFORM"].map(|name| value(&variables, name));
        assert_eq!(found, ["modules", "x", "amd64"]);
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(shown("CONTAINER_REGISTRY_PASSWORD", "hunter2"), "***");
        assert_eq!(shown("CONTAINER_REGISTRY_PASSWORD", ""), "");
        assert_eq!(shown("HUB", "HostName=h;SharedAccessKey=x"), "***");
        assert_eq!(shown("CONTAINER_REGISTRY_SERVER", "r.example.com"), "r.example.com");
    }
}
