//! Tables of the files that users write: `edgectl.yaml` and `module.yaml`. The typed readers decide; a test holds these tables against them.

use super::deployment::{FILLED, ROUTE_NAME};
use super::{ANY, Object, Pattern, Shape, Words, optional, required};
use crate::base::duration::Span;
use crate::model::{ModuleId, RingName, SolutionName};

const SOLUTION_NAME: Pattern = Pattern {
    expression: "^[a-z0-9][a-z0-9-]{0,62}$",
    accepts: |text| text.parse::<SolutionName>().is_ok(),
    rule: "1 to 63 characters of a-z, 0-9 and -, starting with a letter or digit",
};
const RING_NAME: Pattern = Pattern { accepts: |text| text.parse::<RingName>().is_ok(), ..SOLUTION_NAME };
const MODULE_ID: Pattern = Pattern {
    expression: "^[a-z0-9][a-z0-9_-]{0,62}$",
    accepts: |text| text.parse::<ModuleId>().is_ok(),
    rule: "1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or digit",
};
const DURATION: Pattern = Pattern {
    expression: "^[0-9]+[smhd]$",
    accepts: |text| text.parse::<Span>().is_ok(),
    rule: "a whole number and a unit, such as 90s, 10m, 2h or 7d",
};
const PERCENT: Pattern = Pattern {
    expression: "^(100|[0-9]{1,2})%$",
    accepts: |text| text.strip_suffix('%').and_then(|number| number.parse::<u8>().ok()).is_some_and(|number| number <= 100),
    rule: "a whole percentage such as 95%",
};

const TEXT: Shape = Shape::Text(ANY);
const FILE: Shape = Shape::Text(FILLED);
const FILES: Shape = Shape::List(&FILE);
const LIFE: Shape = Shape::Text(DURATION);
const MODULES: Shape = Shape::List(&Shape::Text(MODULE_ID));
const COUNT: Shape = Shape::Whole { least: 0, most: u32::MAX as i64 };
const VERSION_1: Shape = Shape::Whole { least: 1, most: 1 };
const FREE: Shape = Shape::Map { names: ANY, of: &Shape::Any };
const CONDITION: Shape = Shape::Text(FILLED);
const RUN_SHAPE: Shape = Shape::Object(&RUN);
const GATES_SHAPE: Shape = Shape::Object(&GATES);

const fn object(about: &'static str, fields: &'static [super::Field]) -> Object {
    Object { about, fields, numbered: None, open: false }
}

static SYSTEM_MODULE: Object = object(
    "A system module.",
    &[required("image", &TEXT, "Image of the real runtime."), optional("timeToLive", &LIFE, "Life of stored messages (edgeHub only).")],
);

static IMAGE_MODULE: Object = object(
    "An image of others.",
    &[
        required("image", &TEXT, "Image reference; with a digest, unless `pin` is false."),
        optional("pin", &Shape::Truth, "Whether the image must be named by digest; true when absent."),
        optional("owner", &TEXT, "Name of the team that owns it."),
        optional("folder", &FILE, "Folder with a module.yaml that the image was built from."),
        optional("run", &RUN_SHAPE, "How it is run."),
        optional("manifest", &Shape::Any, "What the manifest says besides, as a JSON merge patch."),
    ],
);

static ROUTE: Object = object(
    "A route with its priority and life.",
    &[
        required("route", &FILE, "The route: FROM source WHERE condition INTO sink."),
        optional("priority", &Shape::Whole { least: 0, most: 9 }, "0 (first) to 9; after all of them when absent."),
        optional("timeToLive", &LIFE, "How long its messages are kept."),
    ],
);

static DEPLOYMENT: Object = object(
    "A deployment: a base, or a layer over it.",
    &[
        required("modules", &MODULES, "Names of its modules."),
        optional("layer", &Shape::Truth, "Whether it is a layer."),
        optional("target", &CONDITION, "Target condition; every device when absent."),
        optional("owner", &TEXT, "Name of a team."),
        optional("overlay", &Shape::Any, "What the manifest says besides, as a JSON merge patch."),
    ],
);

static GATES: Object = object(
    "Gates of a ring.",
    &[optional(
        "health",
        &Shape::Object(&object(
            "What a ring needs to count as healthy.",
            &[
                optional("success", &Shape::Text(PERCENT), "Least share of healthy devices; 95% when absent."),
                optional("errors", &Shape::Text(PERCENT), "Greatest share of failed devices; 2% when absent."),
                optional("minimum", &COUNT, "Least number of devices that reported; 1 when absent."),
            ],
        )),
        "Health of the devices.",
    )],
);

