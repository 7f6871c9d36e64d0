//! Configurations: created once, updated in all but their content, removed; and their metrics.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::change::{Change, IfMatch, next_etag};
use super::fault::Fault;
use super::query::Query;
use super::records::Kind;
use crate::iothub::{Configuration, Twin};
use crate::model::Identity;
use crate::target::Condition;

/// Configurations of one hub; the service takes no more.
const MAX_CONFIGURATIONS: usize = 100;
/// Custom metrics of one configuration.
const MAX_METRICS: usize = 5;

impl Change<'_, '_> {
    /// Returns a configuration with its metrics.
    pub(super) fn configuration(&self, id: &str) -> Result<Configuration, Fault> {
        let found: Option<Configuration> = self.records.get(Kind::Configuration, id)?;
        let missing = || Fault::new(StatusCode::NOT_FOUND, "ConfigurationNotFound", format!("there is no configuration `{id}`"));
        measured(found.ok_or_else(missing)?, &self.twins(false)?, &self.twins(true)?)
    }

    /// Returns all configurations with their metrics, in the order of their ids.
    pub(super) fn configurations(&self) -> Result<Vec<Configuration>, Fault> {
        let (devices, modules) = (self.twins(false)?, self.twins(true)?);
        self.stored_configurations()?.into_iter().map(|configuration| measured(configuration, &devices, &modules)).collect()
    }

    /// Returns all configurations as they are stored.
    pub(super) fn stored_configurations(&self) -> Result<Vec<Configuration>, Fault> {
        self.records.all(Kind::Configuration)
    }

    /// Creates a configuration, or with If-Match updates all of it but its content. Targeting follows.
    pub(super) fn put_configuration(
        &mut self,
        id: &str,
        given: &Configuration,
        if_match: Option<&IfMatch>,
    ) -> Result<Configuration, Fault> {
        check_id(id, given.id())?;
        let old: Option<Configuration> = self.records.get(Kind::Configuration, id)?;
        let conflict = |message: String| Fault::new(StatusCode::CONFLICT, "ConfigurationAlreadyExists", message);
        match (if_match, &old) {
            (None, Some(_)) => return Err(conflict(format!("configuration `{id}` exists already"))),
            (Some(IfMatch::Tag { quoted: false, .. }), _) => {
                return Err(conflict(format!("the entity tag in If-Match for configuration `{id}` must be in quotes")));
            }
            (Some(_), None) => {
                return Err(Fault::new(StatusCode::NOT_FOUND, "ConfigurationNotFound", format!("there is no configuration `{id}`")));
            }
            (Some(if_match), Some(old)) => if_match.check(old.etag().unwrap_or_default())?,
            (None, None) => {}
        }
        check_content(given.content())?;
        check_condition(given.target_condition())?;
        check_metrics(given)?;
        if old.is_none() && self.stored_configurations()?.len() >= MAX_CONFIGURATIONS {
            let message = format!("the hub has {MAX_CONFIGURATIONS} configurations");
            return Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "ConfigurationCountLimitExceeded", message));
        }
        let time = self.time();
        let member = |name: &str, absent: Value| given.members().get(name).filter(|value| !value.is_null()).cloned().unwrap_or(absent);
        let mut stored = old.clone().unwrap_or_default();
        stored.set("id", id);
        stored.set("schemaVersion", member("schemaVersion", "2.0".into()));
        stored.set("labels", member("labels", json!({})));
        if old.is_none() {
            // What a configuration deploys never changes: an update with other content is taken, and its content passed over.
            stored.set("content", given.content().clone());
            stored.set("createdTimeUtc", time.as_str());
        }
        stored.set("targetCondition", given.target_condition());
        stored.set("priority", given.priority());
        let queries = given.metric_queries().into_iter().map(|(name, query)| (name.to_owned(), Value::from(query)));
        stored.set("metrics", json!({ "results": {}, "queries": queries.collect::<Map<_, _>>() }));
        stored.set("lastUpdatedTimeUtc", time);
        stored.set("etag", next_etag(old.as_ref().and_then(Configuration::etag)));
        self.records.put(Kind::Configuration, id, &stored)?;
        self.retarget_all()?;
        self.configuration(id)
    }

    /// Removes a configuration; what was below it applies again.
    pub(super) fn delete_configuration(&mut self, id: &str, if_match: Option<&IfMatch>) -> Result<(), Fault> {
        let old = self.configuration(id)?;
        if let Some(if_match) = if_match {
            if_match.check(old.etag().unwrap_or_default())?;
        }
        self.records.remove(Kind::Configuration, id)?;
        self.retarget_all()
    }
}

