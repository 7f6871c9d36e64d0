//! Routes of a solution against what its modules say they speak.

use std::collections::BTreeMap;

use super::check::Source;
use super::check::solution::offset_of;
use crate::base::text::nearest;
use crate::base::{Finding, Severity, SourceText};
use crate::model::ModuleId;
use crate::route::{Endpoint, Route};
use crate::solution::{Interface, ModuleFile};

/// Warns of routes from outputs and into inputs that the module's `interface` does not name. A module without an `interface` says nothing.
pub fn findings(source: Source<'_>, modules: &BTreeMap<ModuleId, ModuleFile>) -> Vec<Finding> {
    let text = SourceText::new(source.file, source.text);
    let mut found = Vec::new();
    for (name, spec) in &source.solution.routes {
        let Ok(route) = Route::compile(name, &spec.route) else { continue };
        let mut look = |module: &str, noun: &str, word: &str| {
            let Some(interface) = interface(modules, module) else { return };
            let names = if noun == "output" { &interface.outputs } else { &interface.inputs };
            if word.contains('*') || names.iter().any(|known| known == word) {
                return;
            }
            let part = format!("/{noun}s/{word}");
            let at = offset_of(source.text, &["routes", name], &part, noun.len() + 3);
            let message = format!("route `{name}`: the module `{module}` names no {noun} `{word}` in its interface");
            let code = if noun == "output" { "manifest/undeclared-output" } else { "manifest/undeclared-input" };
            let finding = Finding::new(code, Severity::Warning, message).at(&text, at..at + word.len());
            found.push(match nearest(word, names.iter().map(String::as_str)) {
                Some(near) => finding.hint(format!("Did you mean `{near}`?")),
                None => finding.hint(format!("Add it under `interface` in the module's module.yaml, as {noun}.")),
            });
        };
        let parts: Vec<&str> = route.source().trim_matches('/').split('/').collect();
        if let [_, _, module, outputs, output] = parts.as_slice()
            && outputs.eq_ignore_ascii_case("outputs")
        {
            look(module, "output", output);
        }
        if let Endpoint::Module { module, input } = route.endpoint() {
            look(module, "input", input);
        }
    }
    found
}

/// Returns what a module says it speaks, when it says anything.
fn interface<'a>(modules: &'a BTreeMap<ModuleId, ModuleFile>, name: &str) -> Option<&'a Interface> {
    let (_, file) = modules.iter().find(|(module, _)| module.as_str().eq_ignore_ascii_case(name))?;
    let speaks = &file.interface;
    (!speaks.inputs.is_empty() || !speaks.outputs.is_empty()).then_some(speaks)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::solution::Solution;

    fn found(route: &str, interface: &str) -> Vec<String> {
        let text = format!("version: 1\nsolution: s\nmodules: {{ a: a }}\nroutes:\n  r: {route}\n");
        let file = Path::new("edgectl.yaml");
        let solution = Solution::parse(&text, file).expect("a solution");
        let module = format!("version: 1\nbuild: {{ language: rust }}\n{interface}");
        let module = ModuleFile::parse(&module, Path::new("module.yaml")).expect("a module");
        let modules = BTreeMap::from([("a".parse().expect("a name"), module)]);
        let findings = findings(Source { solution: &solution, text: &text, file }, &modules);
        let line = |one: &Finding| {
            let place = one.place.expect("a place");
            format!("{}:{} {} {}", place.line, place.column, one.code, one.hint.as_deref().unwrap_or_default())
        };
        findings.iter().map(line).collect()
    }

    const SPEAKS: &str = "interface: { inputs: [in], outputs: [alert] }\n";

    #[test]
    fn names_that_the_interface_lacks_are_told_at_their_place() {
        let route = "FROM /messages/modules/a/outputs/alrt INTO BrokeredEndpoint(\"/modules/a/inputs/out\")";
        assert_eq!(
            found(route, SPEAKS),
            [
                "5:39 manifest/undeclared-output Did you mean `alert`?",
                "5:85 manifest/undeclared-input Add it under `interface` in the module's module.yaml, as input.",
            ]
        );
    }

    #[test]
    fn what_is_named_or_open_is_right() {
        for route in [
            "FROM /messages/modules/a/outputs/alert INTO BrokeredEndpoint(\"/modules/A/inputs/in\")",
            "FROM /messages/modules/a/outputs/* INTO $upstream",
            "FROM /messages/modules/a/* INTO $upstream",
            "FROM /messages/* INTO $upstream",
        ] {
            assert_eq!(found(route, SPEAKS), Vec::<String>::new(), "{route}");
        }
        assert_eq!(found("FROM /messages/modules/a/outputs/other INTO $upstream", ""), Vec::<String>::new());
    }
}
