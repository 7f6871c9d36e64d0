//! Where modules, routes and credentials stand in a manifest's tree, in all its forms: wrapped in `content` or not, whole
//! `properties.desired` or keys below it.

use crate::base::jsonc::{Kind, Member, Node};

const DESIRED: &str = "properties.desired";

/// Returns the members of an object that can be changed; none for other values.
pub fn members_mut(node: &mut Node) -> Option<&mut Vec<Member>> {
    match &mut node.kind {
        Kind::Object(members) => Some(members),
        _ => None,
    }
}

/// Returns the value of a key that can be changed.
pub fn get_mut<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    members_mut(node)?.iter_mut().rev().find(|member| member.key == key).map(|member| &mut member.value)
}

/// Returns the sections by module, with the path that leads to them.
pub fn content(root: &Node) -> Option<&Node> {
    let find = |node: &'_ Node| node.members().iter().rposition(|member| matches!(member.key.as_str(), "modulesContent" | "moduleContent"));
    if let Some(place) = find(root) {
        return root.members().get(place).map(|member| &member.value);
    }
    let inner = root.get("content")?;
    find(inner).and_then(|place| inner.members().get(place)).map(|member| &member.value)
}

/// Returns the sections by module, to be changed.
pub fn content_mut(root: &mut Node) -> Option<&mut Node> {
    let is_content = |key: &str| matches!(key, "modulesContent" | "moduleContent");
    if root.members().iter().any(|member| is_content(&member.key)) {
        return members_mut(root)?.iter_mut().rev().find(|member| is_content(&member.key)).map(|member| &mut member.value);
    }
    let inner = get_mut(root, "content")?;
    members_mut(inner)?.iter_mut().rev().find(|member| is_content(&member.key)).map(|member| &mut member.value)
}

/// Calls `visit` with name and value of each module of a whole `properties.desired` of the agent.
pub fn each_whole_module(root: &mut Node, mut visit: impl FnMut(&str, &mut Node)) {
    let Some(agent) = content_mut(root).and_then(|content| get_mut(content, "$edgeAgent")) else { return };
    let Some(desired) = get_mut(agent, DESIRED) else { return };
    for kind in ["systemModules", "modules"] {
        let modules = get_mut(desired, kind).and_then(members_mut);
        modules.into_iter().flatten().for_each(|module| visit(&module.key, &mut module.value));
    }
}

/// Calls `visit` with name and value of each module of the agent, user modules and system modules alike.
pub fn each_module(root: &mut Node, mut visit: impl FnMut(&str, &mut Node)) {
    let Some(agent) = content_mut(root).and_then(|content| get_mut(content, "$edgeAgent")) else { return };
    for section in members_mut(agent).into_iter().flatten() {
        if section.key == DESIRED {
            for kind in ["systemModules", "modules"] {
                let modules = get_mut(&mut section.value, kind).and_then(members_mut);
                modules.into_iter().flatten().for_each(|module| visit(&module.key, &mut module.value));
            }
            continue;
        }
        let Some(below) = section.key.strip_prefix("properties.desired.").map(str::to_owned) else { continue };
        match below.split('.').collect::<Vec<_>>().as_slice() {
            ["modules" | "systemModules", name] => visit(name, &mut section.value),
            ["modules" | "systemModules"] => {
                members_mut(&mut section.value).into_iter().flatten().for_each(|module| visit(&module.key, &mut module.value));
            }
            _ => {}
        }
    }
}

/// Returns the passwords of the registries of an object of credentials.
fn passwords_in(registries: &Node) -> Vec<&Member> {
    registries.members().iter().flat_map(|registry| registry.value.members()).filter(|member| member.key == "password").collect()
}

/// Returns the passwords of registries that are not empty, as members with their keys.
pub fn registry_passwords(root: &Node) -> impl Iterator<Item = &Member> {
    let agent = content(root).and_then(|content| content.get("$edgeAgent"));
    let mut found = Vec::new();
    for section in agent.map(Node::members).unwrap_or_default() {
        match section.key.as_str() {
            DESIRED => found.extend(section.value.pointer(&["runtime", "settings", "registryCredentials"]).map(passwords_in)),
            key if key.ends_with(".registryCredentials") => found.push(passwords_in(&section.value)),
            key if key.starts_with("properties.desired.") && key.contains("registryCredentials.") => {
                found.push(section.value.members().iter().filter(|member| member.key == "password").collect());
            }
            "properties.desired.runtime" => found.extend(section.value.pointer(&["settings", "registryCredentials"]).map(passwords_in)),
            _ => {}
        }
    }
    found.into_iter().flatten().filter(|member| member.value.as_str().is_some_and(|password| !password.is_empty()))
}

/// Puts `***` in the place of the texts below a `password` that begin at these places.
pub fn mask(node: &mut Node, places: &std::collections::BTreeSet<usize>) {
    match &mut node.kind {
        Kind::Array(items) => items.iter_mut().for_each(|item| mask(item, places)),
        Kind::Object(members) => {
            for member in members {
                if member.key == "password" && places.contains(&member.value.span.start) {
                    member.value.kind = Kind::String("***".to_owned());
                }
                mask(&mut member.value, places);
            }
        }
        _ => {}
    }
}
