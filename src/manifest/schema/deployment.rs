//! Tables of the deployment manifest: the desired properties of the agent (schema 1.0 and 1.1) and of the broker (1.0 to 1.3), after
//! Microsoft Learn, "Properties of the IoT Edge agent and IoT Edge hub module twins".

use super::{ANY, Field, Need, Object, Pattern, Shape, Words, optional, required};

/// Names of modules, as the usual tools take them.
pub const MODULE_NAME: Pattern = Pattern {
    expression: "^[a-zA-Z0-9_-]+$",
    accepts: |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'),
    rule: "letters, digits, _ and -",
};

/// Names of routes, as the usual tools take them.
pub const ROUTE_NAME: Pattern = Pattern {
    expression: "^[^.$# ]+$",
    accepts: |text| !text.is_empty() && !text.contains(['.', '$', '#', ' ']),
    rule: "no `.`, `$`, `#` or blank",
};

/// Names of environment variables, as the usual tools take them.
pub const ENV_NAME: Pattern = Pattern {
    expression: "^[^+#$\\s.]+$",
    accepts: |text| !text.is_empty() && !text.contains(|c: char| matches!(c, '+' | '#' | '$' | '.') || c.is_whitespace()),
    rule: "no `+`, `#`, `$`, `.` or blank",
};

/// Addresses of registries.
pub const ADDRESS: Pattern = Pattern {
    expression: "^[^\\s]+$",
    accepts: |text| !text.is_empty() && !text.contains(char::is_whitespace),
    rule: "a host name with optional port, without blanks",
};

/// A text that is not blank.
pub const FILLED: Pattern = Pattern { expression: "\\S", accepts: |text| !text.trim().is_empty(), rule: "not blank" };

const TEXT: Shape = Shape::Text(ANY);
const DOCKER: Shape = Shape::Word(Words { words: &["docker"], caseless: false });
const STATUS: Shape = Shape::Word(Words { words: &["running", "stopped"], caseless: true });
const RESTART: Shape = Shape::Word(Words { words: &["never", "on-failure", "on-unhealthy", "always"], caseless: true });
const PULL: Shape = Shape::Word(Words { words: &["on-create", "never"], caseless: true });
const U32: Shape = Shape::Whole { least: 0, most: u32::MAX as i64 };
const I32: Shape = Shape::Whole { least: i32::MIN as i64, most: i32::MAX as i64 };

const ENV: Shape = Shape::Map { names: ENV_NAME, of: &Shape::Object(&ENV_VALUE) };
static ENV_VALUE: Object = Object {
    about: "An environment variable.",
    fields: &[Field::new("value", Need::Usual, &Shape::Scalar, "Its value.")],
    numbered: None,
    open: false,
};

const TYPE: Field = required("type", &DOCKER, "Kind of the module; `docker`.");
const SETTINGS_SHAPE: Shape = Shape::Object(&SETTINGS);
const SETTINGS_FIELD: Field = required("settings", &SETTINGS_SHAPE, "The image and how its container is created.");
const ENV_FIELD: Field = optional("env", &ENV, "Environment variables by name.");
const PULL_FIELD: Field = optional("imagePullPolicy", &PULL, "When the image is pulled; `on-create` when absent.");
const VERSION: Field = optional("version", &TEXT, "Version of the module, for people.");
const STATUS_FIELD: Field = required("status", &STATUS, "Whether it runs.");
const RESTART_FIELD: Field =
    Field::new("restartPolicy", Need::Usual, &RESTART, "When the agent starts it again; `on-unhealthy` when absent.");
const HUB_RESTART_FIELD: Field =
    Field::new("restartPolicy", Need::Usual, &RESTART, "When the agent starts it again; `always` when absent.");
const ORDER_FIELD: Field = optional("startupOrder", &U32, "Order of the start, 0 first; last when absent.").since(1);

