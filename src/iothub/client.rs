//! The calls: registry, twins, queries, configurations, methods, and the emulator's telemetry log.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::TryStreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::transport::Call;
use super::{Configuration, ConnectionString, Device, HubError, MethodRequest, MethodResponse, Module, Twin};
use crate::base::Clock;
use crate::base::percent::encode;
use crate::iothub::cloud_to_device::{CloudToDevice, QueuedToDevice};
use crate::model::Identity;

/// Version of the REST API.
pub(super) const API_VERSION: &str = "2021-04-12";
/// Rows of a page of a query; the service gives at most so many.
const PAGE: &str = "100";
/// How long a telemetry stream may stay open: as good as for ever, since the caller ends it.
const TELEMETRY_LIMIT: Duration = Duration::from_hours(10_000);

/// Devices of a page of a scope.
const SCOPE_PAGE: usize = 100;

/// A page of a scope.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopePage {
    #[serde(default)]
    devices: Vec<Device>,
    #[serde(default)]
    modules: Vec<Module>,
    #[serde(default)]
    continuation_link: Option<String>,
}

/// How a client connects.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Roots to trust in place of the system's, PEM; for the emulator.
    pub ca_pem: Option<Vec<u8>>,
    /// Where the host name leads, when it is no name of the DNS; for the emulator.
    pub address: Option<SocketAddr>,
    /// Time for one call with its retries; at least 60 s against the cloud, which queues before it refuses.
    pub timeout: Duration,
    /// Tells the time for tokens.
    pub clock: Clock,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { ca_pem: None, address: None, timeout: Duration::from_mins(1), clock: Clock::System }
    }
}

/// A client of one hub. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) connection: ConnectionString,
    pub(super) options: ClientOptions,
}

impl Client {
    /// Returns a client; nothing is sent yet.
    ///
    /// # Errors
    /// When the root certificates do not read.
    pub fn new(connection: ConnectionString, options: ClientOptions) -> Result<Self, HubError> {
        let failed = |source| HubError::Setup { host: connection.host_name.clone(), source };
        let mut builder = reqwest::Client::builder().https_only(true).connect_timeout(options.timeout.min(Duration::from_secs(10)));
        if let Some(pem) = &options.ca_pem {
            // What trusts a root of its own is on this machine; a proxy has no place between.
            builder = builder.no_proxy().tls_certs_only(reqwest::Certificate::from_pem_bundle(pem).map_err(failed)?);
        }
        if let Some(address) = options.address {
            let host = connection.host_name.rsplit_once(':').map_or(connection.host_name.as_str(), |(host, _)| host);
            builder = builder.resolve(host, address);
        }
        let http = builder.build().map_err(failed)?;
        Ok(Self { http, connection, options })
    }

    /// Returns the hub's host name, with a port when it is not 443.
    pub fn host_name(&self) -> &str {
        &self.connection.host_name
    }

    /// Returns a device, or `None` when the registry has none of this id.
    pub async fn device(&self, device_id: &str) -> Result<Option<Device>, HubError> {
        self.json_if_any(&Call::get(device_path(device_id), format!("device {device_id}"))).await
    }

    /// Returns up to 1000 devices; a query finds more.
    pub async fn devices(&self) -> Result<Vec<Device>, HubError> {
        self.json(&Call::get("/devices?top=1000", "list of devices")).await
    }

    /// Creates a device, or with `if_match` (an entity tag or `*`) updates one, and returns it with its keys.
    pub async fn put_device(&self, device: &Device, if_match: Option<&str>) -> Result<Device, HubError> {
        let id = device.device_id();
        let body = device.clone().into_value();
        self.json(&Call::new(Method::PUT, device_path(id), format!("device {id}")).body(&body).if_match(if_match)).await
    }

    /// Removes a device with its modules; `if_match` is an entity tag or `*`.
    pub async fn delete_device(&self, device_id: &str, if_match: &str) -> Result<(), HubError> {
        let call = Call::new(Method::DELETE, device_path(device_id), format!("device {device_id}")).if_match(Some(if_match));
        self.send(&call).await.map(|_| ())
    }

    /// Returns the modules of a device.
    pub async fn modules(&self, device_id: &str) -> Result<Vec<Module>, HubError> {
        self.json(&Call::get(format!("{}/modules", device_path(device_id)), format!("modules of {device_id}"))).await
    }

    /// Returns a module, or `None` when the device has none of this id.
    pub async fn module(&self, device_id: &str, module_id: &str) -> Result<Option<Module>, HubError> {
        self.json_if_any(&Call::get(module_path(device_id, module_id), format!("module {device_id}/{module_id}"))).await
    }

    /// Creates a module, or with `if_match` (an entity tag or `*`) updates one, and returns it with its keys.
    pub async fn put_module(&self, module: &Module, if_match: Option<&str>) -> Result<Module, HubError> {
        let (device_id, module_id) = (module.device_id(), module.module_id());
        let body = module.clone().into_value();
        let call = Call::new(Method::PUT, module_path(device_id, module_id), format!("module {device_id}/{module_id}"));
        self.json(&call.body(&body).if_match(if_match)).await
    }

