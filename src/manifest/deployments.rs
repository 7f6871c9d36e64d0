//! Deployments as files hold them: a configuration of a hub (`id`, `priority`, `createdTimeUtc`, `targetCondition`, `content`), a list of
//! them, or a bare manifest.

use std::path::Path;

use serde_json::{Map, Value};

use super::document::{DESIRED, keys_below, repeated_keys};
use super::effective::Candidate;
use crate::base::jsonc::{Document, JsonError, Kind, Node};
use crate::base::{Diagnose, Exit, Finding, Severity, Timestamp};
use crate::target::{Condition, ConditionError};

/// Most deployments that are read at once; a hub takes a hundred.
pub const MOST: usize = 1000;

/// Deployments of a file, and what is odd about it.
#[derive(Clone, Debug, Default)]
pub struct Deployments {
    /// The edge deployments, in the order of the file.
    pub candidates: Vec<Candidate>,
    /// Ids of configurations for other than edge devices, which are left out.
    pub others: Vec<String>,
    /// Keys that stand there twice.
    pub findings: Vec<Finding>,
}

/// A deployment that cannot be read, with its place where it stands in a file.
#[derive(Debug, thiserror::Error)]
#[error("{}", shown(finding))]
pub struct DeploymentError {
    /// What is wrong, and where.
    pub finding: Box<Finding>,
}

fn shown(finding: &Finding) -> String {
    match (&finding.file, finding.place, &finding.excerpt) {
        (Some(file), Some(place), Some(excerpt)) => {
            format!("{}:{}:{}: {}\n{}", file.display(), place.line, place.column, finding.message, excerpt.draw(place.line))
        }
        _ => finding.message.clone(),
    }
}

impl Diagnose for DeploymentError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        "manifest/bad-deployment"
    }

    fn hints(&self) -> Vec<String> {
        self.finding.hint.iter().cloned().collect()
    }
}

/// Why a text holds no deployments.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON.
    #[error(transparent)]
    Json(Box<JsonError>),
    /// It is JSON, and something in it is wrong.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
}

impl From<JsonError> for ReadError {
    fn from(error: JsonError) -> Self {
        Self::Json(Box::new(error))
    }
}

impl Diagnose for ReadError {
    fn kind(&self) -> Exit {
        Exit::BadInput
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Deployment(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Json(error) => error.hints(),
            Self::Deployment(error) => error.hints(),
        }
    }
}

/// What a deployment that does not say it is taken to be.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its priority, when it is a bare manifest.
    pub priority: i64,
}

/// Reads the deployments of a file: one object, a list, or one object a line. A bare manifest, which says neither id nor priority nor
/// condition, is for every device; a configuration without a condition is for none, as in a hub.
///
/// # Errors
/// At the first fault, with file, line and column.
pub fn read(bytes: &[u8], name: &Path, defaults: Defaults<'_>) -> Result<Deployments, ReadError> {
    let mut read = Deployments::default();
    match lines(bytes) {
        Some(lines) => {
            for (index, line) in lines {
                let document = Document::parse(line, name).map_err(|mut error| {
                    error.line += index;
                    error
                })?;
                read.take(&Text { document: &document, lines_above: index }, defaults)?;
            }
        }
        None => read.take(&Text { document: &Document::parse(bytes, name)?, lines_above: 0 }, defaults)?,
    }
    Ok(read)
}

/// Splits JSON Lines, with the index of each line; `None` when the first line alone is no whole value, or is all there is.
fn lines(bytes: &[u8]) -> Option<impl Iterator<Item = (usize, &[u8])>> {
    let filled = || bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let (_, first) = filled().next()?;
    let whole = first.trim_ascii_end().ends_with(b"}") && filled().nth(1).is_some() && Document::parse(first, Path::new("")).is_ok();
    whole.then(filled)
}

/// A file, or a line of one.
struct Text<'a> {
    document: &'a Document,
    lines_above: usize,
}

impl Text<'_> {
    /// Moves a finding from the place in the text to the one in the file.
    fn in_file(&self, mut finding: Finding) -> Finding {
        if let Some(place) = &mut finding.place {
            place.line += self.lines_above;
            place.end_line += self.lines_above;
        }
        finding
    }
}

