//! The hub's side of releases: which configurations a ring has, writing them so that they are there exactly once, removing them.

use serde_json::Value;

use super::release_desk::PromoteError;
use crate::base::{CommandError, Digest, Result};
use crate::iothub::{Client, Configuration};
use crate::model::{RingName, SolutionName};
use crate::release::plan::{LABEL_CONTENT, LABEL_RELEASE, LABEL_RING, LABEL_SOLUTION};
use crate::release::{PlannedConfiguration, Release, Standing, bundle};

/// Attempts when another writer changes a configuration at the same time.
const ATTEMPTS: u32 = 3;

/// Returns the configurations that promotions wrote for a ring.
pub async fn standing(hub: &Client, solution: &SolutionName, ring: &RingName) -> Result<Vec<Standing>> {
    let labelled = |found: &Configuration| {
        let ours = found.label(LABEL_SOLUTION) == Some(solution.as_str()) && found.label(LABEL_RING) == Some(ring.as_str());
        let release = found.label(LABEL_RELEASE)?.parse().ok()?;
        let priority = u32::try_from(found.priority()).ok()?;
        ours.then(|| Standing { id: found.id().to_owned(), priority, release })
    };
    Ok(hub.configurations().await?.iter().filter_map(labelled).collect())
}

/// Makes sure that the hub has a configuration as planned, and reads it back, since the hub may keep an old content without a word.
/// Returns whether something was written.
pub async fn ensure(hub: &Client, release: &Release, ring: &RingName, planned: &PlannedConfiguration) -> Result<bool> {
    let wanted = configuration(release, ring, planned)?;
    let mut attempt = 1;
    let written = loop {
        let outcome = match hub.configuration(&planned.id).await? {
            None => hub.put_configuration(&wanted, None).await,
            Some(found) => {
                require_ours(&found, &wanted)?;
                if is_placed(&found, &wanted) {
                    break attempt > 1;
                }
                hub.put_configuration(&moved(&found, &wanted), found.etag()).await
            }
        };
        match outcome {
            Ok(_) => break true,
            Err(error) if error.is_conflict() && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    };
    let found = hub.configuration(&planned.id).await?.ok_or_else(|| foreign(&planned.id, "it is gone right after it was written"))?;
    require_ours(&found, &wanted)?;
    if is_placed(&found, &wanted) { Ok(written) } else { Err(foreign(&planned.id, "its condition or priority did not change")) }
}

/// Removes configurations in the given order; one that is gone already is no error. Returns how many were there.
pub async fn remove(hub: &Client, ids: &[String]) -> Result<usize> {
    let mut removed = 0;
    for id in ids {
        removed += usize::from(hub.delete_configuration(id, None).await?);
    }
    Ok(removed)
}

fn configuration(release: &Release, ring: &RingName, planned: &PlannedConfiguration) -> Result<Configuration> {
    let content = release.deployments.get(&planned.deployment).map(|deployment| deployment.content.clone());
    let content = content.ok_or_else(|| foreign(&planned.id, "the release has no such deployment"))?;
    Ok(Configuration::new(&planned.id, content)
        .with_condition(&planned.condition)
        .with_priority(planned.priority.into())
        .with_label(LABEL_RELEASE, &release.id().to_string())
        .with_label(LABEL_RING, ring.as_str())
        .with_label(LABEL_SOLUTION, release.solution.as_str())
        .with_label(LABEL_CONTENT, &planned.content_digest.to_string()))
}

/// Takes over what may change and keeps all else, content first of all.
fn moved(found: &Configuration, wanted: &Configuration) -> Configuration {
    let labels = wanted.labels().into_iter();
    let kept = found.clone().with_condition(wanted.target_condition()).with_priority(wanted.priority());
    labels.fold(kept, |made, (name, value)| made.with_label(name, value))
}

fn is_placed(found: &Configuration, wanted: &Configuration) -> bool {
    let labels = [LABEL_RELEASE, LABEL_RING, LABEL_SOLUTION, LABEL_CONTENT];
    found.priority() == wanted.priority()
        && found.target_condition() == wanted.target_condition()
        && labels.iter().all(|name| found.label(name) == wanted.label(name))
}

fn require_ours(found: &Configuration, wanted: &Configuration) -> Result<()> {
    if found.label(LABEL_RELEASE) != wanted.label(LABEL_RELEASE) {
        return Err(foreign(found.id(), "its label names another release"));
    }
    if content_digest(found.content()) != content_digest(wanted.content()) {
        return Err(foreign(found.id(), "its content is another"));
    }
    Ok(())
}

fn foreign(id: &str, reason: &str) -> CommandError {
    PromoteError::ForeignConfiguration { id: id.to_owned(), reason: reason.to_owned() }.into()
}

/// Returns the digest of a content without the empty members that a service adds or leaves out as it likes.
fn content_digest(content: &Value) -> Digest {
    bundle::digest_of(&without_nothing(content))
}

fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), without_nothing(value)));
            let nothing = |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
            members.filter(|(_, value)| !nothing(value)).collect()
        }
        Value::Array(items) => items.iter().map(without_nothing).collect(),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_content_is_the_same_with_and_without_empty_members() {
        let lean = json!({ "modulesContent": { "$edgeAgent": { "properties.desired": { "modules": { "a": { "env": { "X": { "value": "1" } } } } } } } });
        let mut padded = lean.clone();
        padded["deviceContent"] = Value::Null;
        padded["modulesContent"]["$edgeHub"] = json!({});
        assert_eq!(content_digest(&lean), content_digest(&padded));
        padded["modulesContent"]["$edgeAgent"]["properties.desired"]["modules"]["a"]["env"]["X"]["value"] = json!("2");
        assert_ne!(content_digest(&lean), content_digest(&padded));
    }
}