    /// Removes a module; `if_match` is an entity tag or `*`.
    pub async fn delete_module(&self, device_id: &str, module_id: &str, if_match: &str) -> Result<(), HubError> {
        let call = Call::new(Method::DELETE, module_path(device_id, module_id), format!("module {device_id}/{module_id}"));
        self.send(&call.if_match(Some(if_match))).await.map(|_| ())
    }

    /// Returns the twin of a device, or `None` when there is no such device.
    pub async fn twin(&self, device_id: &str) -> Result<Option<Twin>, HubError> {
        self.identity_twin(&Identity::device(device_id)).await
    }

    /// Merges a patch (`{"tags": …, "properties": {"desired": …}}`, null deletes) into the twin of a device and returns the twin.
    pub async fn patch_twin(&self, device_id: &str, patch: &Value, if_match: Option<&str>) -> Result<Twin, HubError> {
        self.patch_identity_twin(&Identity::device(device_id), patch, if_match).await
    }

    /// Returns the twin of a module, or `None` when there is no such module.
    pub async fn module_twin(&self, device_id: &str, module_id: &str) -> Result<Option<Twin>, HubError> {
        self.identity_twin(&Identity::module(device_id, module_id)).await
    }

    /// Merges a patch into the twin of a module and returns the twin.
    pub async fn patch_module_twin(
        &self,
        device_id: &str,
        module_id: &str,
        patch: &Value,
        if_match: Option<&str>,
    ) -> Result<Twin, HubError> {
        self.patch_identity_twin(&Identity::module(device_id, module_id), patch, if_match).await
    }

    /// Returns the twin of a device or module, or `None` when there is none.
    pub async fn identity_twin(&self, identity: &Identity) -> Result<Option<Twin>, HubError> {
        self.json_if_any(&Call::get(twin_path(identity), format!("twin of {identity}"))).await
    }

    /// Merges a patch into the twin of a device or module and returns the twin. Without `if_match` it is unconditional.
    pub async fn patch_identity_twin(&self, identity: &Identity, patch: &Value, if_match: Option<&str>) -> Result<Twin, HubError> {
        let call = Call::new(Method::PATCH, twin_path(identity), format!("twin of {identity}"));
        self.json(&call.body(patch).if_match(Some(if_match.unwrap_or("*")))).await
    }

    /// Runs a query over all its pages.
    pub async fn query(&self, sql: &str) -> Result<Vec<Twin>, HubError> {
        let body = json!({ "query": sql });
        let (mut rows, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut call = Call::new(Method::POST, "/devices/query", "query").body(&body).header("x-ms-max-item-count", PAGE);
            if let Some(token) = token.take() {
                call = call.header("x-ms-continuation", token);
            }
            let reply = self.send(&call).await?;
            rows.extend(self.read::<Vec<Twin>>(&call, &reply.body)?);
            token = reply
                .headers
                .get("x-ms-continuation")
                .and_then(|value| value.to_str().ok())
                .filter(|text| !text.is_empty())
                .map(str::to_owned);
            if token.is_none() {
                return Ok(rows);
            }
        }
    }

    /// Returns all configurations.
    pub async fn configurations(&self) -> Result<Vec<Configuration>, HubError> {
        self.json(&Call::get("/configurations", "list of configurations")).await
    }

    /// Returns a configuration with its metrics, or `None` when there is none of this id.
    pub async fn configuration(&self, id: &str) -> Result<Option<Configuration>, HubError> {
        self.json_if_any(&Call::get(configuration_path(id), format!("configuration {id}"))).await
    }

    /// Creates a configuration, or with `if_match` (an entity tag or `*`) updates all of it but its content, which never changes.
    pub async fn put_configuration(&self, configuration: &Configuration, if_match: Option<&str>) -> Result<Configuration, HubError> {
        let id = configuration.id();
        let body = configuration.clone().into_value();
        let call = Call::new(Method::PUT, configuration_path(id), format!("configuration {id}"));
        self.json(&call.body(&body).if_match(if_match)).await
    }

