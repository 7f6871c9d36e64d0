//! Schema versions: which ones each component reads, and which the usual tools know.

use super::findings::{Findings, Found};
use super::placeholder;
use crate::base::jsonc::Kind;
use crate::manifest::document::{AGENT, Section};

/// Newest minor version that the agent reads.
const AGENT_NEWEST: u32 = 1;
/// Newest minor version that the broker reads; the usual tools know one less.
const HUB_NEWEST: u32 = 3;

/// Checks the schema version of a component and returns its minor part; that of the newest where it cannot be known.
pub(super) fn check(findings: &mut Findings<'_>, section: &Section<'_>) -> u32 {
    let agent = section.name == AGENT;
    let (newest, known) = if agent { (AGENT_NEWEST, "1.0 and 1.1") } else { (HUB_NEWEST, "1.0, 1.1 and 1.2") };
    let Some(entry) = section.property("schemaVersion").filter(|entry| !entry.value.is_null()) else {
        let message =
            format!("`{}` has no `schemaVersion`: the device refuses it, and it could not be checked against a schema", section.name);
        let found = Found::error("manifest/no-schema-version", &section.name_span, message);
        findings.add(found.hint(format!("Known versions are {known}.")));
        return newest;
    };
    let span = &entry.value.span;
    let text = match &entry.value.kind {
        Kind::String(text) if placeholder::is_in(text) => return newest,
        Kind::String(text) => text.as_str(),
        // The walk along the table tells that these are no text; the device takes a number for one.
        Kind::Number(digits) => digits.as_str(),
        _ => return newest,
    };
    let minor = parts(text).filter(|parts| is_read(agent, parts)).and_then(|parts| parts.get(1).copied());
    let Some(minor) = minor else {
        let message = format!("`{}` has no schema `{text}`: the device refuses it", section.name);
        let status = if agent { " The agent answers with status 412." } else { "" };
        findings.add(Found::error("manifest/schema-version", span, message).hint(format!("Known versions are {known}.{status}")));
        return newest;
    };
    if !agent && minor == HUB_NEWEST {
        let message = "the broker reads schema 1.3, the usual tools do not know it";
        findings.add(Found::warning("manifest/newer-schema-version", span, message).hint("Without a signed manifest, 1.2 says the same."));
    }
    minor
}

/// Reads a version of two to four numbers.
fn parts(text: &str) -> Option<Vec<u32>> {
    let parts: Vec<u32> = text.trim().split('.').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    (2..=4).contains(&parts.len()).then_some(parts)
}

/// Tells whether a component reads a version: the agent up to 1.1.0, the broker 1.0 to 1.3 whatever comes behind.
fn is_read(agent: bool, parts: &[u32]) -> bool {
    match parts {
        [1, minor, rest @ ..] if agent => *minor < AGENT_NEWEST || (*minor == AGENT_NEWEST && rest.iter().all(|part| *part == 0)),
        [1, minor, ..] => *minor <= HUB_NEWEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_component_reads_its_own_versions() {
        for (agent, text, reads) in [
            (true, "1.0", true),
            (true, "1.1", true),
            (true, "1.1.0", true),
            (true, "1.1.1", false),
            (true, "1.2", false),
            (true, "2.0", false),
            (true, "1", false),
            (false, "1.0", true),
            (false, "1.2.7", true),
            (false, "1.3", true),
            (false, "1.4", false),
            (false, "1", false),
            (false, "2.0", false),
            (false, "1.x", false),
            (false, "", false),
        ] {
            assert_eq!(parts(text).is_some_and(|parts| is_read(agent, &parts)), reads, "{agent} {text}");
        }
    }
}
