//! The agent's planner: from what is desired and what is there to steps. A pure function; the agent carries the steps out in order.

use std::collections::BTreeMap;

use super::desired::{ModuleSpec, Status};

/// A module as the agent knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Actual {
    /// What it was made from.
    pub spec: ModuleSpec,
    /// Whether it runs, or waits to be started again by its restart policy.
    pub active: bool,
}

/// One step of the agent, with the id of the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// End it.
    Stop(String),
    /// Forget it.
    Remove(String),
    /// Make it, without starting it.
    Create(String),
    /// Take over a new restart policy, order or version without touching the instance.
    Adjust(String),
    /// Start it.
    Start(String),
}

/// Returns the steps that lead from `actual` to `desired`: what is gone first, then the modules by rising startup order and name.
/// A module that ended by itself is left to its restart policy.
pub fn plan(desired: &BTreeMap<String, ModuleSpec>, actual: &BTreeMap<String, Actual>) -> Vec<Step> {
    let mut steps = Vec::new();
    for (id, known) in actual.iter().filter(|(id, _)| !desired.contains_key(*id)) {
        retire(&mut steps, id, known);
    }
    let mut ordered: Vec<_> = desired.iter().collect();
    ordered.sort_by_key(|(id, spec)| (spec.startup_order, *id));
    for (id, spec) in ordered {
        converge(&mut steps, id, spec, actual.get(id));
    }
    steps
}

fn retire(steps: &mut Vec<Step>, id: &str, known: &Actual) {
    if known.active {
        steps.push(Step::Stop(id.to_owned()));
    }
    steps.push(Step::Remove(id.to_owned()));
}

