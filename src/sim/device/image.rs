//! What the process runtime takes from an image: its files, unpacked once a digest, and the command line that they and the create
//! options give.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use super::elf;
use crate::base::Digest;
use crate::base::fs::{self, FsError, Lock};
use crate::model::{Platform, Reference};
use crate::oci::{ImageConfig, LayerBytes, UnpackError, unpack};
use crate::registry::{self, StoreError, StoreOptions, load_image};

/// Search path of an image that names none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Links that are followed in one path.
const MOST_LINKS: usize = 40;
/// Create options that the process runtime carries out.
const HONOURED: [&str; 4] = ["Env", "Cmd", "Entrypoint", "WorkingDir"];

/// Why an image cannot be run as a process.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The reference does not parse.
    #[error(transparent)]
    Reference(#[from] crate::model::ReferenceError),
    /// No store has it.
    #[error("the image {0} was not found")]
    Missing(String),
    /// It is made for other machines.
    #[error("the image {image} has no {host}; it is for {}", found.join(", "))]
    Platform {
        /// The image.
        image: String,
        /// What would run here.
        host: String,
        /// What it offers.
        found: Vec<String>,
    },
    /// It names no program.
    #[error("the image {0} names neither an entry point nor a command")]
    NoCommand(String),
    /// Its program is not among its files.
    #[error("the image {image} does not hold the program {program}")]
    NoProgram {
        /// The image.
        image: String,
        /// The program.
        program: String,
    },
    /// Its program needs more than the process runtime gives.
    #[error("the program {program} of the image {image} {reason}")]
    Unfit {
        /// The image.
        image: String,
        /// The program.
        program: String,
        /// Why not.
        reason: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A layer is refused.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// A file of the unpacked image.
    #[error(transparent)]
    File(#[from] FsError),
}

/// An image that lies unpacked.
#[derive(Clone, Debug)]
pub struct Unpacked {
    /// The reference as it was given.
    pub image: Reference,
    /// Digest of the index or manifest that the reference named.
    pub digest: Digest,
    /// The folder of its files.
    pub root: PathBuf,
    /// Its config.
    pub config: ImageConfig,
}

/// What to execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The program, a real file below the image's folder.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its working folder, below the image's folder.
    pub directory: PathBuf,
    /// The environment of image and create options.
    pub environment: BTreeMap<String, String>,
}

/// Fetches an image from the store that has it and unpacks it below `images`, once a digest.
pub async fn prepare(image: &str, store: &StoreOptions, images: &Path) -> Result<Unpacked, ImageError> {
    let reference: Reference = image.parse()?;
    let source = registry::locate(&reference, store).await?;
    let loaded = load_image(source.as_ref(), &reference).await?.ok_or_else(|| ImageError::Missing(reference.to_string()))?;
    let host = Platform::host();
    let Some(chosen) = loaded.on(&host) else {
        let found = loaded.platforms.iter().map(|image| image.config.platform().to_string()).collect();
        return Err(ImageError::Platform { image: reference.to_string(), host: host.to_string(), found });
    };
    let root = images.join(chosen.stored.digest.hex());
    if !root.is_dir() {
        let layers = chosen.layers(source.as_ref(), &reference.repository).await?;
        let folder = root.clone();
        let unpacked = tokio::task::spawn_blocking(move || unpack_once(&layers, &folder)).await;
        unpacked.map_err(|error| FsError::at("unpack into", &root)(io::Error::other(error)))??;
    }
    Ok(Unpacked { digest: loaded.top.digest, config: chosen.config.clone(), image: reference, root })
}

fn unpack_once(layers: &[LayerBytes], root: &Path) -> Result<(), ImageError> {
    if let Some(images) = root.parent() {
        fs::create_folder(images)?;
    }
    let _lock = Lock::acquire(&root.with_extension("lock"))?;
    if !root.is_dir() {
        unpack(layers, root)?;
    }
    Ok(())
}

impl Unpacked {
    /// Returns what to execute under these create options. As in an engine, an entry point of the options takes the image's default
    /// arguments out of force.
    pub fn command_line(&self, options: &Map<String, Value>) -> Result<CommandLine, ImageError> {
        let config = self.config.config.clone().unwrap_or_default();
        let given_entry = words(options.get("Entrypoint"));
        let given_arguments = words(options.get("Cmd"));
        let default_arguments = if given_entry.is_some() { Vec::new() } else { config.cmd.unwrap_or_default() };
        let mut line = given_entry.or(config.entrypoint).unwrap_or_default();
        line.extend(given_arguments.unwrap_or(default_arguments));
        let mut line = line.into_iter();
        let program = line.next().filter(|program| !program.is_empty()).ok_or_else(|| ImageError::NoCommand(self.image.to_string()))?;

        let own = config.env.unwrap_or_default();
        let environment = pairs(&own).chain(pairs(&words(options.get("Env")).unwrap_or_default())).collect();
        let given_folder = options.get("WorkingDir").and_then(Value::as_str).map(ToOwned::to_owned);
        let folder = given_folder.or(config.working_dir).filter(|folder| !folder.is_empty()).unwrap_or_else(|| "/".to_owned());
        let missing = || ImageError::NoProgram { image: self.image.to_string(), program: program.clone() };
        let file = self.find(&program, &folder, &environment).ok_or_else(missing)?;
        if let Err(reason) = elf::check_static(&file) {
            return Err(ImageError::Unfit { image: self.image.to_string(), program, reason });
        }
        let directory = resolve_inside(&self.root, Path::new(&folder)).filter(|path| path.is_dir()).unwrap_or_else(|| self.root.clone());
        Ok(CommandLine { program: file, arguments: line.collect(), directory, environment })
    }

    /// Finds the program among the image's own files, as an engine would.
    fn find(&self, program: &str, folder: &str, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
        let candidates: Vec<PathBuf> = if program.contains('/') {
            vec![Path::new(folder).join(program)]
        } else {
            let path = environment.get("PATH").map_or(DEFAULT_PATH, String::as_str);
            path.split(':').map(|folder| Path::new(folder).join(program)).collect()
        };
        candidates.iter().filter_map(|candidate| resolve_inside(&self.root, candidate)).find(|file| file.is_file())
    }
}

/// Returns the create options that the process runtime does not carry out, for people.
pub fn options_not_given(options: &Map<String, Value>) -> Vec<String> {
    options.keys().filter(|name| !HONOURED.contains(&name.as_str())).cloned().collect()
}

/// Reads a list of words, or one word.
fn words(value: Option<&Value>) -> Option<Vec<String>> {
    match value? {
        Value::String(word) => Some(vec![word.clone()]),
        Value::Array(items) => Some(items.iter().filter_map(|item| item.as_str().map(ToOwned::to_owned)).collect()),
        _ => None,
    }
}

fn pairs(entries: &[String]) -> impl Iterator<Item = (String, String)> {
    entries
        .iter()
        .filter_map(|entry| entry.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Returns the real file of a path inside an image: links are followed as if `root` were the root of the file system, and never
/// lead out of it. `None` when it is not there or has too many links.
fn resolve_inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let mut resolved = PathBuf::new();
    let mut rest: Vec<std::ffi::OsString> = parts(path);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part == ".." {
            resolved.pop();
            continue;
        }
        resolved.push(&part);
        let Ok(target) = std::fs::read_link(root.join(&resolved)) else { continue };
        links += 1;
        if links > MOST_LINKS {
            return None;
        }
        resolved.pop();
        if target.is_absolute() {
            resolved = PathBuf::new();
        }
        rest.extend(parts(&target));
    }
    let file = root.join(resolved);
    file.exists().then_some(file)
}

/// Returns the parts of a path in reverse order, the parent folder as `..`.
fn parts(path: &Path) -> Vec<std::ffi::OsString> {
    let mut parts: Vec<_> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
        })
        .collect();
    parts.reverse();
    parts
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use serde_json::json;

    use super::*;

    #[test]
    fn links_never_lead_out_of_the_image() {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path().join("root");
        fs::create_folder(&root.join("usr/bin")).expect("folders");
        fs::write(&folder.path().join("outside"), b"x").expect("file");
        fs::write(&root.join("usr/bin/app"), b"x").expect("file");
        for (target, name) in [("usr/bin", "bin"), ("/bin/app", "absolute"), ("../../../outside", "escape"), ("loop", "loop")] {
            symlink(target, root.join(name)).expect("link");
        }
        let resolve = |path: &str| resolve_inside(&root, Path::new(path));
        let app = Some(root.join("usr/bin/app"));
        assert_eq!((resolve("/bin/app"), resolve("absolute"), resolve("/../bin/./app")), (app.clone(), app.clone(), app));
        assert_eq!((resolve("escape"), resolve("loop"), resolve("../outside")), (None, None, None));
    }

    fn unpacked(root: &Path, config: &str) -> Unpacked {
        let text = format!(r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":[]}},"config":{config}}}"#);
        let config = ImageConfig::parse(text.as_bytes()).expect("config");
        Unpacked { image: "edgectl.local/a/b:1".parse().expect("reference"), digest: Digest::of(b""), root: root.to_path_buf(), config }
    }

    fn options(value: &Value) -> Map<String, Value> {
        value.as_object().expect("object").clone()
    }

    #[test]
    fn create_options_go_over_the_image() {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path();
        fs::create_folder(&root.join("bin")).expect("folder");
        for name in ["app", "other"] {
            fs::write(&root.join("bin").join(name), &elf::tests::static_program()).expect("file");
        }
        let image = unpacked(root, r#"{"Entrypoint":["app"],"Cmd":["-a"],"Env":["PATH=/bin","A=1"],"WorkingDir":"/bin"}"#);
        let line = image.command_line(&Map::new()).expect("line");
        assert_eq!((line.program, line.arguments, line.directory), (root.join("bin/app"), vec!["-a".to_owned()], root.join("bin")));
        let given = options(&json!({"Cmd": ["-b"], "Env": ["A=2", "B=3"], "HostConfig": {}}));
        let line = image.command_line(&given).expect("line");
        assert_eq!((line.arguments, line.environment["A"].as_str()), (vec!["-b".to_owned()], "2"));
        assert_eq!(options_not_given(&given), ["HostConfig"]);
        let line = image.command_line(&options(&json!({"Entrypoint": "other"}))).expect("line");
        assert_eq!((line.program, line.arguments), (root.join("bin/other"), Vec::<String>::new()));
    }

    #[test]
    fn what_cannot_run_says_why() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(&folder.path().join("script"), b"#!/bin/sh\n").expect("file");
        for (config, reason) in [
            (r#"{}"#, "names neither an entry point nor a command"),
            (r#"{"Cmd":["/gone"]}"#, "does not hold the program /gone"),
            (r#"{"Cmd":["/script"]}"#, "is no ELF program"),
        ] {
            let error = unpacked(folder.path(), config).command_line(&Map::new()).expect_err(reason);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
