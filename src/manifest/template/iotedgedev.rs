//! A template as iotedgedev 3.3.9 makes a manifest of it (`solution genconfig`): variables are replaced in the text before it is read,
//! images only in user modules and only as whole texts, and what is not known stays. Its faults are made too, each with a warning.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use super::faults::{self, Leftovers};
use super::images;
use super::print::{self, Style};
use super::python::{Heap, Id, Raised};
use super::{Generated, Input, Mode, Result, TemplateError, platform_suffix};
use crate::base::finding::{Finding, Severity};
use crate::base::jsonc::{Document, JsonError};
use crate::base::source::SourceText;
use crate::base::{Diagnose as _, fs};
use crate::manifest::create_options;
use crate::solution::compat::expand::{self, Expanded, Syntax};
use crate::solution::compat::{ModuleJson, Variables};

/// What iotedgedev puts into its environment besides the defaults that we share.
const LOGS_CMD: (&str, &str) = ("LOGS_CMD", "start /B start cmd.exe @cmd /k docker logs {0} -f");
/// Characters of a piece of create options, and how many pieces there may be.
const PIECE: usize = 512;
const PIECES: usize = 8;

/// Modules by name, in order.
type Modules = Vec<(String, Id)>;

/// Where images of placeholders are found: by the whole text of a placeholder.
type Tags = BTreeMap<String, String>;

/// Makes the manifest of a template as iotedgedev does.
///
/// # Errors
/// What iotedgedev stops at.
pub fn generate(input: &Input) -> Result<Generated> {
    let mut variables = input.sources.process_first(None);
    if variables.setting(LOGS_CMD.0).is_none() {
        variables.add([LOGS_CMD], &crate::solution::compat::Origin::Default);
    }
    let platform = images::platform(input, &variables);
    let template = Template::read(input, &variables)?;
    let mut findings = template.findings();
    let mut heap = Heap::default();
    let root = if template.document.duplicates.is_empty() {
        heap.load(&template.document.root)
    } else {
        heap.load(&print::deduplicated(template.document.root.clone()))
    };
    let solution = Solution { input, variables: &variables, platform: &platform, template: &template };
    let mut writer = Writer { heap: &mut heap, findings: Vec::new(), solution: &solution };
    let file_name = writer.rewrite(root)?;
    findings.append(&mut writer.findings);
    let root = heap.tree(root);
    let place = |_: &[faults::Step], span: &Range<usize>| template.expanded.origins(span);
    Leftovers { mode: Mode::Iotedgedev, source: &template.source, place: &place }.find(&root, &mut findings);
    let back = |span: &Range<usize>| template.expanded.origins(span);
    faults::numbers(Mode::Iotedgedev, &root, &template.source, &back, &mut findings);
    let text = print::pretty(&root, Style::Python);
    // The places of the tree are made those of the template, so that later checks can point into it.
    let root = template.placed(root);
    let document = Document {
        source: template.source,
        root: template.document.root,
        duplicates: Vec::new(),
        more_duplicates: 0,
        extensions: template.document.extensions,
    };
    let folder = PathBuf::from(variables.setting("CONFIG_OUTPUT_DIR").unwrap_or("config"));
    let used: BTreeSet<String> = template.expanded.replaced.iter().map(|replaced| replaced.name.clone()).collect();
    Ok(Generated { root, text, document, findings, folder, file_name, platform, used })
}

/// The template: its text, and what it became.
struct Template {
    source: SourceText,
    expanded: Expanded,
    document: Document,
}

impl Template {
    fn read(input: &Input, variables: &Variables) -> Result<Self> {
        let bytes = fs::read(&input.template)?;
        // Line ends become line feeds, as Python reads texts.
        let text = match String::from_utf8(bytes) {
            Ok(text) => text.replace("\r\n", "\n").replace('\r', "\n"),
            Err(error) => return Err(Document::parse(error.as_bytes(), &input.name).map(|_| ()).expect_err("no UTF-8").into()),
        };
        let expanded = expand::expand(&text, Syntax::AnyInBraces, |reference| variables.value(reference.name));
        let source = SourceText::new(&input.name, text);
        match Document::parse(expanded.text.as_bytes(), &input.name) {
            Ok(document) => Ok(Self { source, expanded, document }),
            Err(error) => match broken(&source, &expanded, variables) {
                Some(finding) => Err(finding.into()),
                None if expanded.replaced.is_empty() => Err(error.into()),
                None => Err(in_template(&error, &source, &expanded).into()),
            },
        }
    }