/// Reads one deployment out of plain JSON, such as a row of a table or an answer of a hub.
///
/// # Errors
/// Anything that is missing or of the wrong type; messages have no place.
pub fn candidate(value: &Value) -> Result<Candidate, Unread> {
    let members = value.as_object().ok_or_else(|| Unread::new("", "a deployment is an object"))?;
    let text = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Unread::new(name, format!("`{name}` is a text"))),
    };
    let id = text("id")?.ok_or_else(|| Unread::new("", "a deployment needs an `id`"))?.to_owned();
    let priority = match members.get("priority") {
        None | Some(Value::Null) => 0,
        Some(priority) => priority.as_i64().ok_or_else(|| Unread::new("priority", "`priority` is a whole number"))?,
    };
    let created = match text("createdTimeUtc")?.filter(|text| !text.is_empty()) {
        None => Timestamp::MIN_UTC,
        Some(text) => time(text).ok_or_else(|| Unread::new("createdTimeUtc", format!("`{text}` is no time")))?,
    };
    let condition = text("targetCondition")?.unwrap_or_default();
    let condition = Condition::parse(condition).map_err(|error| Unread::condition(&error))?;
    let content = contents(members)?.ok_or_else(|| Unread::new("", "a deployment needs `modulesContent`"))?.clone();
    Ok(Candidate { id, priority, created, condition, content })
}

/// What is wrong with a deployment: in which member, and where inside its text.
#[derive(Debug)]
pub struct Unread {
    /// Name of the member, empty for the deployment itself.
    pub member: String,
    /// Bytes into the member's text.
    pub offset: usize,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether the target condition does not parse.
    pub is_condition: bool,
}

impl Unread {
    fn new(member: &str, message: impl Into<String>) -> Self {
        Self { member: member.to_owned(), offset: 0, message: message.into(), hint: None, is_condition: false }
    }

    fn condition(error: &ConditionError) -> Self {
        let hint = error.hints().join(" ");
        Self {
            offset: error.span.start,
            hint: (!hint.is_empty()).then_some(hint),
            is_condition: true,
            ..Self::new("targetCondition", format!("target condition: {}", error.message))
        }
    }
}

/// Reads a time as hubs write it; one without a zone is UTC.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

/// Finds the sections: `modulesContent`, or `moduleContent` of old files, at the top or in `content`.
fn contents(members: &Map<String, Value>) -> Result<Option<&Map<String, Value>>, Unread> {
    let inner = members.get("content").and_then(Value::as_object);
    let holders = [Some(members), inner];
    let found = holders.into_iter().flatten().find_map(|holder| {
        ["modulesContent", "moduleContent"]
            .into_iter()
            .find_map(|key| holder.get(key).filter(|value| !value.is_null()).map(|value| (key, value)))
    });
    let Some((key, value)) = found else { return Ok(None) };
    let sections = value.as_object().ok_or_else(|| Unread::new(key, format!("`{key}` is an object")))?;
    for (module, section) in sections {
        let Some(section) = section.as_object() else { return Err(Unread::new(module, format!("the section `{module}` is an object"))) };
        if let Some(whole) = section.get(DESIRED).filter(|whole| !whole.is_object() && !whole.is_null()) {
            let message = format!("`{DESIRED}` of `{module}` is an object, this is {whole}");
            return Err(Unread::new(module, message));
        }
    }
    Ok(Some(sections))
}

impl Deployments {
    fn take(&mut self, text: &Text<'_>, defaults: Defaults<'_>) -> Result<(), DeploymentError> {
        self.findings.extend(repeated_keys(text.document).into_iter().map(|finding| text.in_file(finding)));
        match &text.document.root.kind {
            Kind::Array(items) => items.iter().try_for_each(|item| self.take_one(text, item, defaults)),
            _ => self.take_one(text, &text.document.root, defaults),
        }
    }

