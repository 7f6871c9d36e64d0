//! The REST API of the hub (IoT Hub service REST API 2021-04-12): which call does what, and with which status it answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::access::authorize;
use super::change::IfMatch;
use super::configurations::check_condition;
use super::core::Core;
use super::fault::Fault;
use super::query::{self, Query};
use super::twins::Mode;
use super::{scope, watch};
use crate::iothub::cloud_to_device::{CloudToDevice, QueuedToDevice};
use crate::iothub::{Configuration, Device, MethodRequest, MethodResponse, Module, Twin};
use crate::model::Identity;

/// Rows of a query page; the service gives no more.
const PAGE: usize = 100;

pub(super) type Shared = State<Arc<Core>>;
pub(super) type Ids = Path<(String, String)>;
pub(super) type Answer<T> = Result<T, Fault>;

/// Returns the routes of the hub, each behind the check of its token.
pub(super) fn routes(core: &Arc<Core>) -> Router {
    Router::new()
        .route("/devices", get(list_devices))
        .route("/devices/query", post(run_query))
        .route("/devices/{device}", get(get_device).put(put_device).delete(delete_device))
        .route("/devices/{device}/modules", get(list_modules))
        .route("/devices/{device}/modules/{module}", get(get_module).put(put_module).delete(delete_module))
        .route("/devices/{device}/modules/{module}/devicesAndModulesInTargetDeviceScope", post(scope::list))
        .route("/devices/{device}/modules/{module}/getDeviceAndModuleOnBehalfOf", post(scope::one))
        .route("/devices/{device}/applyConfigurationContent", post(apply_content))
        .route("/twins/{device}", get(get_twin).patch(patch_twin).put(put_twin))
        .route("/twins/{device}/modules/{module}", get(get_module_twin).patch(patch_module_twin).put(put_module_twin))
        .route("/twins/{device}/methods", post(invoke_device))
        .route("/twins/{device}/modules/{module}/methods", post(invoke_module))
        .route("/configurations", get(list_configurations))
        .route("/configurations/testQueries", post(test_queries))
        .route("/configurations/{id}", get(get_configuration).put(put_configuration).delete(delete_configuration))
        .route("/statistics/service", get(service_statistics))
        .route("/statistics/devices", get(device_statistics))
        .route("/edgectl/telemetry", get(watch::telemetry))
        .route("/edgectl/devices/{device}/messages/devicebound", get(list_mail).post(send_mail))
        .fallback(unserved)
        .method_not_allowed_fallback(unserved)
        .layer(middleware::from_fn_with_state(Arc::clone(core), authorize))
        .with_state(Arc::clone(core))
}

async fn unserved(method: axum::http::Method, uri: Uri) -> Fault {
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", format!("the emulator does not serve {method} {}", uri.path()))
}

/// Reads a JSON body, whatever content type it claims.
pub(super) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Answer<T> {
    serde_json::from_slice(bytes).map_err(|error| Fault::argument(format!("the body is not understood: {error}")))
}

fn top(parameters: &BTreeMap<String, String>) -> Option<usize> {
    parameters.get("top").and_then(|text| text.parse().ok())
}

async fn list_devices(State(core): Shared, Parameters(parameters): Parameters<BTreeMap<String, String>>) -> Answer<Json<Vec<Device>>> {
    Ok(Json(core.change(move |change| change.devices(top(&parameters))).await?))
}

async fn get_device(State(core): Shared, Path(id): Path<String>) -> Answer<Json<Device>> {
    Ok(Json(core.change(move |change| change.device(&id)).await?))
}

