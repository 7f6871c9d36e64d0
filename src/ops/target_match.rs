//! `target match`: what a ring of the solution selects.

use crate::base::text::nearest;
use crate::base::{CommandError, Context as _, Exit, Result};
use crate::solution::Solution;
use crate::target::Condition;

/// Returns the condition of a ring of the solution.
///
/// # Errors
/// When there is no such ring, or its condition does not parse.
pub fn ring_condition(solution: &Solution, name: &str) -> Result<Condition> {
    let ring = solution.rings.iter().find(|ring| ring.name.as_str() == name);
    let Some(ring) = ring else {
        let names: Vec<&str> = solution.rings.iter().map(|ring| ring.name.as_str()).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if names.is_empty() => "Write `rings` into edgectl.yaml first.".to_owned(),
            None => format!("This solution has: {}.", names.join(", ")),
        };
        return Err(CommandError::new(Exit::BadInput, "target/unknown-ring", format!("there is no ring `{name}`")).hint(hint));
    };
    Condition::parse(&ring.target).context(format!("the ring `{name}` has a target that is no condition"))
}