/// What the container engine is told about a module.
pub static SETTINGS: Object = Object {
    about: "The image and how its container is created.",
    fields: &[
        required("image", &Shape::Text(FILLED), "Image reference; without a tag it is `latest`."),
        optional("createOptions", &TEXT, "Docker create options: JSON as text, in pieces of 512 characters."),
        optional("digest", &TEXT, "Digest of a trusted image."),
    ],
    numbered: Some("createOptions"),
    open: false,
};

/// A module of the user.
pub static MODULE: Object = Object {
    about: "A module.",
    fields: &[TYPE, STATUS_FIELD, RESTART_FIELD, PULL_FIELD, ORDER_FIELD, ENV_FIELD, VERSION, SETTINGS_FIELD],
    numbered: None,
    open: false,
};

static AGENT_MODULE: Object = Object {
    about: "The agent's own module.",
    fields: &[
        TYPE,
        PULL_FIELD,
        ENV_FIELD,
        VERSION,
        SETTINGS_FIELD,
        Field::new("status", Need::Ignored, &Shape::Any, "Ignored: the agent always runs."),
        Field::new("restartPolicy", Need::Ignored, &Shape::Any, "Ignored: the agent is always started again."),
        Field::new("startupOrder", Need::Ignored, &Shape::Any, "Ignored: the agent comes first."),
    ],
    numbered: None,
    open: false,
};

static HUB_MODULE: Object = Object {
    about: "The broker's module.",
    fields: &[TYPE, STATUS_FIELD, HUB_RESTART_FIELD, PULL_FIELD, ORDER_FIELD, ENV_FIELD, VERSION, SETTINGS_FIELD],
    numbered: None,
    open: false,
};

static CREDENTIAL: Object = Object {
    about: "Credentials of a registry.",
    fields: &[
        required("address", &Shape::Text(ADDRESS), "Host of the registry."),
        required("username", &Shape::Text(FILLED), "Name of the user."),
        required("password", &Shape::Text(FILLED), "Password, in clear."),
    ],
    numbered: None,
    open: false,
};

static RUNTIME: Object = Object {
    about: "The container runtime.",
    fields: &[
        required("type", &DOCKER, "Kind of the runtime; `docker`."),
        required(
            "settings",
            &Shape::Object(&Object {
                about: "Settings of the runtime.",
                fields: &[
                    optional("minDockerVersion", &TEXT, "Least version of the Docker API."),
                    optional("loggingOptions", &TEXT, "Logging options of the agent's container: JSON as text."),
                    optional(
                        "registryCredentials",
                        &Shape::Map { names: ANY, of: &Shape::Object(&CREDENTIAL) },
                        "Credentials of registries by name.",
                    ),
                ],
                numbered: None,
                open: false,
            }),
            "Settings of the runtime.",
        ),
    ],
    numbered: None,
    open: false,
};

/// Desired properties of the agent.
pub static AGENT: Object = Object {
    about: "Desired properties of the agent.",
    fields: &[
        required("schemaVersion", &TEXT, "Version of these properties: `1.0` or `1.1`."),
        required("runtime", &Shape::Object(&RUNTIME), "The container runtime."),
        required(
            "systemModules",
            &Shape::Object(&Object {
                about: "Modules of the runtime itself.",
                fields: &[
                    Field::new("edgeAgent", Need::Usual, &Shape::Object(&AGENT_MODULE), "The agent."),
                    Field::new("edgeHub", Need::Usual, &Shape::Object(&HUB_MODULE), "The broker."),
                ],
                numbered: None,
                open: false,
            }),
            "Modules of the runtime itself.",
        ),
        Field::new("modules", Need::Usual, &Shape::Map { names: MODULE_NAME, of: &Shape::Object(&MODULE) }, "Modules by name."),
    ],
    numbered: None,
    open: false,
};

