//! Holds a value against a table of [`crate::manifest::schema`]. What the reader on the device refuses is an error, what only the usual
//! tools refuse a warning.

use std::ops::Range;

use super::findings::{Findings, Found};
use super::placeholder;
use super::reader::Reader;
use crate::base::jsonc::{Kind, Member, Node};
use crate::base::text::nearest;
use crate::manifest::document::last_members;
use crate::manifest::schema::{Field, Need, Object, Pattern, Shape, Words};

/// A walk over a value along its table.
pub(super) struct Walk<'f, 'a> {
    /// Takes what is found.
    pub findings: &'f mut Findings<'a>,
    /// Minor version of the schema that is declared.
    pub minor: u32,
    /// Keys from the desired properties to here.
    pub path: Vec<String>,
    /// Whose word counts where a table refuses what it accepts; `None` where the table decides.
    pub reader: Option<&'f mut Reader>,
}

impl Walk<'_, '_> {
    /// Checks a value; `anchor` is the key that names it.
    pub fn value(&mut self, node: &Node, shape: &'static Shape, anchor: &Range<usize>) {
        if node.as_str().is_some_and(placeholder::is_in) && !matches!(shape, Shape::Object(_) | Shape::Map { .. } | Shape::List(_)) {
            return;
        }
        match shape {
            Shape::Any => {}
            Shape::Text(pattern) => self.text(node, pattern),
            Shape::Word(words) => self.word(node, words),
            Shape::Whole { least, most } => self.whole(node, *least, *most),
            Shape::Truth => self.require(node.as_bool().is_some(), node, "true or false"),
            Shape::Scalar => {
                self.require(!matches!(node.kind, Kind::Array(_) | Kind::Object(_)), node, "a text, a number or a truth value");
            }
            Shape::Object(object) => self.object(node, object, anchor),
            Shape::Map { names, of } => self.map(node, names, of),
            Shape::List(of) => {
                self.require(matches!(node.kind, Kind::Array(_)), node, "a list");
                node.items().iter().for_each(|item| self.value(item, of, &item.span));
            }
            Shape::TextOr(pattern, object) => match &node.kind {
                Kind::String(_) => self.text(node, pattern),
                Kind::Object(_) => self.object(node, object, anchor),
                _ => self.require(false, node, "a text or an object"),
            },
        }
    }

    fn add(&mut self, found: Found) {
        self.findings.add(match &mut self.reader {
            Some(reader) => reader.judge(&self.path, found),
            None => found,
        });
    }

    /// Checks the members of an object; `anchor` is the key that names it, where absences are told.
    pub fn object(&mut self, node: &Node, object: &'static Object, anchor: &Range<usize>) {
        if !node.is_object() {
            self.require(false, node, "an object");
            return;
        }
        let members: Vec<&Member> = last_members(node).into_iter().filter(|member| !member.value.is_null()).collect();
        let mut there: Vec<&str> = Vec::new();
        for member in members {
            let caseless = || object.fields.iter().find(|field| field.name.eq_ignore_ascii_case(&member.key)).filter(|_| !object.open);
            let Some(field) = object.field(&member.key).or_else(caseless) else {
                if !object.open {
                    self.unknown(member, object);
                }
                continue;
            };
            there.push(field.name);
            self.member(member, field, object);
        }
        for field in object.fields.iter().filter(|field| !there.contains(&field.name)) {
            self.absent(field, anchor);
        }
    }

    fn member(&mut self, member: &Member, field: &'static Field, object: &'static Object) {
        self.path.push(member.key.clone());
        if object.field(&member.key).is_none() {
            let message = format!("`{}` is written `{}`", self.shown(), field.name);
            let found = Found::warning("manifest/key-case", &member.key_span, message);
            self.add(found.hint("The device reads it all the same; the usual tools do not."));
        }
        if field.need == Need::Ignored {
            let found = Found::warning("manifest/ignored-key", &member.key_span, format!("`{}` has no effect", self.shown()));
            self.add(found.hint(field.about));
        } else if field.since > self.minor && field.name != "mqttBroker" {
            let message = format!("`{}` came with schemaVersion 1.{}, and 1.{} is declared", self.shown(), field.since, self.minor);
            let found = Found::note("manifest/newer-key", &member.key_span, message);
            self.add(found);
        }
        // Create options have rules of their own.
        if field.name != "createOptions" {
            self.value(&member.value, field.shape, &member.key_span);
        }
        self.path.pop();
    }