static RING: Object = object(
    "A ring of devices.",
    &[
        required("name", &Shape::Text(RING_NAME), "Name of the ring."),
        required("target", &CONDITION, "Target condition of its devices."),
        optional("bake", &LIFE, "How long a release must stay healthy before the next ring may take it."),
        optional("steps", &Shape::List(&Shape::Text(PERCENT)), "Shares of the ring that take the release one after another."),
        optional(
            "approvals",
            &Shape::Object(&object(
                "Who must approve.",
                &[required("need", &COUNT, "Number of approvals."), required("of", &FILES, "Public keys.")],
            )),
            "Who must approve.",
        ),
        optional("gates", &GATES_SHAPE, "Gates of this ring, over the defaults."),
    ],
);

/// `edgectl.yaml`.
pub static SOLUTION: Object = object(
    "A solution of edgectl: edgectl.yaml.",
    &[
        required("version", &VERSION_1, "Format of the file; 1."),
        required("solution", &Shape::Text(SOLUTION_NAME), "Name of the solution."),
        optional("registry", &TEXT, "Repository prefix of the modules' images; the embedded store when absent."),
        optional("hub", &TEXT, "Hub: emulator, env:NAME or file:PATH."),
        optional(
            "runtime",
            &Shape::Object(&object(
                "The system modules.",
                &[
                    optional("edgeAgent", &Shape::TextOr(ANY, &SYSTEM_MODULE), "The agent."),
                    optional("edgeHub", &Shape::TextOr(ANY, &SYSTEM_MODULE), "The broker."),
                ],
            )),
            "The system modules.",
        ),
        optional(
            "modules",
            &Shape::Map { names: MODULE_ID, of: &Shape::TextOr(FILLED, &IMAGE_MODULE) },
            "Modules by name: a folder with module.yaml, or an image of others.",
        ),
        optional("routes", &Shape::Map { names: ROUTE_NAME, of: &Shape::TextOr(FILLED, &ROUTE) }, "Routes by name."),
        optional("twins", &Shape::Map { names: MODULE_ID, of: &FREE }, "Desired properties by module."),
        optional(
            "deployments",
            &Shape::Map { names: RING_NAME, of: &Shape::Object(&DEPLOYMENT) },
            "Deployments by name; one base with everything when absent.",
        ),
        optional("rings", &Shape::List(&Shape::Object(&RING)), "Rings in order of promotion."),
        optional("gates", &GATES_SHAPE, "Defaults of the gates for all rings."),
        optional(
            "teams",
            &Shape::Map { names: ANY, of: &Shape::Object(&object("A team.", &[required("key", &FILE, "Public key of the team.")])) },
            "Teams by name.",
        ),
        optional(
            "trust",
            &Shape::Object(&object(
                "Who may sign what runs.",
                &[optional("keys", &FILES, "Public keys; an image carries a signature by each.")],
            )),
            "Who may sign what runs.",
        ),
        optional(
            "ledger",
            &Shape::Object(&object("Where releases live.", &[optional("remote", &FILE, "Git remote that ledger refs are pushed to.")])),
            "Where releases live.",
        ),
    ],
);

static RUN: Object = object(
    "How a module is run.",
    &[
        optional("env", &Shape::Map { names: ANY, of: &TEXT }, "Environment variables."),
        optional(
            "restart",
            &Shape::Word(Words { words: &["never", "on-failure", "on-unhealthy", "always"], caseless: false }),
            "When the agent starts it again; always when absent.",
        ),
        optional("startupOrder", &COUNT, "Order of the start, lowest first."),
        optional("createOptions", &Shape::Any, "Docker create options."),
    ],
);

/// `module.yaml`.
pub static MODULE: Object = object(
    "A module of edgectl: module.yaml.",
    &[
        required("version", &VERSION_1, "Format of the file; 1."),
        required(
            "build",
            &Shape::Object(&object(
                "How a module is built.",
                &[
                    required(
                        "language",
                        &Shape::Word(Words {
                            words: &["rust", "python", "node", "go", "csharp", "c", "files", "dockerfile"],
                            caseless: false,
                        }),
                        "Language, which decides the builder.",
                    ),
                    optional("platforms", &Shape::List(&TEXT), "Platforms of the image; the host's when absent."),
                    optional("base", &TEXT, "scratch, a reference, oci:PATH or archive:PATH."),
                    optional("dockerfiles", &Shape::Map { names: ANY, of: &FILE }, "Dockerfiles by platform."),
                    optional("context", &FILE, "Build context of the Dockerfiles."),
                    optional("options", &Shape::List(&TEXT), "Options of docker build."),
                ],
            )),
            "How it is built.",
        ),
        optional("run", &RUN_SHAPE, "How it is run."),
        optional(
            "interface",
            &Shape::Object(&object(
                "What a module speaks.",
                &[
                    optional("inputs", &Shape::List(&TEXT), "Names of inputs."),
                    optional("outputs", &Shape::List(&TEXT), "Names of outputs."),
                    optional("methods", &Shape::List(&TEXT), "Names of direct methods."),
                ],
            )),
            "What it speaks.",
        ),
        optional("requires", &Shape::Map { names: ANY, of: &TEXT }, "What it needs, by component, as version ranges."),
    ],
);
