//! The Rust builder: `cargo metadata` finds the program, `cargo rustc` links it statically for an explicit target, with every path
//! of this machine remapped, so that two folders give the same bytes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use cargo_metadata::{Message, MetadataCommand, Package, TargetKind};

use super::elf;
use super::error::BuildError;
use super::toolchain::{Profile, Toolchain};
use crate::base::fs;
use crate::model::{ModuleId, Platform};
use crate::process::{self, Output};

/// Lines of the compiler that an error shows.
const LAST_LINES: usize = 30;

/// Compiles the program of a module for one platform and returns its bytes; a program that cannot run there is refused.
///
/// # Errors
/// When cargo is missing, the package has no clear program, or it does not compile.
pub async fn compile(
    module: &ModuleId,
    folder: &Path,
    platform: &Platform,
    profile: Profile,
    toolchain: &Toolchain,
) -> Result<Bytes, BuildError> {
    let target = target_of(platform).ok_or_else(|| BuildError::Platform { platform: platform.clone() })?;
    let folder = folder.canonicalize().map_err(fs::FsError::at("enter", folder))?;
    require_target(target, &folder, toolchain).await?;
    let program = find_program(module, &folder, target, toolchain).await?;
    let executable = run_cargo(module, &program, target, profile, toolchain).await?;
    let bytes: Bytes = fs::read(&executable)?.into();
    match elf::objection(&bytes, platform) {
        None => Ok(bytes),
        Some(reason) => Err(BuildError::WrongProgram { module: module.clone(), platform: platform.clone(), reason }),
    }
}

/// Returns the Rust target of a platform.
fn target_of(platform: &Platform) -> Option<&'static str> {
    match (platform.os.as_str(), platform.architecture.as_str(), platform.variant.as_deref()) {
        ("linux", "amd64", None) => Some("x86_64-unknown-linux-gnu"),
        ("linux", "arm64", None | Some("v8")) => Some("aarch64-unknown-linux-gnu"),
        ("linux", "arm", None | Some("v7")) => Some("armv7-unknown-linux-gnueabihf"),
        _ => None,
    }
}

/// Asks rustc for the target's library folder, so that a missing target is told before anything is compiled.
async fn require_target(target: &'static str, folder: &Path, toolchain: &Toolchain) -> Result<(), BuildError> {
    let arguments = ["--print", "target-libdir", "--target", target].iter().map(Into::into).collect();
    let invocation = toolchain.invocation(toolchain.require("rustc")?, arguments, folder);
    let output = process::run(&invocation).await?.require_success(&invocation, LAST_LINES)?;
    let library = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if library.is_dir() { Ok(()) } else { Err(BuildError::TargetMissing { target }) }
}

/// The program of a module inside its package.
struct Program {
    name: String,
    manifest: PathBuf,
    package: String,
    workspace: PathBuf,
}

async fn find_program(module: &ModuleId, folder: &Path, target: &str, toolchain: &Toolchain) -> Result<Program, BuildError> {
    let manifest = folder.join("Cargo.toml");
    let mut arguments: Vec<OsString> =
        ["metadata", "--format-version", "1", "--no-deps", "--filter-platform", target].map(Into::into).into();
    arguments.extend(["--manifest-path".into(), manifest.clone().into()]);
    arguments.extend(toolchain.offline.then(|| "--offline".into()));
    let output = process::run(&toolchain.invocation(toolchain.require("cargo")?, arguments, folder)).await?;
    if !output.status.success() {
        return Err(BuildError::Package { module: module.clone(), last_lines: output.last_error_lines(LAST_LINES) });
    }
    let answer = |source| BuildError::Answer { module: module.clone(), source };
    let metadata = MetadataCommand::parse(String::from_utf8_lossy(&output.stdout)).map_err(answer)?;
    let package = metadata.packages.iter().find(|package| package.manifest_path.as_std_path() == manifest);
    let programs = package.map(programs_of).unwrap_or_default();
    let chosen = match programs.as_slice() {
        [only] => Some(only.clone()),
        several => {
            let default = package.and_then(|package| package.default_run.clone());
            several.iter().find(|name| name.as_str() == module.as_str()).cloned().or(default)
        }
    };
    match (package, chosen) {
        (Some(package), Some(name)) => {
            let workspace = metadata.workspace_root.clone().into_std_path_buf();
            Ok(Program { name, manifest, package: package.name.to_string(), workspace })
        }
        _ => Err(BuildError::Program { module: module.clone(), manifest, programs }),
    }
}