    /// Finds what the replacing of text did that nobody means.
    fn findings(&self) -> Vec<Finding> {
        let duplicates = self.document.duplicates.iter().map(|duplicate| {
            let message = format!("the key `{}` is there twice; the last one counts", duplicate.key);
            Finding::new("template/duplicate-key", Severity::Warning, message).at(&self.source, self.expanded.origins(&duplicate.span))
        });
        let reserved = self.expanded.replaced.iter().filter_map(|replaced| {
            let braced = self.source.text.get(replaced.from.start + 1..).is_some_and(|rest| rest.starts_with('{'));
            faults::reserved(&replaced.name, braced).map(|finding| finding.at(&self.source, replaced.from.clone()))
        });
        duplicates.chain(reserved).collect()
    }

    fn placed(&self, mut node: crate::base::jsonc::Node) -> crate::base::jsonc::Node {
        use crate::base::jsonc::Kind;
        node.span = self.expanded.origins(&node.span);
        node.kind = match node.kind {
            Kind::Array(items) => Kind::Array(items.into_iter().map(|item| self.placed(item)).collect()),
            Kind::Object(mut members) => {
                for member in &mut members {
                    member.key_span = self.expanded.origins(&member.key_span);
                    member.value =
                        self.placed(std::mem::replace(&mut member.value, crate::base::jsonc::Node { kind: Kind::Null, span: 0..0 }));
                }
                Kind::Object(members)
            }
            scalar => scalar,
        };
        node
    }
}

/// Returns a fault of the text that was read as one of the template: the text that was read shows values, which may be secrets.
fn in_template(error: &JsonError, source: &SourceText, expanded: &Expanded) -> Finding {
    let read = SourceText::new(&source.name, expanded.text.as_str());
    let at = read.offset(error.line, error.column);
    let value = expanded.replaced.iter().find(|replaced| replaced.to.contains(&at));
    let (message, span) = match value {
        Some(value) => (format!("the value of `{}` breaks the JSON, as iotedgedev puts it in as it is", value.name), value.from.clone()),
        None => (error.message.clone(), expanded.origins(&(at..at + 1))),
    };
    let finding = Finding::new(error.code(), Severity::Error, message).at(source, span);
    match error.hints().into_iter().next() {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}

/// Tells which value broke the JSON, when the text before was sound or the value holds what JSON must escape.
fn broken(source: &SourceText, expanded: &Expanded, variables: &Variables) -> Option<Finding> {
    let culprit = expanded.replaced.iter().find(|replaced| {
        let value = variables.value(&replaced.name).unwrap_or_default();
        value.contains(|c: char| matches!(c, '"' | '\\') || c.is_control())
    })?;
    let message = format!("the value of `{}` breaks the JSON, as iotedgedev puts it in as it is", culprit.name);
    let hint = "Without --compat the value is escaped.";
    Some(Finding::new("template/broken-json", Severity::Error, message).at(source, culprit.from.clone()).hint(hint))
}

/// What the writer of a manifest reads from.
struct Solution<'a> {
    input: &'a Input,
    variables: &'a Variables,
    platform: &'a str,
    template: &'a Template,
}

impl Solution<'_> {
    /// Returns the images of all module folders, by the text of each placeholder.
    fn module_tags(&self) -> Result<Tags> {
        let mut tags = Tags::new();
        let modules = self.input.folder().join(self.variables.setting("MODULES_PATH").unwrap_or("modules"));
        for folder in images::module_folders(&modules) {
            if let Some(module) = images::read_as(Mode::Iotedgedev, &modules.join(&folder), self.input, self.variables)? {
                self.add_tags(&mut tags, &format!("MODULES.{folder}"), &module);
            }
        }
        Ok(tags)
    }

    fn add_tags(&self, tags: &mut Tags, base: &str, module: &ModuleJson) {
        let container_tag = self.variables.setting("CONTAINER_TAG").map(|tag| format!("-{tag}")).unwrap_or_default();
        let repository = module.repository.as_deref().unwrap_or_default().to_lowercase();
        for (platform, _) in &module.platforms {
            let tag = format!("{repository}:{}{container_tag}-{platform}", module.version.as_deref().unwrap_or("0.0.0"));
            tags.insert(format!("${{{base}.{platform}}}"), tag.clone());
            if platform == self.platform {
                tags.insert(format!("${{{base}}}"), tag);
            } else if *platform == format!("{}.debug", self.platform) {
                tags.insert(format!("${{{base}.debug}}"), tag);
            }
        }
    }
}