/// A route with priority and life, from schema 1.1 on.
pub static ROUTE: Object = Object {
    about: "A route with its priority and life.",
    fields: &[
        required("route", &Shape::Text(FILLED), "The route: FROM source WHERE condition INTO sink."),
        optional("priority", &Shape::Whole { least: 0, most: 9 }, "0 (first) to 9; after all of them when absent."),
        optional("timeToLiveSecs", &U32, "Seconds that its messages are kept; the broker's own value when absent or 0."),
    ],
    numbered: None,
    open: false,
};

/// How the broker keeps messages.
pub static STORE: Object = Object {
    about: "How the broker keeps messages.",
    fields: &[
        Field::new("timeToLiveSecs", Need::Usual, &I32, "Seconds that messages are kept; a negative number keeps them for ever."),
        optional(
            "storeLimits",
            &Shape::Object(&Object {
                about: "Limits of the store.",
                fields: &[optional("maxSizeBytes", &Shape::Whole { least: 0, most: i64::MAX }, "Most bytes; for a store in memory only.")],
                numbered: None,
                open: false,
            }),
            "Limits of the store.",
        ),
    ],
    numbered: None,
    open: false,
};

const ROUTES: Shape = Shape::Map { names: ROUTE_NAME, of: &Shape::TextOr(FILLED, &ROUTE) };
const HUB_VERSION: Field = required("schemaVersion", &TEXT, "Version of these properties: `1.0`, `1.1` or `1.2`.");
const MQTT_BROKER: Field =
    optional("mqttBroker", &Shape::Any, "Settings of a preview that left the product; they have no effect.").since(2);
const INTEGRITY: Field = optional("integrity", &Shape::Any, "Header and signature of a signed manifest.").since(3);

/// Desired properties of the broker, schema 1.0: routes are texts.
pub static HUB_1_0: Object = Object {
    about: "Desired properties of the broker, schema 1.0.",
    fields: &[
        HUB_VERSION,
        Field::new("routes", Need::Usual, &Shape::Map { names: ROUTE_NAME, of: &Shape::Text(ANY) }, "Routes by name."),
        optional("storeAndForwardConfiguration", &Shape::Object(&STORE), "How messages are kept."),
        MQTT_BROKER,
        INTEGRITY,
    ],
    numbered: None,
    open: false,
};

/// Desired properties of the broker from schema 1.1 on.
pub static HUB: Object = Object {
    about: "Desired properties of the broker.",
    fields: &[
        HUB_VERSION,
        required("routes", &ROUTES, "Routes by name."),
        required("storeAndForwardConfiguration", &Shape::Object(&STORE), "How messages are kept."),
        MQTT_BROKER,
        INTEGRITY,
    ],
    numbered: None,
    open: false,
};

const TEXTS: Shape = Shape::List(&TEXT);
const FREE: Shape = Shape::Map { names: ANY, of: &Shape::Any };

/// The members of create options whose types the agent's reader insists on.
pub static CREATE_OPTIONS: Object = Object {
    about: "Docker create options.",
    fields: &[
        optional("Hostname", &TEXT, "Host name."),
        optional("User", &TEXT, "User inside the container."),
        optional("Env", &TEXTS, "Environment variables, NAME=VALUE."),
        optional("Cmd", &TEXTS, "Arguments of the entry point."),
        optional("Entrypoint", &TEXTS, "Entry point."),
        optional("Labels", &FREE, "Labels."),
        optional("ExposedPorts", &FREE, "Ports that the image offers."),
        optional("Volumes", &FREE, "Volumes that the engine makes."),
        optional(
            "HostConfig",
            &Shape::Object(&Object {
                about: "What the container shares with its host.",
                fields: &[
                    optional("Binds", &TEXTS, "Mounts, SOURCE:TARGET."),
                    optional("Mounts", &Shape::List(&FREE), "Mounts as objects."),
                    optional("PortBindings", &Shape::Map { names: ANY, of: &Shape::List(&FREE) }, "Ports of the host by port."),
                ],
                numbered: None,
                open: true,
            }),
            "What the container shares with its host.",
        ),
        optional("NetworkingConfig", &FREE, "Networks."),
    ],
    numbered: None,
    open: true,
};