/// Fills in the metrics over the twins of all devices and modules.
fn measured(mut configuration: Configuration, devices: &[Twin], modules: &[Twin]) -> Result<Configuration, Fault> {
    let id = configuration.id().to_owned();
    let condition = Condition::parse(configuration.target_condition()).map_err(Fault::internal)?;
    let targeted = devices.iter().filter(|twin| twin.is_edge() && condition.matches(&(*twin).clone().into_value())).count();
    let applied: Vec<&Twin> = modules
        .iter()
        .filter(|twin| twin.module_id() == Some(Identity::EDGE_AGENT) && twin.configuration_status(&id) == Some("Applied"))
        .collect();
    let reported = |good: bool| applied.iter().filter(|twin| answered(twin) == Some(good)).count();
    let applied_query =
        format!("select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[{id}]].status = 'Applied'");
    let answer = "and properties.desired.$version = properties.reported.lastDesiredVersion and properties.reported.lastDesiredStatus.code";
    let targeted_query = match configuration.target_condition().trim() {
        "*" => "select deviceId from devices where capabilities.iotEdge = true".to_owned(),
        condition => format!("select deviceId from devices where {condition}"),
    };
    let results = json!({
        "targetedCount": targeted,
        "appliedCount": applied.len(),
        "reportedSuccessfulCount": reported(true),
        "reportedFailedCount": reported(false),
    });
    let queries = json!({
        "targetedCount": targeted_query,
        "appliedCount": applied_query,
        "reportedSuccessfulCount": format!("{applied_query} {answer} = 200"),
        "reportedFailedCount": format!("{applied_query} {answer} != 200"),
    });
    configuration.set("systemMetrics", json!({ "results": results, "queries": queries }));
    let mut metrics = json!({ "results": {}, "queries": configuration.metric_queries() });
    for (name, query) in configuration.metric_queries() {
        metrics["results"][name] = Query::parse(query)?.rows(devices, modules).len().into();
    }
    configuration.set("metrics", metrics);
    Ok(configuration)
}

/// Tells whether an agent took its present desired properties: yes, no, or nothing said about this version yet.
fn answered(agent: &Twin) -> Option<bool> {
    let reported = agent.reported();
    let version = reported.get("lastDesiredVersion").and_then(Value::as_u64)?;
    let code = reported.pointer("/lastDesiredStatus/code").and_then(Value::as_i64)?;
    (Some(version) == agent.desired_version()).then_some(code == 200)
}

/// Returns what is wrong with a condition, in the parser's words.
pub(super) fn check_condition(condition: &str) -> Result<(), Fault> {
    let refuse = |error: crate::target::ConditionError| Fault::bad("InvalidConfigurationTargetCondition", error.to_string());
    Condition::parse(condition).map(|_| ()).map_err(refuse)
}

fn check_metrics(given: &Configuration) -> Result<(), Fault> {
    let refuse = |message: String| Fault::bad("InvalidConfigurationCustomMetricsQuery", message);
    let queries = given.metric_queries();
    if queries.len() > MAX_METRICS {
        return Err(refuse(format!("a configuration has at most {MAX_METRICS} custom metrics")));
    }
    queries
        .into_iter()
        .try_for_each(|(name, query)| Query::parse(query).map(|_| ()).map_err(|error| refuse(format!("`{name}`: {}", error.message))))
}

fn check_id(id: &str, in_body: &str) -> Result<(), Fault> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-:+%_#*?!(),=@;'".contains(c);
    if id.is_empty() || id.len() > 128 || !id.chars().all(allowed) {
        return Err(Fault::argument("the id of a configuration has 1 to 128 characters of a-z, 0-9 and - : + % _ # * ? ! ( ) , = @ ; '"));
    }
    if id == in_body { Ok(()) } else { Err(Fault::argument(format!("the body is about `{in_body}`, the path about `{id}`"))) }
}

/// Checks the content of an edge deployment.
pub(super) fn check_content(content: &Value) -> Result<(), Fault> {
    let refuse = |message: String| Err(Fault::bad("InvalidConfigurationContent", message));
    let kinds: Vec<&str> =
        content.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str()).collect();
    let modules = match kinds.as_slice() {
        ["modulesContent"] => content.get("modulesContent").and_then(Value::as_object),
        [] => return refuse("the content is missing".to_owned()),
        [one] => return refuse(format!("the emulator deploys modulesContent, not {one}")),
        _ => return refuse("a configuration has one kind of content".to_owned()),
    };
    let Some(modules) = modules else { return refuse("modulesContent must be an object".to_owned()) };
    if !modules.contains_key(Identity::EDGE_AGENT) {
        return refuse("modulesContent must have $edgeAgent".to_owned());
    }
    for (module, entry) in modules {
        let Some(entry) = entry.as_object() else { return refuse(format!("`{module}` must be an object")) };
        let bad = |name: &&String| *name != "properties.desired" && !name.starts_with("properties.desired.");
        if let Some(name) = entry.keys().find(bad) {
            return refuse(format!("`{module}` may have properties.desired and properties.desired.PATH, not `{name}`"));
        }
        if entry.get("properties.desired").is_some_and(|desired| !desired.is_object()) {
            return refuse(format!("properties.desired of `{module}` must be an object"));
        }
    }
    Ok(())
}