fn programs_of(package: &Package) -> Vec<String> {
    package.targets.iter().filter(|target| target.is_kind(TargetKind::Bin)).map(|target| target.name.clone()).collect()
}

/// Runs cargo and returns the path of the linked program.
async fn run_cargo(
    module: &ModuleId,
    program: &Program,
    target: &str,
    profile: Profile,
    toolchain: &Toolchain,
) -> Result<PathBuf, BuildError> {
    let mut arguments: Vec<OsString> =
        ["rustc", "--locked", "--message-format", "json-render-diagnostics", "--color", "never"].map(Into::into).into();
    arguments.extend(["--manifest-path".into(), program.manifest.clone().into()]);
    arguments
        .extend(["--package", &program.package, "--bin", &program.name, "--target", target, "--profile", profile.name()].map(Into::into));
    arguments.extend(["--target-dir".into(), toolchain.target_folder.clone().into()]);
    arguments.extend(toolchain.offline.then(|| "--offline".into()));
    arguments.extend(["--".into(), remap(&program.workspace, "/module")]);
    let mut invocation = toolchain.invocation(toolchain.require("cargo")?, arguments, &program.workspace);
    invocation.environment.extend(compiler_settings(toolchain));
    fs::create_folder(&toolchain.target_folder)?;
    let output = process::run(&invocation).await?;
    if !output.status.success() {
        return Err(BuildError::Compile { module: module.clone(), last_lines: output.last_error_lines(LAST_LINES) });
    }
    linked(&output, &program.name).ok_or_else(|| BuildError::Program {
        module: module.clone(),
        manifest: program.manifest.clone(),
        programs: vec![program.name.clone()],
    })
}

/// Settings for every crate of the program: static linking, no symbols, no path of this machine. They are the same for all modules,
/// so that these share compiled dependencies. Incremental compilation is off: its bytes depend on what was compiled before.
fn compiler_settings(toolchain: &Toolchain) -> [(String, String); 4] {
    let flags: Vec<OsString> = vec![
        "-Ctarget-feature=+crt-static".into(),
        "-Cstrip=symbols".into(),
        remap(&toolchain.cargo_home(), "/cargo"),
        remap(&toolchain.target_folder, "/target"),
    ];
    let flags: Vec<String> = flags.iter().map(|flag| flag.to_string_lossy().into_owned()).collect();
    [
        ("CARGO_ENCODED_RUSTFLAGS".to_owned(), flags.join("\u{1f}")),
        ("CARGO_INCREMENTAL".to_owned(), "0".to_owned()),
        ("CARGO_PROFILE_DEV_DEBUG".to_owned(), "false".to_owned()),
        ("CARGO_PROFILE_RELEASE_DEBUG".to_owned(), "false".to_owned()),
    ]
}

fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push(format!("={to}"));
    flag
}

fn linked(output: &Output, name: &str) -> Option<PathBuf> {
    Message::parse_stream(output.stdout.as_slice()).filter_map(Result::ok).find_map(|message| match message {
        Message::CompilerArtifact(artifact) if artifact.target.name == name && artifact.target.is_kind(TargetKind::Bin) => {
            artifact.executable.map(Into::into)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_targets() {
        for (platform, target) in [
            ("linux/amd64", Some("x86_64-unknown-linux-gnu")),
            ("linux/arm64", Some("aarch64-unknown-linux-gnu")),
            ("linux/arm64/v8", Some("aarch64-unknown-linux-gnu")),
            ("linux/arm/v7", Some("armv7-unknown-linux-gnueabihf")),
            ("linux/arm/v6", None),
            ("windows/amd64", None),
        ] {
            assert_eq!(target_of(&platform.parse().expect("platform")), target, "{platform}");
        }
    }
}
