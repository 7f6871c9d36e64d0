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