    fn take_one(&mut self, text: &Text<'_>, node: &Node, defaults: Defaults<'_>) -> Result<(), DeploymentError> {
        let refuse = |unread: &Unread| DeploymentError { finding: Box::new(text.in_file(place(text.document, node, unread))) };
        let mut value = node.to_value();
        let Some(members) = value.as_object_mut() else { return Err(refuse(&Unread::new("", "a deployment is an object"))) };
        if is_for_others(members) {
            let id = members.get("id").and_then(Value::as_str).unwrap_or(defaults.id);
            return self.leave_out(id).map_err(|unread| refuse(&unread));
        }
        let bare = ["id", "priority", "targetCondition", "createdTimeUtc"].iter().all(|name| !members.contains_key(*name));
        if bare {
            members.insert("priority".to_owned(), defaults.priority.into());
            members.insert("targetCondition".to_owned(), "*".into());
        }
        members.entry("id").or_insert_with(|| defaults.id.into());
        let candidate = candidate(&value).map_err(|unread| refuse(&unread))?;
        self.add(candidate).map_err(|unread| refuse(&unread))
    }

    /// Adds a configuration as a hub answers it; one for other than edge devices is only named.
    ///
    /// # Errors
    /// What is no edge deployment, or what [`Deployments::add`] refuses.
    pub fn add_configuration(&mut self, configuration: &Value) -> Result<(), Unread> {
        match configuration.as_object() {
            Some(members) if is_for_others(members) || matches!(contents(members), Ok(None)) => {
                self.leave_out(members.get("id").and_then(Value::as_str).unwrap_or_default())
            }
            _ => self.add(candidate(configuration)?),
        }
    }

    /// Names a configuration that is left out.
    fn leave_out(&mut self, id: &str) -> Result<(), Unread> {
        self.require_room()?;
        self.others.push(id.to_owned());
        Ok(())
    }

    fn require_room(&self) -> Result<(), Unread> {
        let full = self.candidates.len() + self.others.len() >= MOST;
        if full { Err(Unread::new("", format!("there are more than {MOST} deployments"))) } else { Ok(()) }
    }

    /// Adds a deployment.
    ///
    /// # Errors
    /// An id that is there already, a key that is too deep, or more than [`MOST`].
    pub fn add(&mut self, candidate: Candidate) -> Result<(), Unread> {
        if self.candidates.iter().any(|other| other.id == candidate.id) {
            return Err(Unread::new("id", format!("there are two deployments with the id `{}`", candidate.id)));
        }
        for (module, section) in &candidate.content {
            let keys = section.as_object().map(keys_below).transpose();
            keys.map_err(|deep| Unread::new(module, format!("in the section `{module}`, {deep}")))?;
        }
        self.require_room()?;
        self.candidates.push(candidate);
        Ok(())
    }
}

impl From<Unread> for DeploymentError {
    fn from(unread: Unread) -> Self {
        let finding = Finding::new("manifest/bad-deployment", Severity::Error, unread.message);
        Self {
            finding: Box::new(match unread.hint {
                Some(hint) => finding.hint(hint),
                None => finding,
            }),
        }
    }
}

/// Tells a configuration for devices or modules that are not edge devices' content.
fn is_for_others(members: &Map<String, Value>) -> bool {
    let content = members.get("content").and_then(Value::as_object);
    let has = |key: &str| content.and_then(|content| content.get(key)).is_some_and(|value| !value.is_null());
    !has("modulesContent") && (has("deviceContent") || (has("moduleContent") && is_module_configuration(content)))
}

/// Tells the content of a module configuration, whose keys are paths of one twin, from an old file's, whose keys are modules.
fn is_module_configuration(content: Option<&Map<String, Value>>) -> bool {
    let inner = content.and_then(|content| content.get("moduleContent")).and_then(Value::as_object);
    inner.is_some_and(|inner| inner.keys().any(|key| key.starts_with(DESIRED)))
}

