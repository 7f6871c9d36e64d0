//! What the quickstart does, as data: chapters of steps, each a command line that a user could type.

/// A chapter: a heading and its steps.
pub struct Chapter {
    /// What the chapter shows.
    pub heading: &'static str,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// One step.
pub enum Step {
    /// A command line of this tool, without its own name.
    Edgectl(Vec<&'static str>),
    /// A command line of git; left out where git is missing.
    Git(Vec<&'static str>),
    /// A line for a POSIX shell in the solution's folder.
    Shell(&'static str),
    /// Pieces of a file of the solution are replaced, the first on each line, by sed as a developer would in an editor.
    Edit {
        /// The file.
        file: &'static str,
        /// Each piece and what replaces it.
        replace: &'static [(&'static str, &'static str)],
    },
}

/// Name of the solution, and of its folder where none was given.
pub const SOLUTION: &str = "hello-edge";
/// The rings of a new solution, in order of promotion.
pub const RINGS: [&str; 3] = ["canary", "early", "broad"];

const TO_FILTER: &str =
    r#"sensorToFilter=FROM /messages/modules/sensor/outputs/telemetry INTO BrokeredEndpoint("/modules/filter/inputs/in")"#;
const TO_HUB: &str = "alerts=FROM /messages/modules/filter/outputs/alert INTO $upstream";
const KEY: &str = "keys/release.key";
const PASSPHRASE: &str = "keys/passphrase";
/// Makes a random passphrase that its owner alone can read.
const MAKE_PASSPHRASE: &str = "(umask 077; mkdir -p keys; head -c 16 /dev/urandom | base64 > keys/passphrase)";

/// Returns the chapters from the scaffolded folder to the rollback; creating the folder comes before, stopping the world after.
pub fn chapters() -> Vec<Chapter> {
    vec![
        Chapter {
            heading: "A solution with two modules: a sensor, and a filter that passes what is warm",
            steps: vec![
                Step::Git(vec!["init", "--quiet"]),
                Step::Edgectl(vec!["module", "add", "sensor", "--template", "rust-sensor", "--route", TO_FILTER]),
                Step::Edgectl(vec![
                    "module",
                    "add",
                    "filter",
                    "--template",
                    "rust-filter",
                    "--twin",
                    r#"{"threshold": 25}"#,
                    "--route",
                    TO_HUB,
                ]),
            ],
        },
        Chapter { heading: "Images: built without Docker, signed with a key of ours, verified", steps: images("sensor filter") },
        Chapter { heading: "A hub and three devices, one for each ring, on this machine", steps: vec![Step::Edgectl(vec!["sim", "up"])] },
        Chapter { heading: "The first release goes through the rings", steps: release("v1") },
        Chapter {
            heading: "The modules at work: telemetry at the hub, a setting by the twin, a direct method",
            steps: vec![
                Step::Edgectl(vec!["sim", "monitor", "--count", "3", "--timeout", "60s"]),
                Step::Edgectl(vec!["sim", "twin", "set", "edge-canary/filter", "desired.threshold=28"]),
                Step::Edgectl(vec!["sim", "call", "edge-canary/filter", "reset"]),
                Step::Edgectl(vec!["sim", "twin", "get", "edge-canary/filter"]),
            ],
        },
        Chapter { heading: "A change, and a second release behind the health gate", steps: second_release() },
        Chapter {
            heading: "Back again in the last ring, and what the ledger says",
            steps: vec![
                Step::Edgectl(vec!["release", "rollback", "--ring", "broad", "--reason", "shows the way back", "--wait", "--yes"]),
                Step::Edgectl(vec!["release", "status"]),
                Step::Edgectl(vec!["release", "log"]),
                Step::Edgectl(vec!["sim", "status"]),
            ],
        },
    ]
}

/// Builds, signs and verifies; the first time it also makes the key.
fn images(modules: &'static str) -> Vec<Step> {
    let mut steps = vec![
        Step::Edgectl(vec!["image", "build", "--profile", "dev", "--offline"]),
        Step::Shell(MAKE_PASSPHRASE),
        Step::Edgectl(vec!["key", "generate", "--out", "keys/release", "--password-file", PASSPHRASE]),
        Step::Edit { file: "edgectl.yaml", replace: &[("keys: []", "keys: [keys/release.pub]")] },
    ];
    steps.extend(modules.split(' ').map(sign));
    steps.extend(modules.split(' ').map(|module| Step::Edgectl(vec!["image", "verify", "--key", "keys/release.pub", module])));
    steps
}

fn sign(module: &'static str) -> Step {
    Step::Edgectl(vec!["image", "sign", "--key", KEY, "--password-file", PASSPHRASE, module])
}

fn release(name: &'static str) -> Vec<Step> {
    let mut steps = vec![Step::Edgectl(vec!["release", "create", name])];
    steps.extend(RINGS.map(|ring| Step::Edgectl(vec!["release", "promote", name, "--to", ring, "--wait", "--timeout", "2m"])));
    steps
}

fn second_release() -> Vec<Step> {
    let mut steps = vec![
        Step::Edit { file: "modules/sensor/src/main.rs", replace: &[("const BASE: f64 = 20.0;", "const BASE: f64 = 22.5;")] },
        Step::Edgectl(vec!["image", "build", "sensor", "--profile", "dev", "--offline"]),
        sign("sensor"),
    ];
    steps.extend(release("v2"));
    steps
}