async fn put_device(State(core): Shared, Path(id): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer<Json<Device>> {
    let given: Device = body(&bytes)?;
    Ok(Json(core.change(move |change| change.put_device(&id, &given, IfMatch::of(&headers).as_ref())).await?))
}

async fn delete_device(State(core): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer<StatusCode> {
    core.change(move |change| change.delete_device(&id, IfMatch::of(&headers).as_ref())).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list_modules(State(core): Shared, Path(id): Path<String>) -> Answer<Json<Vec<Module>>> {
    Ok(Json(core.change(move |change| change.modules(&id)).await?))
}

async fn get_module(State(core): Shared, Path((device, id)): Ids) -> Answer<Json<Module>> {
    Ok(Json(core.change(move |change| change.module(&device, &id)).await?))
}

async fn put_module(State(core): Shared, Path((device, id)): Ids, headers: HeaderMap, bytes: Bytes) -> Answer<Json<Module>> {
    let given: Module = body(&bytes)?;
    Ok(Json(core.change(move |change| change.put_module(&device, &id, &given, IfMatch::of(&headers).as_ref())).await?))
}

async fn delete_module(State(core): Shared, Path((device, id)): Ids, headers: HeaderMap) -> Answer<StatusCode> {
    core.change(move |change| change.delete_module(&device, &id, IfMatch::of(&headers).as_ref())).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn apply_content(State(core): Shared, Path(id): Path<String>, bytes: Bytes) -> Answer<StatusCode> {
    let content: Value = body(&bytes)?;
    core.change(move |change| change.apply_content(&id, &content)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn get_twin(State(core): Shared, Path(id): Path<String>) -> Answer<Json<Twin>> {
    read_twin(&core, Identity::device(id)).await
}

async fn get_module_twin(State(core): Shared, Path((device, id)): Ids) -> Answer<Json<Twin>> {
    read_twin(&core, Identity::module(device, id)).await
}

async fn read_twin(core: &Arc<Core>, identity: Identity) -> Answer<Json<Twin>> {
    Ok(Json(core.change(move |change| change.twin(&identity)).await?))
}

async fn patch_twin(State(core): Shared, Path(id): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer<Json<Twin>> {
    write_twin(&core, Identity::device(id), &headers, &bytes, Mode::Merge).await
}

async fn put_twin(State(core): Shared, Path(id): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer<Json<Twin>> {
    write_twin(&core, Identity::device(id), &headers, &bytes, Mode::Replace).await
}

async fn patch_module_twin(State(core): Shared, Path((device, id)): Ids, headers: HeaderMap, bytes: Bytes) -> Answer<Json<Twin>> {
    write_twin(&core, Identity::module(device, id), &headers, &bytes, Mode::Merge).await
}

async fn put_module_twin(State(core): Shared, Path((device, id)): Ids, headers: HeaderMap, bytes: Bytes) -> Answer<Json<Twin>> {
    write_twin(&core, Identity::module(device, id), &headers, &bytes, Mode::Replace).await
}

async fn write_twin(core: &Arc<Core>, identity: Identity, headers: &HeaderMap, bytes: &Bytes, mode: Mode) -> Answer<Json<Twin>> {
    let (given, if_match): (Value, _) = (body(bytes)?, IfMatch::of(headers));
    Ok(Json(core.change(move |change| change.patch_twin(&identity, &given, if_match.as_ref(), mode)).await?))
}

async fn invoke_device(State(core): Shared, Path(id): Path<String>, bytes: Bytes) -> Answer<Json<MethodResponse>> {
    invoke(&core, Identity::device(id), &bytes).await
}

async fn invoke_module(State(core): Shared, Path((device, id)): Ids, bytes: Bytes) -> Answer<Json<MethodResponse>> {
    invoke(&core, Identity::module(device, id), &bytes).await
}

async fn invoke(core: &Arc<Core>, identity: Identity, bytes: &Bytes) -> Answer<Json<MethodResponse>> {
    let request: MethodRequest = body(bytes)?;
    let limits = [(request.response_timeout_in_seconds, 5), (request.connect_timeout_in_seconds, 0)];
    if limits.into_iter().any(|(given, least)| given.is_some_and(|seconds| !(least..=300).contains(&seconds))) {
        return Err(Fault::argument("the response time-out is 5 to 300 s, the connect time-out 0 to 300 s"));
    }
    let asked = identity.clone();
    core.change(move |change| change.stored_twin(&asked).map(|_| ())).await?;
    Ok(Json(core.sessions.invoke(&identity, &request).await?))
}

async fn list_mail(State(core): Shared, Path(id): Path<String>) -> Answer<Json<Vec<QueuedToDevice>>> {
    Ok(Json(core.change(move |change| change.waiting_to_device(&id)).await?))
}

async fn send_mail(State(core): Shared, Path(id): Path<String>, bytes: Bytes) -> Answer<Json<QueuedToDevice>> {
    let given: CloudToDevice = body(&bytes)?;
    let queued = core.change(move |change| change.send_to_device(&id, given)).await?;
    core.mail.send_replace(());
    Ok(Json(queued))
}

async fn run_query(State(core): Shared, headers: HeaderMap, bytes: Bytes) -> Answer<Response> {
    let query: Query = query::of_body(&body::<Value>(&bytes)?)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let size = header("x-ms-max-item-count").and_then(|text| text.parse::<usize>().ok()).filter(|size| *size > 0).unwrap_or(PAGE).min(PAGE);
    let start = match header("x-ms-continuation") {
        None => 0,
        Some(token) => place_of(&token).ok_or_else(|| Fault::argument("the continuation token is not one of ours"))?,
    };
    let item_type = query.item_type();
    let rows = core.change(move |change| Ok(query.rows(&change.twins(false)?, &change.twins(true)?))).await?;
    let page: Vec<&Twin> = rows.iter().skip(start).take(size).collect();
    let mut response = Json(&page).into_response();
    response.headers_mut().insert("x-ms-item-type", HeaderValue::from_static(item_type));
    if start + page.len() < rows.len() {
        let token = HeaderValue::from_str(&STANDARD.encode((start + page.len()).to_string())).map_err(Fault::internal)?;
        response.headers_mut().insert(HeaderName::from_static("x-ms-continuation"), token);
    }
    Ok(response)
}

fn place_of(token: &str) -> Option<usize> {
    String::from_utf8(STANDARD.decode(token).ok()?).ok()?.parse().ok()
}

async fn list_configurations(State(core): Shared) -> Answer<Json<Vec<Configuration>>> {
    Ok(Json(core.change(|change| change.configurations()).await?))
}

async fn get_configuration(State(core): Shared, Path(id): Path<String>) -> Answer<Response> {
    tagged(&core.change(move |change| change.configuration(&id)).await?)
}

async fn put_configuration(State(core): Shared, Path(id): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer<Response> {
    let given: Configuration = body(&bytes)?;
    tagged(&core.change(move |change| change.put_configuration(&id, &given, IfMatch::of(&headers).as_ref())).await?)
}

/// Answers with a configuration: its entity tag is quoted in the header and bare in the body.
fn tagged(configuration: &Configuration) -> Answer<Response> {
    let etag = HeaderValue::from_str(&format!("\"{}\"", configuration.etag().unwrap_or_default())).map_err(Fault::internal)?;
    let mut response = Json(configuration).into_response();
    response.headers_mut().insert(axum::http::header::ETAG, etag);
    Ok(response)
}

async fn delete_configuration(State(core): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer<StatusCode> {
    core.change(move |change| change.delete_configuration(&id, IfMatch::of(&headers).as_ref())).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn test_queries(bytes: Bytes) -> Answer<Json<Value>> {
    let given: Value = body(&bytes)?;
    let condition = given.get("targetCondition").and_then(Value::as_str).unwrap_or_default();
    let queries = given.get("customMetricQueries").and_then(Value::as_object).into_iter().flatten();
    let errors: serde_json::Map<String, Value> = queries
        .filter_map(|(name, query)| Some((name.clone(), Query::parse(query.as_str().unwrap_or_default()).err()?.message.into())))
        .collect();
    let error = check_condition(condition).err().map(|fault| fault.message);
    Ok(Json(json!({ "targetConditionError": error.unwrap_or_default(), "customMetricQueryErrors": errors })))
}

async fn service_statistics(State(core): Shared) -> Json<Value> {
    let devices = core.sessions.connected().into_iter().filter(|identity| identity.module_id.is_none()).count();
    Json(json!({ "connectedDeviceCount": devices }))
}

async fn device_statistics(State(core): Shared) -> Answer<Json<Value>> {
    let devices = core.change(|change| change.records.all::<Device>(super::records::Kind::Device)).await?;
    let enabled = devices.iter().filter(|device| device.is_enabled()).count();
    let all = devices.len();
    Ok(Json(json!({ "totalDeviceCount": all, "enabledDeviceCount": enabled, "disabledDeviceCount": all - enabled })))
}