/// Finds what is wrong in the text of a document.
fn place(document: &Document, node: &Node, unread: &Unread) -> Finding {
    let content = node.get("content");
    let sections =
        [Some(node), content].into_iter().flatten().find_map(|holder| holder.get("modulesContent").or(holder.get("moduleContent")));
    let found = node.get(&unread.member).or_else(|| content?.get(&unread.member)).or_else(|| sections?.get(&unread.member));
    let span = match found {
        Some(value) if unread.is_condition => {
            let start = document.offset_in_string(value, unread.offset);
            start..start + 1
        }
        Some(value) if value.is_object() => value.span.start..value.span.start + 1,
        Some(value) => value.span.clone(),
        None => node.span.start..node.span.start + 1,
    };
    let finding = Finding::new("manifest/bad-deployment", Severity::Error, unread.message.clone()).at(&document.source, span);
    match &unread.hint {
        Some(hint) => finding.hint(hint.clone()),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: &str = r#""$edgeAgent": {"properties.desired": {}}"#;

    fn file(text: &[u8]) -> Result<Deployments, ReadError> {
        read(text, Path::new("d.json"), Defaults { id: "d", priority: 3 })
    }

    fn found(text: &str) -> Vec<(String, i64, String)> {
        let read = file(text.as_bytes()).expect(text);
        read.candidates.iter().map(|one| (one.id.clone(), one.priority, one.condition.to_string())).collect()
    }

    #[test]
    fn a_bare_manifest_is_for_everyone_and_a_configuration_without_a_condition_for_nobody() {
        let sections = format!("\"modulesContent\": {{{AGENT}}}");
        let one = |id: &str, priority, condition: &str| vec![(id.to_owned(), priority, condition.to_owned())];
        assert_eq!(found(&format!("{{{sections}}}")), one("d", 3, "*"));
        assert_eq!(found(&format!("\u{feff}// old\n{{\"content\": {{{sections}}},}}")), one("d", 3, "*"));
        assert_eq!(found(&format!("{{\"moduleContent\": {{{AGENT}}}}}")), one("d", 3, "*"));
        assert_eq!(found(&format!("{{\"id\": \"x\", \"content\": {{{sections}}}}}")), one("x", 0, ""));
        assert_eq!(found(&format!("{{\"priority\": 7, \"targetCondition\": \"tags.a=1\", {sections}}}")), one("d", 7, "tags.a = 1"));
    }

    #[test]
    fn lists_and_lines_hold_many() {
        let one = |id: &str| format!("{{\"id\": \"{id}\", \"priority\": 1, \"targetCondition\": \"*\", \"modulesContent\": {{{AGENT}}}}}");
        let ids = |text: &str| found(text).into_iter().map(|(id, ..)| id).collect::<Vec<_>>();
        assert_eq!(ids(&format!("[{}, {}]", one("a"), one("b"))), ["a", "b"]);
        assert_eq!(ids(&format!("{}\r\n\n{}\n", one("a"), one("b"))), ["a", "b"]);
        assert_eq!(ids(&one("a")), ["a"]);
        let device = r#"[{"id": "leaf", "content": {"deviceContent": {"properties.desired.a": 1}}},
            {"id": "agent", "content": {"moduleContent": {"properties.desired.a": 1}}}]"#;
        assert_eq!(file(device.as_bytes()).expect("read").others, ["leaf", "agent"]);
    }

    #[test]
    fn times_have_a_zone_or_are_utc() {
        let text = |time: &str| format!("{{\"id\": \"a\", \"createdTimeUtc\": \"{time}\", \"modulesContent\": {{}}}}");
        let created = |time: &str| file(text(time).as_bytes()).expect(time).candidates[0].created.to_rfc3339();
        assert_eq!(created("2026-11-01T02:00:00.1234567+02:00"), "2026-11-01T00:00:00.123456700+00:00");
        assert_eq!(created("2026-11-01T00:00:00"), created("2026-11-01T00:00:00Z"));
        assert!(file(text("yesterday").as_bytes()).is_err());
    }

    #[test]
    fn faults_have_their_place() {
        for (text, says) in [
            ("{\"modulesContent\": {\"$edgeAgent\": ", "d.json:1:"),
            ("[1]", "d.json:1:2: a deployment is an object"),
            ("{\n \"id\": 5, \"modulesContent\": {}}", "d.json:2:8: `id` is a text"),
            ("{\n \"id\": \"a\", \"priority\": 1.5,\n \"modulesContent\": {}}", "d.json:2:25: `priority` is a whole number"),
            (
                "{\"id\": \"a\",\n \"targetCondition\": \"tags.ring == 'a'\", \"modulesContent\": {}}",
                "d.json:2:32: target condition: `==` is no",
            ),
            ("{\"id\": \"a\"}", "d.json:1:1: a deployment needs `modulesContent`"),
            ("{\"id\": \"a\", \"modulesContent\": []}", "d.json:1:31: `modulesContent` is an object"),
            ("{\"modulesContent\": {\"x\": 5}}", "d.json:1:26: the section `x` is an object"),
            ("{\"modulesContent\": {\n\"x\": {\"properties.desired\": [1]}}}", "d.json:2:6: `properties.desired` of `x` is an object"),
            (
                "[{\"id\": \"a\", \"modulesContent\": {}},\n {\"id\": \"a\", \"modulesContent\": {}}]",
                "d.json:2:9: there are two deployments",
            ),
            ("{\"id\": \"a\", \"modulesContent\": {}}\n\n{\"id\": \"b\", \"modulesContent\": 1}", "d.json:3:31: `modulesContent` is"),
        ] {
            let error = file(text.as_bytes()).expect_err(text);
            assert!(error.to_string().starts_with(says), "{text}: {error}");
        }
    }

    #[test]
    fn bad_bytes_end_in_an_error() {
        let deep = format!("{{\"modulesContent\": {}", "{\"a\":".repeat(10_000));
        for bytes in [
            deep.as_bytes(),
            b"\xff\xfe",
            b"{\"id\": \"a\0\", \"modulesContent\": {\"\0\": 0}}",
            b"",
            b"\n\n",
            "[".repeat(70_000).as_bytes(),
        ] {
            assert!(file(bytes).is_err(), "{:?}", bytes.get(..9));
        }
        let long = format!("{{\"id\": \"{}\", \"modulesContent\": {{}}}}", "x".repeat(16 << 20));
        assert_eq!(file(long.as_bytes()).expect("long and right").candidates[0].id.len(), 16 << 20);
    }

    #[test]
    fn a_key_of_too_many_names_is_refused() {
        let text = format!("{{\"modulesContent\": {{{AGENT},\n\"m\": {{\"properties.desired.{}\": 1}}}}}}", vec!["a"; 20_000].join("."));
        let error = file(text.as_bytes()).expect_err("too deep").to_string();
        assert!(error.starts_with("d.json:2:6: in the section `m`, the key has 20000 names"), "{error}");
    }

    #[test]
    fn many_lines_take_no_longer_each() {
        let other = r#"{"id": "leaf", "content": {"deviceContent": {"properties.desired.a": 1}}}"#;
        let text = format!("{}{}", "\n".repeat(4 << 20), format!("{other}\n").repeat(MOST));
        assert_eq!(file(text.as_bytes()).expect("as many as are read").others.len(), MOST);
        let more = file(format!("{text}{other}").as_bytes()).expect_err("one more").to_string();
        assert!(more.starts_with(&format!("d.json:{}:1: there are more than 1000 deployments", (4 << 20) + MOST + 1)), "{more}");
        let broken = file(format!("{text}{{").as_bytes()).expect_err("no JSON").to_string();
        assert!(broken.starts_with(&format!("d.json:{}:2: ", (4 << 20) + MOST + 1)), "{broken}");
        let twice = file(format!("{other}\n\n{{\"id\": 1, {}", other.replacen('{', "", 1)).as_bytes()).expect("read");
        assert_eq!(twice.findings[0].place.map(|place| (place.line, place.end_line)), Some((3, 3)));
    }

    #[test]
    fn a_repeated_key_is_told() {
        let read = file(b"{\"id\": \"a\", \"id\": \"b\", \"modulesContent\": {}}").expect("read");
        assert_eq!((read.candidates[0].id.as_str(), read.findings[0].code.as_ref()), ("b", "json/duplicate-key"));
    }
}
