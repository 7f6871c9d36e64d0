//! Subscriptions: a filter switches features on, and decides the quality of service of what is delivered under it.

use std::collections::BTreeSet;

use crate::edgehub::Feature;

/// Returns the feature that a filter switches on; `None` for a filter that is granted and useless. The order of the tests is the
/// product's.
pub fn feature(filter: &str) -> Option<Feature> {
    if filter.starts_with("$iothub/methods/POST/") {
        Some(Feature::Methods)
    } else if filter.starts_with("$iothub/twin/PATCH/properties/desired/") {
        Some(Feature::DesiredProperties)
    } else if filter.ends_with("messages/devicebound/#") {
        Some(Feature::CloudToDevice)
    } else if filter == "$iothub/twin/res/#" {
        Some(Feature::TwinResponses)
    } else if is_module_filter(filter) {
        Some(Feature::ModuleMessages)
    } else {
        None
    }
}

/// Tells `devices/…/modules/…/#` with something at both places.
fn is_module_filter(filter: &str) -> bool {
    let inside = filter.strip_prefix("devices/").and_then(|rest| rest.strip_suffix("/#"));
    inside.is_some_and(|inside| inside.match_indices("/modules/").any(|(place, found)| place > 0 && place + found.len() < inside.len()))
}

/// Returns the features of a session's filters.
pub fn features<'a>(filters: impl IntoIterator<Item = &'a (String, u8)>) -> BTreeSet<Feature> {
    filters.into_iter().filter_map(|(filter, _)| feature(filter)).collect()
}

/// Returns the highest quality of service that a session's filters grant to a topic; `None` when none matches.
pub fn granted<'a>(filters: impl IntoIterator<Item = &'a (String, u8)>, topic: &str) -> Option<u8> {
    filters.into_iter().filter(|(filter, _)| matches(filter, topic)).map(|(_, quality)| (*quality).min(1)).max()
}

/// Tells whether a filter matches a topic (MQTT 3.1.1, section 4.7).
pub fn matches(filter: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    for part in filter.split('/') {
        match (part, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (part, Some(level)) if part == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}
