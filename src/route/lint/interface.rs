//! Traps between routes and modules: names that nobody has, outputs that nobody takes.

use super::{Lint, LintContext, ModuleInterface, Parts};
use crate::base::finding::Edit;
use crate::base::text::nearest;
use crate::route::endpoint::Endpoint;
use crate::route::set::Route;

/// Finds names in a route that no module has.
pub(super) fn lint(part: &Parts<'_>, context: &LintContext) -> Vec<Lint> {
    let (Some(modules), Some(route)) = (&context.modules, part.route()) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(module) = source_module(route) {
        found.extend(unknown_module(part.text, &module, context, "no messages come from it"));
    }
    if let Endpoint::Module { module, input } = route.endpoint() {
        if module.trim().is_empty() {
            return found;
        }
        found.extend(unknown_module(part.text, module, context, "messages for it queue until their time to live is over"));
        let interface = modules.iter().find(|(name, _)| name.eq_ignore_ascii_case(module)).map(|(_, interface)| interface);
        found.extend(interface.and_then(|interface| unknown_input(part.text, module, input, interface)));
    }
    found
}

/// Returns the module that a source names.
pub(super) fn source_module(route: &Route) -> Option<String> {
    let parts: Vec<&str> = route.source().trim_matches('/').split('/').collect();
    match parts.as_slice() {
        [messages, modules, module, ..]
            if messages.eq_ignore_ascii_case("messages") && modules.eq_ignore_ascii_case("modules") && !module.contains('*') =>
        {
            Some((*module).to_owned())
        }
        _ => None,
    }
}

/// Returns the bytes of a name behind `/`, from the last place to look at.
fn place(text: &str, before: &str, name: &str, last: bool) -> std::ops::Range<usize> {
    let lower = text.to_ascii_lowercase();
    let wanted = format!("/{}", name.to_ascii_lowercase());
    let mut places = lower.match_indices(wanted.as_str()).map(|(at, _)| at + 1).filter(|at| {
        let head = lower.get(..at.saturating_sub(1)).unwrap_or_default();
        let tail = lower.get(at + name.len()..).unwrap_or_default();
        head.ends_with(before) && !tail.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    });
    let found = if last { places.last() } else { places.next() };
    found.map_or(0..text.len(), |at| at..at + name.len())
}

fn unknown_module(text: &str, module: &str, context: &LintContext, effect: &str) -> Option<Lint> {
    let modules = context.modules.as_ref()?;
    if modules.keys().any(|name| name.eq_ignore_ascii_case(module)) {
        return None;
    }
    let span = place(text, "", module, effect.starts_with("messages"));
    let lint = Lint::warning("route/unknown-module", span.clone(), format!("there is no module `{module}`: {effect}"));
    Some(match nearest(module, modules.keys().map(String::as_str)) {
        Some(near) => lint.hint(format!("Did you mean `{near}`?")).proposed(&format!("write `{near}`"), vec![Edit::replace(span, near)]),
        None => lint.hint("Add the module, or name another."),
    })
}

fn unknown_input(text: &str, module: &str, input: &str, interface: &ModuleInterface) -> Option<Lint> {
    let inputs = interface.inputs.as_ref().filter(|inputs| !inputs.iter().any(|known| known == input))?;
    let span = place(text, "", input, true);
    let message = format!("the module `{module}` names no input `{input}`");
    let lint = Lint::warning("route/unknown-input", span.clone(), message);
    let same: Vec<&String> = inputs.iter().filter(|known| known.eq_ignore_ascii_case(input)).collect();
    if let [one] = same.as_slice() {
        return Some(
            lint.hint("Case matters in the names of inputs.").safe(&format!("write `{one}`"), vec![Edit::replace(span, one.as_str())]),
        );
    }
    Some(match nearest(input, inputs.iter().map(String::as_str)) {
        Some(near) => lint.hint(format!("Did you mean `{near}`?")).proposed(&format!("write `{near}`"), vec![Edit::replace(span, near)]),
        None if inputs.is_empty() => lint.hint("The module names no inputs at all."),
        None => lint.hint(format!("It has: {}.", inputs.join(", "))),
    })
}

/// Finds outputs whose messages no route takes. A route that does not read takes nothing, so nothing is said while there is one.
pub(super) fn unrouted(parts: &[Parts<'_>], context: &LintContext) -> Vec<Lint> {
    let Some(modules) = &context.modules else { return Vec::new() };
    if parts.iter().any(|part| part.route().is_none()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (module, interface) in modules {
        for output in interface.outputs.iter().flatten() {
            let source = format!("/messages/modules/{module}/outputs/{output}");
            if !parts.iter().filter_map(Parts::route).any(|route| route.takes_from(&source)) {
                let message =
                    format!("no route takes from output `{output}` of the module `{module}`: its messages are acknowledged and dropped");
                let lint = Lint::warning("route/unrouted-output", 0..0, message);
                found.push(lint.hint(format!("Write a route FROM {source}, or take the output out of the module's interface.")));
            }
        }
    }
    found
}
