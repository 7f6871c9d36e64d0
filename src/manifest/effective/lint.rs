//! What is doubtful about a composition, and what of it shows from the order of the deployments alone.

use super::super::document::Key;
use super::{Candidate, Composition};

/// What is doubtful about a composition; ordered and printed by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    /// Two bases of equal priority and equal creation time.
    BaseTie,
    /// A layer ordered below the base, so not applied.
    LayerBelowBase,
    /// A layer of the base's priority.
    LayerNotAboveBase,
    /// Two layers of equal priority.
    LayerPriorityTie,
    /// A layer and no base.
    LayerWithoutBase,
    /// A base that has keys below `properties.desired` for modules other than the agent.
    MixedForm,
    /// A module's definition replaced by a higher deployment.
    ModuleOverridden,
    /// A value replaced to make room for a deeper path.
    PathTypeConflict,
    /// A route replaced by a higher deployment.
    RouteOverridden,
    /// A module's desired properties replaced as a whole by a layer.
    TwinOverwritten,
}

impl Lint {
    /// Returns the stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BaseTie => "base-tie",
            Self::LayerBelowBase => "layer-below-base",
            Self::LayerNotAboveBase => "layer-not-above-base",
            Self::LayerPriorityTie => "layer-priority-tie",
            Self::LayerWithoutBase => "layer-without-base",
            Self::MixedForm => "mixed-form",
            Self::ModuleOverridden => "module-overridden",
            Self::PathTypeConflict => "path-type-conflict",
            Self::RouteOverridden => "route-overridden",
            Self::TwinOverwritten => "twin-overwritten",
        }
    }
}

/// Notes what is doubtful about the order and the form of the targeted deployments, given in their order; `winner` is the place of the
/// base that applies.
pub(super) fn order(targeted: &[&Candidate], winner: Option<usize>, composition: &mut Composition) {
    let (bases, layers): (Vec<_>, Vec<_>) = targeted.iter().enumerate().partition(|(_, candidate)| candidate.is_base());
    for pair in bases.windows(2) {
        let [(_, lower), (_, higher)] = pair else { continue };
        if (lower.priority, lower.created) == (higher.priority, higher.created) {
            let (lower, higher, priority) = (&lower.id, &higher.id, lower.priority);
            let text = format!("the bases `{lower}` and `{higher}` have priority {priority} and one creation time; the id decides");
            composition.note(Lint::BaseTie, text);
        }
    }
    for pair in layers.windows(2) {
        let [(_, lower), (_, higher)] = pair else { continue };
        if lower.priority == higher.priority {
            let text = format!(
                "the layers `{}` and `{}` have priority {}; which one counts is not documented",
                lower.id, higher.id, lower.priority
            );
            composition.note(Lint::LayerPriorityTie, text);
        }
    }
    for (_, base) in bases.iter().filter(|(_, base)| is_mixed(base)) {
        composition.note(Lint::MixedForm, format!("the base `{}` has keys below properties.desired, as a layer has", base.id));
    }
    let base = winner.and_then(|place| targeted.get(place).map(|base| (place, base)));
    for (place, layer) in &layers {
        match base {
            None => composition.note(Lint::LayerWithoutBase, format!("the layer `{}` has no base to lie on", layer.id)),
            Some((winner, base)) if *place < winner => {
                composition
                    .note(Lint::LayerBelowBase, format!("the layer `{}` lies below the base `{}` and is not applied", layer.id, base.id));
            }
            Some(_) => {}
        }
        if let Some((_, base)) = base.filter(|(_, base)| base.priority == layer.priority) {
            let text = format!("the layer `{}` has the priority of its base `{}`, {}", layer.id, base.id, base.priority);
            composition.note(Lint::LayerNotAboveBase, text);
        }
    }
}

/// Tells whether a deployment has dotted keys in a section other than the agent's.
fn is_mixed(candidate: &Candidate) -> bool {
    let others = candidate.content.iter().filter(|(module, _)| *module != "$edgeAgent");
    others
        .filter_map(|(_, section)| section.as_object())
        .any(|section| section.keys().any(|key| matches!(Key::read(key), Ok(Key::Below(_)))))
}
