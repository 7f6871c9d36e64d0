//! The fuzz targets, a bounded number of rounds each; `fuzz/README.md` says how they run without bounds.

#[path = "../../fuzz/mutate.rs"]
mod mutate;
#[path = "../../fuzz/targets.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};

use mutate::{Random, mutated};
use targets::{TARGETS, Target};

/// Rounds of each target when nothing else is said.
const ROUNDS: u64 = 1_500;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Runs a target on its seeds, then on changed seeds; no bounds when the rounds are 0.
fn run(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let (rounds, seed) = (number("EDGECTL_FUZZ_ROUNDS", ROUNDS), number("EDGECTL_FUZZ_SEED", 7));
    let (seeds, mut random) = ((target.seeds)(), Random::new(seed));
    for input in &seeds {
        probe(target, input, 0, seed);
    }
    let mut round = 0;
    while rounds == 0 || round < rounds {
        round += 1;
        probe(target, &mutated(&seeds, &mut random), round, seed);
    }
}

fn probe(target: &Target, input: &[u8], round: u64, seed: u64) {
    let passed = catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_ok();
    assert!(passed, "{}: round {round} of seed {seed}: b\"{}\"", target.name, input.escape_ascii());
}

/// Makes a test of each target, and one that no target is without.
macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })+

        #[test]
        fn every_target_has_its_test() {
            let tested = [$(stringify!($name)),+];
            let all: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(all, tested);
        }
    };
}

targets!(
    jsonc,
    route,
    route_condition,
    target_condition,
    solution,
    manifest,
    fleet,
    compat,
    create_options,
    env_file,
    placeholder,
    table,
    reference
);