    /// Removes a configuration, whatever its entity tag or only if it has this one, and tells whether it was there.
    pub async fn delete_configuration(&self, id: &str, if_match: Option<&str>) -> Result<bool, HubError> {
        let call = Call::new(Method::DELETE, configuration_path(id), format!("configuration {id}"));
        match self.send(&call.if_match(Some(if_match.unwrap_or("*")))).await {
            Ok(_) => Ok(true),
            Err(HubError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Asks the hub whether it accepts a target condition; returns its complaint if not. No device is looked at.
    pub async fn test_condition(&self, condition: &str) -> Result<Option<String>, HubError> {
        let body = json!({ "targetCondition": condition, "customMetricQueries": {} });
        let answer: Value = self.json(&Call::new(Method::POST, "/configurations/testQueries", "target condition").body(&body)).await?;
        Ok(answer.get("targetConditionError").and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned))
    }

    /// Sets the content of one edge device, past all configurations.
    pub async fn apply_content(&self, device_id: &str, content: &Value) -> Result<(), HubError> {
        let path = format!("{}/applyConfigurationContent", device_path(device_id));
        self.send(&Call::new(Method::POST, path, format!("content of {device_id}")).body(content)).await.map(|_| ())
    }

    /// Returns the devices and modules that may connect to an edge device: itself, its modules, and what is assigned to it. Signed in as
    /// that device.
    pub async fn scope(&self, edge: &str) -> Result<(Vec<Device>, Vec<Module>), HubError> {
        let path = format!("{}/devicesAndModulesInTargetDeviceScope", module_path(edge, Identity::EDGE_HUB));
        let (mut devices, mut modules) = (Vec::new(), Vec::new());
        let mut link = None::<String>;
        loop {
            let body = json!({ "pageSize": SCOPE_PAGE, "continuationLink": link, "authChain": edge });
            let call = Call::new(Method::POST, &path, format!("scope of {edge}")).body(&body);
            let page: ScopePage = self.json(&call).await?;
            devices.extend(page.devices);
            modules.extend(page.modules);
            link = page.continuation_link.filter(|link| !link.is_empty());
            if link.is_none() {
                return Ok((devices, modules));
            }
        }
    }

    /// Returns what the hub has of one identity, with its device, when it is in the scope of an edge device; nothing otherwise.
    pub async fn identity_in_scope(&self, edge: &str, identity: &Identity) -> Result<(Vec<Device>, Vec<Module>), HubError> {
        let path = format!("{}/getDeviceAndModuleOnBehalfOf", module_path(edge, Identity::EDGE_HUB));
        let body = json!({ "authChain": edge, "targetDeviceId": identity.device_id, "targetModuleId": identity.module_id });
        let call = Call::new(Method::POST, path, format!("{identity} in the scope of {edge}")).body(&body);
        let page: Option<ScopePage> = self.json_if_any(&call).await?;
        Ok(page.map(|page| (page.devices, page.modules)).unwrap_or_default())
    }

    /// Calls a direct method of a device or module and returns what it answered.
    pub async fn invoke_method(&self, identity: &Identity, request: &MethodRequest) -> Result<MethodResponse, HubError> {
        let subject = format!("method {} of {identity}", request.method_name);
        let mut body = json!({ "methodName": request.method_name, "payload": request.payload });
        if let Some(seconds) = request.response_timeout_in_seconds {
            body["responseTimeoutInSeconds"] = seconds.into();
        }
        if let Some(seconds) = request.connect_timeout_in_seconds {
            body["connectTimeoutInSeconds"] = seconds.into();
        }
        let mut call = Call::new(Method::POST, format!("{}/methods", twin_path(identity)), subject).body(&body);
        call.timeout = Some(self.options.timeout.max(request.time_limit() + Duration::from_secs(10)));
        self.json(&call).await
    }

    /// Sends a message to a device through the emulator, which keeps it until the device has completed it. A cloud hub takes such messages
    /// over AMQP alone and answers [`HubError::NotFound`].
    pub async fn send_to_device(&self, device_id: &str, message: &CloudToDevice) -> Result<QueuedToDevice, HubError> {
        let path = format!("/edgectl/devices/{}/messages/devicebound", encode(device_id));
        let body = json!(message);
        self.json(&Call::new(Method::POST, path, format!("device {device_id}")).body(&body)).await
    }

    /// Opens the emulator's telemetry log as a stream of JSON lines, from a sequence number on or from the present end, and lets it
    /// go on with what comes. A cloud hub has no such call and answers [`HubError::NotFound`].
    pub async fn telemetry(
        &self,
        from: Option<u64>,
        follow: bool,
    ) -> Result<impl Stream<Item = Result<Bytes, HubError>> + Send + use<>, HubError> {
        let from = from.map_or_else(|| "end".to_owned(), |number| number.to_string());
        let call = Call::get(format!("/edgectl/telemetry?from={from}&follow={follow}"), "telemetry log");
        let response = self.open(&call, TELEMETRY_LIMIT).await?;
        let host = self.connection.host_name.clone();
        Ok(response.bytes_stream().map_err(move |source| HubError::Unreachable {
            host: host.clone(),
            subject: "telemetry log".to_owned(),
            source: source.without_url(),
        }))
    }
}

fn device_path(device_id: &str) -> String {
    format!("/devices/{}", encode(device_id))
}

fn module_path(device_id: &str, module_id: &str) -> String {
    format!("/devices/{}/modules/{}", encode(device_id), encode(module_id))
}

fn twin_path(identity: &Identity) -> String {
    let module = identity.module_id.as_ref().map(|id| format!("/modules/{}", encode(id))).unwrap_or_default();
    format!("/twins/{}{module}", encode(&identity.device_id))
}

fn configuration_path(id: &str) -> String {
    format!("/configurations/{}", encode(id))
}
