//! The calls of the API.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use serde_json::{Value, json};
use tracing::warn;

use super::Workload;
use super::answer::{Answer, Done, Refusal};
use crate::base::Timestamp;
use crate::base::clock::rfc3339_seconds;
use crate::edgehub::identities::KnownIdentity;
use crate::identity::ServerCertificate;
use crate::model::Identity;

/// The API versions of the product.
const VERSIONS: [&str; 7] = ["2018-06-28", "2019-01-30", "2019-10-22", "2019-11-05", "2020-07-07", "2021-12-07", "2022-08-03"];

/// The longest life of a certificate that a module asks for.
const LONGEST_LIFE: Duration = Duration::days(90);

pub(super) async fn sign(
    State(workload): State<Workload>,
    Path((module, _generation)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    check_version(query.as_deref())?;
    let known = own(&workload, &module)?;
    let request = object(&body)?;
    let data = request.get("data").and_then(Value::as_str).ok_or_else(|| Refusal::bad("the request has no `data`"))?;
    let data = STANDARD.decode(data).map_err(|_| Refusal::bad("`data` is no base64"))?;
    let key = known.primary().ok_or_else(|| Refusal::bad("the hub has no key for this module"))?;
    Ok(Done(StatusCode::OK, json!({"digest": STANDARD.encode(key.sign(&data))})))
}

pub(super) async fn trust_bundle(State(workload): State<Workload>, RawQuery(query): RawQuery) -> Answer {
    check_version(query.as_deref())?;
    Ok(Done(StatusCode::OK, json!({"certificate": workload.authority.root_pem()})))
}

pub(super) async fn server_certificate(
    State(workload): State<Workload>,
    Path((module, _generation)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    check_version(query.as_deref())?;
    own(&workload, &module)?;
    let request = object(&body)?;
    let name = request.get("commonName").and_then(Value::as_str).ok_or_else(|| Refusal::bad("the request has no `commonName`"))?;
    let life = life_of(&request, workload.clock.now())?;
    let issued = workload.authority.issue_server(&[name, &module], workload.clock.now(), life);
    issued.map(|issued| certificate(&issued)).map_err(|error| Refusal::bad(error.to_string()))
}

pub(super) async fn identity_certificate(
    State(workload): State<Workload>,
    Path(module): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    check_version(query.as_deref())?;
    own(&workload, &module)?;
    let request = if body.is_empty() { json!({}) } else { object(&body)? };
    let life = life_of(&request, workload.clock.now())?;
    let issued = workload.authority.issue_client(&module, workload.clock.now(), life);
    issued.map(|issued| certificate(&issued)).map_err(|error| Refusal::bad(error.to_string()))
}

/// Lists the modules that the device knows. Whether they run is the agent's knowledge, not this API's.
pub(super) async fn modules(State(workload): State<Workload>, RawQuery(query): RawQuery) -> Answer {
    check_version(query.as_deref())?;
    let known = workload.identities.all();
    let names = known.iter().filter_map(|known| known.identity.module_id.as_deref());
    let modules: Vec<Value> = names
        .map(|name| {
            let status = json!({"runtimeStatus": {"status": "unknown"}});
            json!({"id": name, "name": name, "type": "docker", "config": {"settings": {}, "env": []}, "status": status})
        })
        .collect();
    Ok(Done(StatusCode::OK, json!({"modules": modules})))
}

pub(super) async fn unknown(method: Method, uri: Uri) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, format!("{method} {} is no call of the workload API", uri.path()))
}

/// Accepts the product's versions, and later ones with a warning.
fn check_version(query: Option<&str>) -> Result<(), Refusal> {
    let version = query.unwrap_or_default().split('&').find_map(|field| field.strip_prefix("api-version="));
    let Some(version) = version.filter(|version| !version.is_empty()) else {
        return Err(Refusal::bad("the query has no `api-version`"));
    };
    if VERSIONS.contains(&version) {
        return Ok(());
    }
    let date = chrono::NaiveDate::parse_from_str(version, "%Y-%m-%d");
    let first = chrono::NaiveDate::from_ymd_opt(2018, 6, 28).expect("a date of the calendar");
    match date {
        Ok(date) if date >= first => {
            warn!(version, "an api-version that the product does not know");
            Ok(())
        }
        _ => Err(Refusal::bad(format!("the api-version `{version}` is not supported"))),
    }
}

/// Returns the module's own identity; the socket of one module serves no other.
fn own(workload: &Workload, module: &str) -> Result<KnownIdentity, Refusal> {
    if workload.module.module_id.as_deref() != Some(module) {
        return Err(Refusal(StatusCode::FORBIDDEN, format!("this socket is not that of module `{module}`")));
    }
    let identity = Identity::module(&workload.module.device_id, module);
    let missing = || Refusal(StatusCode::NOT_FOUND, format!("the device does not know a module `{module}`"));
    workload.identities.get(&identity).ok_or_else(missing)
}

/// Reads a body whatever its Content-Type says; one SDK sends none.
fn object(body: &[u8]) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(body).map_err(|error| Refusal::bad(format!("the request is no JSON: {error}")))?;
    if value.is_object() { Ok(value) } else { Err(Refusal::bad("the request is no JSON object")) }
}

fn life_of(request: &Value, now: Timestamp) -> Result<Duration, Refusal> {
    let Some(expiration) = request.get("expiration").and_then(Value::as_str) else { return Ok(LONGEST_LIFE) };
    let expiration: Timestamp = expiration.parse().map_err(|_| Refusal::bad("`expiration` is no RFC 3339 time"))?;
    if expiration <= now {
        return Err(Refusal::bad("`expiration` is over"));
    }
    Ok((expiration - now).min(LONGEST_LIFE))
}

fn certificate(issued: &ServerCertificate) -> Done {
    let key = json!({"type": "key", "bytes": issued.key_pem.as_str()});
    let body = json!({"privateKey": key, "certificate": issued.chain_pem, "expiration": rfc3339_seconds(issued.expires)});
    Done(StatusCode::CREATED, body)
}
