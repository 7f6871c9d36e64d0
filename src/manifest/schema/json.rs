//! Writes a table as JSON Schema, draft 7, which editors read.

use serde_json::{Map, Value, json};

use super::deployment::{AGENT, HUB};
use super::{Need, Object, Pattern, Shape, files};

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `edgectl.yaml`.
    Solution,
    /// `module.yaml`.
    Module,
    /// Deployment manifests and layers.
    Deployment,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Self; 3] = [Self::Solution, Self::Module, Self::Deployment];

    /// Returns the schema.
    pub fn schema(self) -> Value {
        let schema = match self {
            Self::Solution => object(&files::SOLUTION),
            Self::Module => object(&files::MODULE),
            Self::Deployment => deployment(),
        };
        let Value::Object(members) = schema else { return schema };
        let mut document = Map::from_iter([("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"))]);
        document.extend(members);
        Value::Object(document)
    }
}

/// Returns the schema of a manifest: its envelope, plain or wrapped, and the sections.
fn deployment() -> Value {
    let section = |table| json!({ "type": "object", "properties": { "properties.desired": table }, "patternProperties": { "^properties\\.desired\\.": {} }, "additionalProperties": false });
    let sections = json!({
        "type": "object",
        "required": ["$edgeAgent"],
        "properties": { "$edgeAgent": section(object(&AGENT)), "$edgeHub": section(object(&HUB)) },
        "additionalProperties": section(json!({ "type": "object" })),
    });
    let holder = json!({ "type": "object", "required": ["modulesContent"], "properties": { "modulesContent": { "$ref": "#/definitions/sections" } } });
    json!({
        "title": "A deployment manifest of IoT Edge.",
        "type": "object",
        "anyOf": [
            { "required": ["modulesContent"] },
            { "required": ["content"] },
        ],
        "properties": { "modulesContent": { "$ref": "#/definitions/sections" }, "content": holder },
        "definitions": { "sections": sections },
    })
}

fn object(object: &Object) -> Value {
    let properties: Map<String, Value> = object
        .fields
        .iter()
        .filter(|field| field.need != Need::Ignored)
        .map(|field| (field.name.to_owned(), described(shape(field.shape), field.about)))
        .collect();
    let needed = object.fields.iter().filter(|field| matches!(field.need, Need::Required | Need::Usual));
    let required: Vec<&str> = needed.map(|field| field.name).collect();
    let mut schema = json!({ "title": object.about, "type": "object", "properties": properties, "additionalProperties": object.open });
    let Value::Object(members) = &mut schema else { return schema };
    if !required.is_empty() {
        members.insert("required".to_owned(), json!(required));
    }
    if let Some(base) = object.numbered {
        let key = format!("^{base}(0[1-9]|[1-9][0-9])$");
        members.insert("patternProperties".to_owned(), json!({ key: { "type": "string" } }));
    }
    schema
}

fn described(schema: Value, about: &str) -> Value {
    let Value::Object(mut members) = schema else { return schema };
    members.insert("description".to_owned(), json!(about));
    Value::Object(members)
}

fn shape(of: &Shape) -> Value {
    match of {
        Shape::Any => json!({}),
        Shape::Text(pattern) => text(pattern),
        Shape::Word(words) => json!({ "enum": words.words }),
        Shape::Whole { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Object(table) => object(table),
        Shape::Map { names, of } if names.expression.is_empty() => json!({ "type": "object", "additionalProperties": shape(of) }),
        Shape::Map { names, of } => {
            json!({ "type": "object", "patternProperties": { names.expression: shape(of) }, "additionalProperties": false })
        }
        Shape::List(of) => json!({ "type": "array", "items": shape(of) }),
        Shape::TextOr(pattern, table) => json!({ "anyOf": [text(pattern), object(table)] }),
    }
}

fn text(pattern: &Pattern) -> Value {
    if pattern.expression.is_empty() { json!({ "type": "string" }) } else { json!({ "type": "string", "pattern": pattern.expression }) }
}