fn converge(steps: &mut Vec<Step>, id: &str, spec: &ModuleSpec, known: Option<&Actual>) {
    let shall_run = spec.status == Status::Running;
    let Some(kept) = known.filter(|known| !known.spec.needs_new_instance(spec)) else {
        if let Some(known) = known {
            retire(steps, id, known);
        }
        steps.push(Step::Create(id.to_owned()));
        if shall_run {
            steps.push(Step::Start(id.to_owned()));
        }
        return;
    };
    if kept.spec != *spec {
        steps.push(Step::Adjust(id.to_owned()));
    }
    match (shall_run, kept.active) {
        (false, true) => steps.push(Step::Stop(id.to_owned())),
        (true, false) if kept.spec.status == Status::Stopped => steps.push(Step::Start(id.to_owned())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Map;

    use super::super::desired::{LAST_ORDER, PullPolicy, RestartPolicy};
    use super::*;

    fn spec(image: &str, status: Status, startup_order: u32) -> ModuleSpec {
        ModuleSpec {
            image: image.to_owned(),
            create_options_text: String::new(),
            create_options: Map::new(),
            environment: BTreeMap::new(),
            status,
            restart_policy: RestartPolicy::Always,
            pull_policy: PullPolicy::OnCreate,
            startup_order,
            version: None,
        }
    }

    fn desired(modules: &[(&str, ModuleSpec)]) -> BTreeMap<String, ModuleSpec> {
        modules.iter().map(|(id, spec)| ((*id).to_owned(), spec.clone())).collect()
    }

    fn actual(modules: &[(&str, ModuleSpec, bool)]) -> BTreeMap<String, Actual> {
        modules.iter().map(|(id, spec, active)| ((*id).to_owned(), Actual { spec: spec.clone(), active: *active })).collect()
    }

    #[test]
    fn what_is_gone_goes_first_and_the_order_is_kept() {
        let running = |order| spec("a", Status::Running, order);
        let want = desired(&[("b", running(LAST_ORDER)), ("c", running(1)), ("a", running(LAST_ORDER))]);
        let steps = plan(&want, &actual(&[("old", running(0), true), ("idle", running(0), false)]));
        let expected = [
            Step::Remove("idle".into()),
            Step::Stop("old".into()),
            Step::Remove("old".into()),
            Step::Create("c".into()),
            Step::Start("c".into()),
            Step::Create("a".into()),
            Step::Start("a".into()),
            Step::Create("b".into()),
            Step::Start("b".into()),
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn a_new_digest_makes_a_new_instance_and_a_new_policy_does_not() {
        let mut other = spec("a", Status::Running, 0);
        other.restart_policy = RestartPolicy::Never;
        let was = actual(&[("m", spec("a", Status::Running, 0), true)]);
        assert_eq!(plan(&desired(&[("m", other)]), &was), [Step::Adjust("m".into())]);
        let m = || "m".to_owned();
        let steps = plan(&desired(&[("m", spec("b", Status::Running, 0))]), &was);
        assert_eq!(steps, [Step::Stop(m()), Step::Remove(m()), Step::Create(m()), Step::Start(m())]);
    }

    #[test]
    fn a_module_that_ended_by_itself_is_left_to_its_policy() {
        let was = actual(&[("m", spec("a", Status::Running, 0), false)]);
        assert_eq!(plan(&desired(&[("m", spec("a", Status::Running, 0))]), &was), []);
        let stopped = actual(&[("m", spec("a", Status::Stopped, 0), false)]);
        let steps = plan(&desired(&[("m", spec("a", Status::Running, 0))]), &stopped);
        assert_eq!(steps, [Step::Adjust("m".into()), Step::Start("m".into())]);
        let running = actual(&[("m", spec("a", Status::Running, 0), true)]);
        let steps = plan(&desired(&[("m", spec("a", Status::Stopped, 0))]), &running);
        assert_eq!(steps, [Step::Adjust("m".into()), Step::Stop("m".into())]);
    }

    /// Carries steps out on the model, refusing steps that make no sense.
    fn apply(desired: &BTreeMap<String, ModuleSpec>, mut actual: BTreeMap<String, Actual>, steps: &[Step]) -> BTreeMap<String, Actual> {
        for step in steps {
            match step {
                Step::Stop(id) => {
                    let known = actual.get_mut(id).expect("there");
                    assert!(std::mem::replace(&mut known.active, false), "{id} runs");
                }
                Step::Remove(id) => assert!(!actual.remove(id).expect("there").active),
                Step::Create(id) => {
                    let made = Actual { spec: desired[id].clone(), active: false };
                    assert!(actual.insert(id.clone(), made).is_none());
                }
                Step::Adjust(id) => actual.get_mut(id).expect("there").spec = desired[id].clone(),
                Step::Start(id) => {
                    let known = actual.get_mut(id).expect("there");
                    assert!(!std::mem::replace(&mut known.active, true), "{id} does not run");
                }
            }
        }
        actual
    }

    fn any_spec() -> impl Strategy<Value = ModuleSpec> {
        (0..3_u8, any::<bool>(), 0..3_u32)
            .prop_map(|(image, runs, order)| spec(&image.to_string(), if runs { Status::Running } else { Status::Stopped }, order))
    }

    proptest! {
        #[test]
        fn every_plan_converges_and_is_idempotent(
            want in proptest::collection::btree_map("[a-d]", any_spec(), 0..4),
            have in proptest::collection::btree_map("[a-d]", (any_spec(), any::<bool>()), 0..4),
        ) {
            let have = have.into_iter().map(|(id, (spec, active))| {
                let active = active && spec.status == Status::Running;
                (id, Actual { spec, active })
            }).collect();
            let have: BTreeMap<String, Actual> = have;
            let reached = apply(&want, have.clone(), &plan(&want, &have));
            prop_assert!(reached.keys().eq(want.keys()));
            for (id, known) in &reached {
                prop_assert_eq!(&known.spec, &want[id]);
                prop_assert!(!known.active || want[id].status == Status::Running);
            }
            prop_assert_eq!(plan(&want, &reached), Vec::new());
        }
    }
}