/// Changes the values of a manifest.
struct Writer<'a> {
    heap: &'a mut Heap,
    findings: Vec<Finding>,
    solution: &'a Solution<'a>,
}

impl Writer<'_> {
    /// Does to the document what iotedgedev does, in its order, and returns the name of the file.
    fn rewrite(&mut self, root: Id) -> Result<String> {
        let (user, system) = self.modules(root)?;
        self.images(&user, &system)?;
        // A system module takes the place of a user module of its name.
        let mut all = user;
        for (name, module) in system {
            match all.iter_mut().find(|(other, _)| *other == name) {
                Some(found) => found.1 = module,
                None => all.push((name, module)),
            }
        }
        for (name, module) in &all {
            self.create_options(name, *module)?;
        }
        let version = match self.heap.get(root, "$schema-template") {
            None => String::new(),
            Some(version) => {
                let text = self.heap.as_str(version).map(str::to_owned);
                text.ok_or_else(|| self.stop(version, "`$schema-template` is no text"))?
            }
        };
        self.heap.remove(root, "$schema-template");
        Ok(self.file_name(&version))
    }

    fn file_name(&self, version: &str) -> String {
        let Solution { input, variables, platform, .. } = self.solution;
        if let Some(name) = variables.value("DEPLOYMENT_CONFIG_FILE") {
            return name.to_owned();
        }
        let name = input.file_name();
        let stem = name.strip_suffix(".template.json").or_else(|| name.strip_suffix(".json")).unwrap_or("deployment");
        format!("{stem}{}.json", platform_suffix(version, platform))
    }

    /// Returns user modules and system modules.
    fn modules(&mut self, root: Id) -> Result<(Modules, Modules)> {
        let wrapper = self.heap.get(root, "content");
        let content = self.heap.get(root, "modulesContent").or_else(|| self.heap.get(root, "moduleContent"));
        let content = content.or_else(|| wrapper.and_then(|wrapper| self.heap.get(wrapper, "modulesContent")));
        let content = content.ok_or_else(|| self.stop(root, "there is no `modulesContent`"))?;
        let mut written = Vec::new();
        let split = self.heap.split_dots(content, &mut written).map_err(|raised| self.raised(&raised))?;
        for (key, span) in written {
            let message = format!("`{key}` is written into the `properties.desired` beside it, as iotedgedev does when both are there");
            self.found(Finding::new("template/mixed-keys", Severity::Warning, message), &span);
        }
        let desired = ["$edgeAgent", "properties", "desired"].iter().try_fold(split, |id, key| self.heap.get(id, key));
        let mut kinds =
            ["modules", "systemModules"].into_iter().map(|kind| match desired.and_then(|desired| self.heap.get(desired, kind)) {
                Some(modules) if self.heap.is_dict(modules) => Ok(self.heap.items(modules)),
                Some(modules) => Err(self.stop(modules, &format!("`{kind}` is no object"))),
                None if wrapper.is_some() => Ok(Vec::new()),
                None => {
                    Err(self
                        .stop(root, &format!("`{kind}` is missing below `$edgeAgent`, and only a layer inside of `content` may lack it")))
                }
            });
        let (user, system) = (kinds.next(), kinds.next());
        Ok((user.transpose()?.unwrap_or_default(), system.transpose()?.unwrap_or_default()))
    }

    /// Replaces the images of user modules that are a placeholder as a whole.
    fn images(&mut self, user: &[(String, Id)], system: &[(String, Id)]) -> Result<()> {
        let solution = self.solution;
        let mut tags = solution.module_tags()?;
        let mut named = Vec::new();
        for (name, module) in user {
            let image = self.heap.get(*module, "settings").and_then(|settings| self.heap.get(settings, "image"));
            let image = image.ok_or_else(|| self.stop(*module, &format!("the module `{name}` has no `settings.image`")))?;
            let text = self.heap.as_str(image).map(str::to_owned);
            let text = text.ok_or_else(|| self.stop(image, &format!("the image of `{name}` is no text")))?;
            if let Some(folder) = faults::module_dir(&text) {
                let module = images::read_as(Mode::Iotedgedev, &solution.input.folder().join(folder), solution.input, solution.variables)?;
                let module = module.ok_or_else(|| self.stop(image, &format!("the folder `{folder}` has no module.json")))?;
                solution.add_tags(&mut tags, &format!("MODULEDIR<{folder}>"), &module);
            }
            named.push((name, *module, image, text));
        }
        for (name, module, image, text) in named {
            let Some(tag) = tags.get(&text) else { continue };
            // The name decides, and a system module of that name comes first.
            let module = system.iter().find(|(other, _)| other == name).map_or(module, |(_, module)| *module);
            let value = self.heap.text(tag.clone(), self.heap.span(image));
            if let Some(settings) = self.heap.get(module, "settings") {
                self.heap.set(settings, "image", value);
            }
        }
        Ok(())
    }

    /// Writes the create options of a module as text in pieces.
    fn create_options(&mut self, name: &str, module: Id) -> Result<()> {
        let Some(settings) = self.heap.get(module, "settings") else { return Ok(()) };
        let Some(options) = self.heap.get(settings, "createOptions") else { return Ok(()) };
        let span = self.heap.span(options);
        let text = if let Some(text) = self.heap.as_str(options) {
            text.to_owned()
        } else {
            if !self.heap.is_dict(options) {
                let message = format!("the createOptions of `{name}` are no object and become text");
                self.found(Finding::new("template/create-options", Severity::Warning, message), &span);
            }
            print::compact(&self.heap.tree(options), Style::Python)
        };
        let characters: Vec<char> = text.chars().collect();
        let pieces: Vec<String> = characters.chunks(PIECE).map(|piece| piece.iter().collect()).collect();
        if pieces.len() > PIECES {
            return Err(self.stop(options, &format!("the createOptions of `{name}` have more than 4096 characters")));
        }
        self.told_stale(name, settings, pieces.len(), &span);
        for (index, piece) in pieces.into_iter().enumerate() {
            let value = self.heap.text(piece, span.clone());
            self.heap.set(settings, &create_options::key(index), value);
        }
        Ok(())
    }

    fn told_stale(&mut self, name: &str, settings: Id, pieces: usize, span: &Range<usize>) {
        let old = self.heap.items(settings).into_iter().filter(|(key, _)| create_options::index_of(key).is_some_and(|index| index > 0));
        let old: Vec<String> = old.map(|(key, _)| key).collect();
        if pieces > 1 && !old.is_empty() {
            let message = format!(
                "module `{name}`: `createOptions` is longer than {PIECE} and is cut over {}, which makes other options of both",
                old.join(", ")
            );
            let hint = "Write the createOptions as one object.";
            self.found(Finding::new("template/stale-pieces", Severity::Warning, message).hint(hint), span);
        }
    }

    fn found(&mut self, finding: Finding, span: &Range<usize>) {
        let template = self.solution.template;
        self.findings.push(finding.at(&template.source, template.expanded.origins(span)));
    }

    /// Returns the error for a value at which iotedgedev stops.
    fn stop(&self, id: Id, message: &str) -> TemplateError {
        self.raised(&Raised { span: self.heap.span(id), message: message.to_owned() })
    }

    fn raised(&self, raised: &Raised) -> TemplateError {
        let template = self.solution.template;
        let span = template.expanded.origins(&raised.span);
        let shown = span.start
            ..span
                .end
                .min(template.source.text.get(span.start..).and_then(|rest| rest.find('\n')).map_or(span.end, |end| span.start + end));
        Finding::new("template/iotedgedev-stops", Severity::Error, raised.message.clone()).at(&template.source, shown).into()
    }
}