    fn absent(&mut self, field: &Field, anchor: &Range<usize>) {
        self.path.push(field.name.to_owned());
        let message = format!("there is no `{}`", self.shown());
        let found = match (field.need, field.name) {
            // The version decides about the walk and is looked at before it.
            (Need::Optional | Need::Ignored, _) | (_, "schemaVersion") => None,
            (Need::Required, "storeAndForwardConfiguration") => {
                let message = "there is no `storeAndForwardConfiguration`: from schema 1.1 on the broker refuses the whole configuration";
                let found = Found::error("manifest/no-store-and-forward", anchor, message);
                Some(found.hint("Write \"storeAndForwardConfiguration\": {\"timeToLiveSecs\": 7200}."))
            }
            (Need::Required, name) => Some(Found::error("manifest/missing-key", anchor, message).hint(add(name, field.about))),
            (Need::Usual, name) => Some(Found::warning("manifest/missing-key", anchor, message).hint(add(name, field.about))),
        };
        if let Some(found) = found {
            self.add(found);
        }
        self.path.pop();
    }

    fn unknown(&mut self, member: &Member, object: &'static Object) {
        self.path.push(member.key.clone());
        let (key, span) = (member.key.as_str(), &member.key_span);
        let found = if let Some(home) = home(key) {
            Found::warning("manifest/misplaced-key", span, format!("`{}` has no effect here", self.shown())).hint(home)
        } else {
            let found = Found::warning("manifest/unknown-key", span, format!("`{}` is not known and has no effect", self.shown()));
            let names: Vec<&str> = object.fields.iter().filter(|field| field.need != Need::Ignored).map(|field| field.name).collect();
            match nearest(key, names.iter().copied()) {
                Some(near) => found.hint(format!("Did you mean `{near}`?")),
                None => found.hint(format!("Known are: {}.", names.join(", "))),
            }
        };
        self.path.pop();
        self.add(found);
    }

    fn map(&mut self, node: &Node, names: &Pattern, of: &'static Shape) {
        if !node.is_object() {
            self.require(false, node, "an object");
            return;
        }
        for member in last_members(node).into_iter().filter(|member| !member.value.is_null()) {
            self.path.push(member.key.clone());
            self.name(&member.key, &member.key_span, names);
            self.value(&member.value, of, &member.key_span);
            self.path.pop();
        }
    }

    /// Checks a name that the user chose.
    pub fn name(&mut self, name: &str, span: &Range<usize>, names: &Pattern) {
        if !(names.accepts)(name) && !placeholder::is_in(name) {
            let found = Found::warning("manifest/bad-name", span, format!("the usual tools and the hub refuse the name `{name}`"));
            self.add(found.hint(format!("Use {}.", names.rule)));
        }
    }

    fn text(&mut self, node: &Node, pattern: &Pattern) {
        let Some(text) = node.as_str() else {
            if matches!(node.kind, Kind::Number(_) | Kind::Bool(_)) {
                let message = format!("`{}` is {}, and only the device takes it for a text", self.shown(), node.noun());
                self.add(Found::warning("manifest/wrong-type", &node.span, message).hint("Put it into quotes."));
                return;
            }
            self.require(false, node, "a text");
            return;
        };
        if (pattern.accepts)(text) {
            return;
        }
        let message = format!("`{}` cannot be {}", self.shown(), if text.trim().is_empty() { "blank" } else { "this" });
        let found = Found::error("manifest/bad-text", &node.span, message).hint(format!("It takes: {}.", pattern.rule));
        // Blanks in an address are refused by tools; an empty text by the device too.
        self.add(if text.trim().is_empty() { found } else { Found { severity: crate::base::finding::Severity::Warning, ..found } });
    }

    fn word(&mut self, node: &Node, words: &Words) {
        let Some(text) = node.as_str() else {
            self.require(false, node, "a text");
            return;
        };
        if words.words.contains(&text) {
            return;
        }
        if let Some(word) = words.words.iter().find(|word| words.caseless && word.eq_ignore_ascii_case(text)) {
            let message = format!("`{}` is written `{word}`", self.shown());
            let found = Found::warning("manifest/word-case", &node.span, message);
            self.add(found.hint("The device reads it all the same; the usual tools do not."));
            return;
        }
        let hint = match nearest(text, words.words.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("It is one of: {}.", words.words.join(", ")),
        };
        let message = format!("`{}` cannot be `{text}`: the device refuses the deployment", self.shown());
        self.add(Found::error("manifest/unknown-word", &node.span, message).hint(hint));
    }

