//! The part of the query language that the emulator answers:
//!
//! ```text
//! SELECT * | NAME { , NAME } FROM devices | devices.modules [ WHERE clause { AND clause } ]
//! clause = capabilities.iotEdge = true|false | moduleId = 'ID' | configurations.[[ID]].status = 'STATUS' | a target condition
//! ```
//!
//! Keywords come in any case. Everything else is refused by name, so that nobody takes a wrong answer for a right one.

use serde_json::Value;

use super::fault::Fault;
use crate::iothub::Twin;
use crate::target::Condition;

/// A query that was understood.
#[derive(Debug)]
pub(super) struct Query {
    /// Selected members; `None` for all of them.
    columns: Option<Vec<String>>,
    modules: bool,
    clauses: Vec<Clause>,
}

#[derive(Debug)]
enum Clause {
    Edge(bool),
    Module(String),
    Status { configuration: String, status: String },
    Condition(Condition),
}

impl Query {
    /// Reads a query.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let rest = keyword(text, "select").ok_or_else(|| refuse("a query begins with SELECT"))?;
        let from = top_level(rest, "from").first().copied().ok_or_else(|| refuse("a query has FROM devices or FROM devices.modules"))?;
        let (selected, rest) = split(rest, from, "from");
        let place = top_level(rest, "where").first().copied();
        let (collection, condition) = place.map_or((rest, None), |place| {
            let (collection, condition) = split(rest, place, "where");
            (collection, Some(condition))
        });
        let modules = match collection.trim() {
            "devices" => false,
            "devices.modules" => true,
            other => return Err(refuse(format!("the emulator queries devices and devices.modules, not `{other}`"))),
        };
        let clauses = condition.map(clauses).transpose()?.unwrap_or_default();
        Ok(Self { columns: columns(selected.trim())?, modules, clauses })
    }

    /// Returns the matching rows: whole twins, or the selected members.
    pub(super) fn rows(&self, devices: &[Twin], modules: &[Twin]) -> Vec<Twin> {
        let all = if self.modules { modules } else { devices };
        let matching = all.iter().filter(|twin| self.clauses.iter().all(|clause| clause.matches(twin)));
        matching.map(|twin| self.row(twin)).collect()
    }

    /// Returns what the rows are, for the header `x-ms-item-type`.
    pub(super) fn item_type(&self) -> &'static str {
        if self.columns.is_none() { "Twin" } else { "Raw" }
    }

    fn row(&self, twin: &Twin) -> Twin {
        let Some(columns) = &self.columns else { return twin.clone() };
        let members = columns.iter().filter_map(|name| Some((name.clone(), twin.members().get(name)?.clone())));
        Twin::from_members(members.collect())
    }
}

impl Clause {
    fn matches(&self, twin: &Twin) -> bool {
        match self {
            Self::Edge(edge) => twin.is_edge() == *edge,
            Self::Module(id) => twin.module_id() == Some(id),
            Self::Status { configuration, status } => twin.configuration_status(configuration) == Some(status),
            Self::Condition(condition) => condition.matches(&twin.clone().into_value()),
        }
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(refuse("a clause after WHERE or AND is missing"));
        }
        if let Some((left, right)) = text.split_once('=').map(|(left, right)| (left.trim_end(), right.trim())) {
            let quoted = || right.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|inner| !inner.contains('\''));
            let configuration = left.strip_prefix("configurations.[[").and_then(|rest| rest.strip_suffix("]].status"));
            match (left, right, quoted()) {
                ("capabilities.iotEdge", "true" | "false", _) => return Ok(Self::Edge(right == "true")),
                ("moduleId", _, Some(id)) => return Ok(Self::Module(id.to_owned())),
                (_, _, Some(status)) if configuration.is_some() => {
                    return Ok(Self::Status { configuration: configuration.unwrap_or_default().to_owned(), status: status.to_owned() });
                }
                _ => {}
            }
        }
        let condition = Condition::parse(text).map_err(|error| refuse(error.to_string()))?;
        Ok(Self::Condition(condition))
    }
}

fn refuse(message: impl Into<String>) -> Fault {
    Fault::bad("ArgumentInvalid", format!("{}; the emulator knows SELECT * FROM devices|devices.modules [WHERE …]", message.into()))
}

fn columns(text: &str) -> Result<Option<Vec<String>>, Fault> {
    if text == "*" {
        return Ok(None);
    }
    let names = text.split(',').map(|name| {
        let name = name.trim();
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if plain { Ok(name.to_owned()) } else { Err(refuse(format!("the emulator selects * or top-level members, not `{name}`"))) }
    });
    names.collect::<Result<_, _>>().map(Some)
}

/// Splits at the top-level ANDs, so that members which conditions do not know can stand in clauses of their own. An OR beside them
/// makes one condition of the whole.
fn clauses(text: &str) -> Result<Vec<Clause>, Fault> {
    if !top_level(text, "or").is_empty() {
        return Ok(vec![Clause::parse(text)?]);
    }
    let (mut parsed, mut rest, mut places) = (Vec::new(), text, top_level(text, "and"));
    places.reverse();
    for place in places {
        let (before, after) = split(rest, place, "and");
        parsed.push(Clause::parse(after)?);
        rest = before;
    }
    parsed.push(Clause::parse(rest)?);
    Ok(parsed)
}

