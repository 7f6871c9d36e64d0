//! The image description of a module, `module.json`.

use std::fmt;
use std::ops::Range;

use crate::base::jsonc::{Kind, Node};

/// Name of the file.
pub const FILE_NAME: &str = "module.json";

/// What `module.json` says about the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleJson {
    /// Image name without tag, as written.
    pub repository: Option<String>,
    /// Version part of the tag, as written; `None` when there is none.
    pub version: Option<String>,
    /// Platforms in the order of the file, each with its Dockerfile relative to the module's folder.
    pub platforms: Vec<(String, String)>,
    /// Options of `docker build`.
    pub build_options: Vec<String>,
    /// Build context relative to the module's folder.
    pub context_path: Option<String>,
    /// Members that no tool reads, as paths such as `image.labels`.
    pub unknown: Vec<String>,
}

/// A member of the wrong type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// What is wrong, a lowercase fragment.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ModuleJson {
    /// Reads the document of a `module.json`. Absent members are allowed; what they stand for is up to the tool.
    ///
    /// # Errors
    /// At the first member of the wrong type.
    pub fn read(root: &Node) -> Result<Self, Fault> {
        let mut module = Self::default();
        for member in object(root, "module.json")? {
            match member.key.as_str() {
                "image" => module.read_image(&member.value)?,
                "$schema-version" | "$schema" | "description" | "language" => {}
                other => module.unknown.push(other.to_owned()),
            }
        }
        Ok(module)
    }

    fn read_image(&mut self, image: &Node) -> Result<(), Fault> {
        for member in object(image, "image")? {
            let value = &member.value;
            match member.key.as_str() {
                "repository" => self.repository = Some(text(value, "image.repository")?),
                "contextPath" => self.context_path = Some(text(value, "image.contextPath")?),
                "buildOptions" => {
                    self.build_options = value.items().iter().map(|item| text(item, "image.buildOptions")).collect::<Result<_, _>>()?;
                }
                "tag" => self.read_tag(value)?,
                other => self.unknown.push(format!("image.{other}")),
            }
        }
        Ok(())
    }

    fn read_tag(&mut self, tag: &Node) -> Result<(), Fault> {
        for member in object(tag, "image.tag")? {
            match member.key.as_str() {
                "version" => self.version = Some(version(&member.value)?),
                "platforms" => {
                    for platform in object(&member.value, "image.tag.platforms")? {
                        let dockerfile = text(&platform.value, &format!("image.tag.platforms.{}", platform.key))?;
                        // A key that comes again replaces the earlier one at its place.
                        match self.platforms.iter_mut().find(|(name, _)| *name == platform.key) {
                            Some(found) => found.1 = dockerfile,
                            None => self.platforms.push((platform.key.clone(), dockerfile)),
                        }
                    }
                }
                other => self.unknown.push(format!("image.tag.{other}")),
            }
        }
        Ok(())
    }
}

fn object<'a>(node: &'a Node, name: &str) -> Result<&'a [crate::base::jsonc::Member], Fault> {
    match &node.kind {
        Kind::Object(members) => Ok(members),
        _ => Err(Fault { span: node.span.clone(), message: format!("`{name}` is {}, not an object", node.noun()) }),
    }
}

fn text(node: &Node, name: &str) -> Result<String, Fault> {
    node.as_str()
        .map(str::to_owned)
        .ok_or_else(|| Fault { span: node.span.clone(), message: format!("`{name}` is {}, not a text", node.noun()) })
}

/// A version may be a number: its digits are the version.
fn version(node: &Node) -> Result<String, Fault> {
    match &node.kind {
        Kind::Number(digits) => Ok(digits.clone()),
        _ => text(node, "image.tag.version"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::base::jsonc::Document;

    fn read(text: &str) -> Result<ModuleJson, String> {
        let document = Document::parse(text.as_bytes(), Path::new("module.json")).expect("JSON");
        ModuleJson::read(&document.root).map_err(|fault| fault.message)
    }

    #[test]
    fn all_members_are_read() {
        let module = read(
            r#"{ "$schema-version": "0.0.1", "description": "", "x": 1, "image": { "repository": "r/Filter", "labels": {},
            "tag": { "version": 1.10, "platforms": { "amd64": "./Dockerfile.amd64", "arm64v8": "a", "amd64": "b" } },
            "buildOptions": ["--pull"], "contextPath": "../.." }, "language": "csharp" }"#,
        );
        let module = module.expect("a module");
        assert_eq!((module.repository.as_deref(), module.version.as_deref()), (Some("r/Filter"), Some("1.10")));
        assert_eq!(module.platforms, [("amd64".to_owned(), "b".to_owned()), ("arm64v8".to_owned(), "a".to_owned())]);
        assert_eq!((module.build_options, module.context_path), (vec!["--pull".to_owned()], Some("../..".to_owned())));
        assert_eq!(module.unknown, ["x", "image.labels"]);
        assert_eq!(read("{}"), Ok(ModuleJson::default()));
    }

    #[test]
    fn wrong_types_are_named() {
        for (text, message) in [
            ("[]", "`module.json` is a list, not an object"),
            (r#"{"image":1}"#, "`image` is a number, not an object"),
            (r#"{"image":{"tag":{"platforms":{"amd64":1}}}}"#, "`image.tag.platforms.amd64` is a number, not a text"),
            (r#"{"image":{"repository":null}}"#, "`image.repository` is null, not a text"),
        ] {
            assert_eq!(read(text), Err(message.to_owned()));
        }
    }
}
