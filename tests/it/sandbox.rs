//! A sandbox: a scratch folder with its own home, an empty environment, and the binary under test.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use snapbox::{IntoData as _, assert_data_eq};

/// A scratch folder in which `edgectl` runs as a newcomer would run it.
pub struct Sandbox {
    root: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a run printed, and how it ended.
pub struct Outcome {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Sandbox {
    /// Makes an empty sandbox.
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a scratch folder");
        std::fs::create_dir_all(root.path().join("home")).expect("a home");
        std::fs::create_dir_all(root.path().join("work")).expect("a working folder");
        Self { root, variables: Vec::new() }
    }

    /// Adds an environment variable for all runs.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the folder in which commands run.
    pub fn path(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Writes a file below the working folder, with its parents.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Reads a file below the working folder.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Returns the command with the sandbox's environment and nothing else.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_edgectl"));
        let home = self.root.path().join("home");
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("HOME", &home).env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8");
        // Builds of modules need the real toolchain folders; they hold no settings of this tool.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let real = std::env::var_os(name).map(PathBuf::from).or_else(|| std::env::home_dir().map(|real| real.join(folder)));
            command.envs(real.map(|path| (name, path)));
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `edgectl` with these arguments to its end.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        Outcome::of(&self.command(arguments).output().expect("the binary runs"), self.root.path())
    }
}

impl Outcome {
    fn of(output: &Output, root: &Path) -> Self {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
            text.replace(&*real.to_string_lossy(), "[ROOT]").replace(&*root.to_string_lossy(), "[ROOT]")
        };
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Requires success and returns stdout.
    pub fn success(&self) -> &str {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        &self.stdout
    }

    /// Requires success and returns stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.success()).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Compares exit code, stdout and stderr with one snapshot; `[..]` stands for any text in a line.
    pub fn matches(&self, expected: impl snapbox::IntoData) {
        let actual = format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr);
        assert_data_eq!(actual.into_data(), expected.into_data());
    }
}
