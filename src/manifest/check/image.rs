//! Image references as the agent reads them, and as a container engine does.

use std::ops::Range;

use super::findings::{Findings, Found};
use super::placeholder;
use crate::model::Reference;

/// Checks the image of a module.
pub(super) fn check(findings: &mut Findings<'_>, module: &str, text: &str, span: &Range<usize>) {
    let image = text.trim();
    if image.is_empty() || (placeholder::is_in(image) && !image.starts_with("$upstream")) {
        return;
    }
    let rest = match image.strip_prefix('$') {
        Some(parent) => {
            let Some(port) = parent.strip_prefix("upstream:").filter(|port| port.starts_with(|c: char| ('1'..='9').contains(&c))) else {
                let message = format!("the agent refuses the image `{image}` of `{module}`");
                findings.add(
                    Found::error("manifest/bad-image", span, message)
                        .hint("An image of the parent device is $upstream:PORT/REPOSITORY:TAG."),
                );
                return;
            };
            format!("parent:{port}")
        }
        None => image.to_owned(),
    };
    if !agent_reads(&rest) {
        let message = format!("the agent refuses the image `{image}` of `{module}`");
        findings.add(Found::error("manifest/bad-image", span, message).hint("Write REGISTRY/REPOSITORY:TAG."));
        return;
    }
    match rest.parse::<Reference>() {
        Err(error) => {
            let message = format!("no engine pulls the image `{image}` of `{module}`: {}", error.reason);
            findings.add(Found::warning("manifest/bad-image", span, message));
        }
        Ok(reference) if reference.digest.is_some() => {}
        Ok(reference) => match reference.tag.as_deref() {
            None => {
                let found =
                    Found::warning("manifest/image-without-tag", span, format!("the image of `{module}` has no tag, so it is `latest`"));
                findings.add(found.hint("Name a version, or better a digest."));
            }
            Some("latest") => {
                let found = Found::note(
                    "manifest/image-latest",
                    span,
                    format!("the image of `{module}` is whatever `latest` is when it is pulled"),
                );
                findings.add(found.hint("Name a version, or better a digest."));
            }
            Some(_) => {}
        },
    }
}

/// Tells whether the agent takes a reference: segments divided by `/`, the last with at most one `:`.
fn agent_reads(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or_default();
    let parts: Vec<&str> = last.split(':').collect();
    parts.len() <= 2 && parts.iter().all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_lenient() {
        for image in ["redis", "a/b:1", "host:5000/a", "A/B:1", "a@sha256:00", "a//b"] {
            assert!(agent_reads(image), "{image}");
        }
        for image in ["a:", ":1", "a:1:2", "a/"] {
            assert!(!agent_reads(image), "{image}");
        }
    }
}