    fn whole(&mut self, node: &Node, least: i64, most: i64) {
        let (digits, quoted) = match &node.kind {
            Kind::Number(digits) => (digits.as_str(), false),
            Kind::String(text) if !text.is_empty() => (text.as_str(), true),
            _ => return self.require(false, node, "a whole number"),
        };
        let Some(number) = digits.parse::<f64>().ok().filter(|number| number.is_finite()) else {
            return self.require(false, node, "a whole number");
        };
        #[expect(clippy::cast_precision_loss, reason = "limits are compared roughly first, whole numbers exactly below")]
        let outside = match digits.parse::<i64>() {
            Ok(exact) => exact < least || exact > most,
            Err(_) => number < least as f64 || number > most as f64,
        };
        if outside {
            let limits = if most == i64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
            let message = format!("`{}` is out of range", self.shown());
            self.add(Found::error("manifest/out-of-range", &node.span, message).hint(format!("It takes {limits}.")));
        } else if digits.parse::<i64>().is_err() && number.fract() != 0.0 {
            self.require(false, node, "a whole number");
        } else if quoted {
            let message = format!("`{}` is a text, and only the device takes it for a number", self.shown());
            self.add(Found::warning("manifest/wrong-type", &node.span, message).hint("Remove the quotes."));
        }
    }

    fn require(&mut self, holds: bool, node: &Node, wanted: &str) {
        if holds {
            return;
        }
        let message = format!("`{}` is {}, not {wanted}", self.shown(), node.noun());
        let found = Found::error("manifest/wrong-type", &node.span, message);
        let env = self.path.iter().rev().nth(1).is_some_and(|key| key == "env");
        self.add(if env { found.hint("Write {\"value\": \"…\"}.") } else { found });
    }

    /// Returns the path for messages; long ones lose their beginning.
    fn shown(&self) -> String {
        self.path.join(".")
    }
}

fn add(name: &str, about: &str) -> String {
    format!(
        "Add `{name}`: {}",
        about.chars().next().map(|first| first.to_lowercase().chain(about.chars().skip(1)).collect::<String>()).unwrap_or_default()
    )
}

/// Says where a key belongs that stands elsewhere in many files.
fn home(key: &str) -> Option<&'static str> {
    let hint = match key {
        "image" | "createOptions" => "Move it into `settings` of the module.",
        "env" | "imagePullPolicy" | "status" | "restartPolicy" | "startupOrder" | "version" | "type" => {
            "Move it into the module itself, beside `settings`."
        }
        "registryCredentials" | "minDockerVersion" | "loggingOptions" => "Move it into `runtime.settings` of `$edgeAgent`.",
        "HostConfig" | "ExposedPorts" | "Cmd" | "Entrypoint" | "Hostname" | "NetworkingConfig" | "Labels" | "Env" | "Volumes" => {
            "Move it into `createOptions` of the module's `settings`."
        }
        "routes" | "storeAndForwardConfiguration" | "mqttBroker" => "Move it into `properties.desired` of `$edgeHub`.",
        "modules" | "systemModules" | "runtime" => "Move it into `properties.desired` of `$edgeAgent`.",
        "timeToLiveSecs" => "Move it into `storeAndForwardConfiguration`, or into a route.",
        _ if key.to_ascii_lowercase().ends_with("_proxy") => "Set it in `env` of the module: {\"value\": \"…\"}.",
        _ => return None,
    };
    Some(hint)
}

/// Returns what the table says of a place below an object.
pub(super) fn shape_at(object: &'static Object, path: &[&str]) -> Option<&'static Shape> {
    let (first, rest) = path.split_first()?;
    let mut shape = object.field(first)?.shape;
    for name in rest {
        shape = match shape {
            Shape::Object(object) | Shape::TextOr(_, object) => object.field(name)?.shape,
            Shape::Map { of, .. } => of,
            Shape::Any => shape,
            _ => return None,
        };
    }
    Some(shape)
}