/// Takes a keyword from the front.
fn keyword<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?;
    (head.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// Returns the byte places of a keyword outside quotes, parentheses and brackets.
fn top_level(text: &str, word: &str) -> Vec<usize> {
    let (mut found, mut depth, mut quoted, mut fresh) = (Vec::new(), 0_i32, false, true);
    for (place, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            _ if quoted || depth > 0 || !fresh => {}
            _ => {
                let here = text.get(place..place + word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
                let after = text.get(place + word.len()..).and_then(|rest| rest.chars().next());
                if here && !after.is_some_and(is_name) {
                    found.push(place);
                }
            }
        }
        fresh = !is_name(c);
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.')
}

fn split<'a>(text: &'a str, place: usize, word: &str) -> (&'a str, &'a str) {
    (text.get(..place).unwrap_or_default(), text.get(place + word.len()..).unwrap_or_default())
}

/// Returns the query of a request body.
pub(super) fn of_body(body: &Value) -> Result<Query, Fault> {
    let text = body.get("query").and_then(Value::as_str).ok_or_else(|| Fault::argument("the body needs a `query`"))?;
    Query::parse(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn twin(value: Value) -> Twin {
        serde_json::from_value(value).expect("a twin")
    }

    fn ids(query: &str) -> Vec<String> {
        let devices = [
            twin(json!({ "deviceId": "a", "tags": { "ring": "canary", "and": "x and y" }, "capabilities": { "iotEdge": true } })),
            twin(json!({ "deviceId": "b", "tags": { "ring": "broad" }, "capabilities": { "iotEdge": true } })),
            twin(json!({ "deviceId": "c", "tags": { "ring": "canary" }, "capabilities": { "iotEdge": false } })),
        ];
        let modules = [
            twin(json!({ "deviceId": "a", "moduleId": "$edgeAgent", "configurations": { "c-1": { "status": "Applied" } },
                "properties": { "reported": { "lastDesiredStatus": { "code": 200 } } } })),
            twin(json!({ "deviceId": "a", "moduleId": "filter" })),
        ];
        let rows = Query::parse(query).unwrap_or_else(|fault| panic!("{query}: {fault}")).rows(&devices, &modules);
        rows.iter().map(|row| row.identity().to_string()).collect()
    }

    #[test]
    fn answers_the_documented_subset() {
        for (query, expected) in [
            ("SELECT * FROM devices", &["a", "b", "c"][..]),
            ("select * from devices where capabilities.iotEdge = true AND tags.ring = 'canary'", &["a"]),
            ("SELECT * FROM devices WHERE tags.ring = 'broad' OR (tags.ring = 'canary' AND deviceId = 'c')", &["b", "c"]),
            ("SELECT * FROM devices WHERE tags.[[and]] = 'x and y'", &["a"]),
            ("SELECT deviceId FROM devices WHERE deviceId IN ['a', 'b'] and capabilities.iotEdge = true", &["a", "b"]),
            ("SELECT * FROM devices.modules", &["a/$edgeAgent", "a/filter"]),
            ("SELECT * FROM devices.modules WHERE moduleId = 'filter'", &["a/filter"]),
            (
                "select deviceId, moduleId from devices.modules where moduleId = '$edgeAgent' and configurations.[[c-1]].status = 'Applied'",
                &["a/$edgeAgent"],
            ),
            ("SELECT * FROM devices.modules WHERE properties.reported.lastDesiredStatus.code = 200", &["a/$edgeAgent"]),
        ] {
            assert_eq!(ids(query), expected, "{query}");
        }
    }

    #[test]
    fn selected_members_alone_come_back() {
        let query = Query::parse("SELECT deviceId FROM devices").expect("a query");
        let rows = query.rows(&[twin(json!({ "deviceId": "a", "tags": {} }))], &[]);
        assert_eq!(serde_json::to_value(rows).expect("json"), json!([{ "deviceId": "a" }]));
        assert_eq!(query.item_type(), "Raw");
    }

    #[test]
    fn refuses_what_lies_outside() {
        for (query, word) in [
            ("", "SELECT"),
            ("DELETE FROM devices", "SELECT"),
            ("SELECT *", "FROM"),
            ("SELECT * FROM devices.jobs", "devices.jobs"),
            ("SELECT COUNT() AS n FROM devices", "COUNT() AS n"),
            ("SELECT tags.ring FROM devices", "tags.ring"),
            ("SELECT * FROM devices GROUP BY status", "GROUP BY"),
            ("SELECT * FROM devices WHERE", "WHERE"),
            ("SELECT * FROM devices WHERE status = 'enabled'", "status"),
            ("SELECT * FROM devices WHERE capabilities.iotEdge = true OR tags.a = 1", "capabilities"),
        ] {
            let fault = Query::parse(query).expect_err(query);
            assert!(fault.message.contains(word), "{query}: {fault}");
        }
    }
}
