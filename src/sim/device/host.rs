//! What a device gives its modules: an identity that the hub knows, a workload socket, and the environment that leads them to both.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::base::fs::{self, FsError};
use crate::base::{Cancel, Clock, Diagnose, Exit};
use crate::edgehub::workload::{self, Workload, WorkloadError};
use crate::edgehub::{Identities, IdentitiesError, KnownIdentity};
use crate::identity::Authority;
use crate::iothub::{self, HubError, Module};
use crate::model::Identity;
use crate::sim::world::{RuntimeFolder, WorldPaths};

/// Version of the workload API that modules are told.
const API_VERSION: &str = "2022-08-03";
/// Who manages modules that the agent may remove.
const MANAGER: &str = "IotEdge";

/// Why a module has no identity or no socket.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The hub refused or did not answer, and the module was not known before.
    #[error("the hub did not register the module `{module}`")]
    Registration {
        /// The module.
        module: String,
        /// What it answered.
        source: Box<HubError>,
    },
    /// The hub keeps no symmetric keys for the module.
    #[error("the hub has no symmetric keys for the module `{0}`")]
    NoKeys(String),
    /// The list of identities failed.
    #[error(transparent)]
    Identities(#[from] IdentitiesError),
    /// The socket failed.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// A folder of the module failed.
    #[error(transparent)]
    File(#[from] FsError),
}

impl Diagnose for HostError {
    fn kind(&self) -> Exit {
        match self {
            Self::Registration { source, .. } => source.kind(),
            Self::NoKeys(_) => Exit::Failure,
            Self::Identities(error) => error.kind(),
            Self::Workload(error) => error.kind(),
            Self::File(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Registration { .. } => "sim/not-registered",
            Self::NoKeys(_) => "sim/no-keys",
            Self::Identities(error) => error.code(),
            Self::Workload(error) => error.code(),
            Self::File(error) => error.code(),
        }
    }
}

/// Where a device and its modules find what they need.
pub struct HostOptions {
    /// Id of the device.
    pub device_id: String,
    /// Host name of the hub, for tokens.
    pub hub_host: String,
    /// Address of the device's broker.
    pub gateway: IpAddr,
    /// The hub, signed in as the device.
    pub hub: iothub::Client,
    /// Identities of the device, shared with its broker.
    pub identities: Arc<Identities>,
    /// Whom modules trust.
    pub authority: Arc<Authority>,
    /// Folders of the world.
    pub paths: WorldPaths,
    /// Folder of its sockets.
    pub runtime: RuntimeFolder,
    /// Tells the time.
    pub clock: Clock,
    /// Ends all sockets.
    pub cancel: Cancel,
}

/// What leads a module to its broker, in both forms that SDKs read. A process gets one of them: SDKs differ in which they prefer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleCredentials {
    /// Id of the device.
    pub device: String,
    /// Id of the module.
    pub module: String,
    /// Variables that lead to the workload socket, which keeps the key.
    pub environment: BTreeMap<String, String>,
    /// Value of `EdgeHubConnectionString`; it holds the key of the module.
    pub connection_string: String,
    /// Value of `EdgeModuleCACertificateFile`: PEM file with the root to trust.
    pub ca_file: PathBuf,
}

/// Gives identities and sockets to the modules of one device.
pub struct ModuleHost {
    options: HostOptions,
    sockets: Mutex<BTreeMap<String, (Cancel, JoinHandle<()>)>>,
}

impl ModuleHost {
    /// Returns a host without sockets.
    pub fn new(options: HostOptions) -> Self {
        Self { options, sockets: Mutex::default() }
    }

    /// Returns the log of a module.
    pub fn log(&self, module: &str) -> PathBuf {
        self.options.paths.log(&self.options.device_id, Some(module))
    }

    /// Returns the identity of a module: as the hub has it now, made there when missing; when the hub is away, as it was last seen.
    pub async fn identity(&self, module: &str) -> Result<KnownIdentity, HostError> {
        let identity = Identity::module(&self.options.device_id, module);
        match self.register(module).await {
            Ok(entry) => {
                let known = KnownIdentity::of_module(&entry);
                if known.primary().is_none() {
                    return Err(HostError::NoKeys(module.to_owned()));
                }
                self.options.identities.put(known.clone())?;
                Ok(known)
            }
            Err(source) => {
                let known = self.options.identities.get(&identity).filter(|_| source.kind() == Exit::Unavailable);
                known.ok_or_else(|| HostError::Registration { module: module.to_owned(), source: Box::new(source) })
            }
        }
    }

    async fn register(&self, module: &str) -> Result<Module, HubError> {
        let device = &self.options.device_id;
        if let Some(entry) = self.options.hub.module(device, module).await? {
            return Ok(entry);
        }
        let new = Module::new(device, module).managed_by(MANAGER);
        match self.options.hub.put_module(&new, None).await {
            // Somebody else was faster; what they made is as good.
            Err(error) if error.is_conflict() => self.options.hub.module(device, module).await?.ok_or(error),
            other => other,
        }
    }

    /// Returns the environment that leads a module to its broker, with identity and socket made ready.
    pub async fn environment(&self, module: &str) -> Result<BTreeMap<String, String>, HostError> {
        let known = self.identity(module).await?;
        self.environment_of(module, known)
    }

    /// Returns both forms of what leads a module to its broker, with identity and socket made ready.
    pub async fn credentials(&self, module: &str) -> Result<ModuleCredentials, HostError> {
        let known = self.identity(module).await?;
        let options = &self.options;
        let key = known.primary().ok_or_else(|| HostError::NoKeys(module.to_owned()))?;
        let connection_string = format!(
            "HostName={};GatewayHostName={};DeviceId={};ModuleId={module};SharedAccessKey={}",
            options.hub_host,
            options.gateway,
            options.device_id,
            *key.to_base64()
        );
        Ok(ModuleCredentials {
            device: options.device_id.clone(),
            module: module.to_owned(),
            environment: self.environment_of(module, known)?,
            connection_string,
            ca_file: options.paths.ca_file(),
        })
    }

    /// Opens the sockets of modules that the device knows from before: those started by hand come back without asking.
    ///
    /// # Errors
    /// When a socket fails.
    pub fn reopen_sockets(&self) -> Result<(), HostError> {
        for known in self.options.identities.all() {
            let module = known.identity.module_id.as_deref();
            if known.identity.device_id == self.options.device_id && module.is_some_and(|module| !module.starts_with('$')) {
                self.open_socket(&known)?;
            }
        }
        Ok(())
    }

    fn environment_of(&self, module: &str, known: KnownIdentity) -> Result<BTreeMap<String, String>, HostError> {
        let socket = self.open_socket(&known)?;
        let options = &self.options;
        let home = options.paths.device(&options.device_id).join("modules").join(crate::sim::world::paths::file_name(module));
        fs::create_private_folder(&home)?;
        let pairs = [
            ("HOME", home.display().to_string()),
            ("IOTEDGE_WORKLOADURI", format!("unix://{}", socket.display())),
            ("IOTEDGE_DEVICEID", options.device_id.clone()),
            ("IOTEDGE_MODULEID", module.to_owned()),
            ("IOTEDGE_MODULEGENERATIONID", known.generation_id),
            ("IOTEDGE_IOTHUBHOSTNAME", options.hub_host.clone()),
            ("IOTEDGE_GATEWAYHOSTNAME", options.gateway.to_string()),
            ("IOTEDGE_APIVERSION", API_VERSION.to_owned()),
            ("IOTEDGE_AUTHSCHEME", "sasToken".to_owned()),
        ];
        Ok(pairs.map(|(name, value)| (name.to_owned(), value)).into())
    }

    fn open_socket(&self, known: &KnownIdentity) -> Result<PathBuf, HostError> {
        let options = &self.options;
        let module = known.identity.module_id.clone().unwrap_or_default();
        let socket = options.runtime.workload(&options.device_id, &module);
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        if sockets.get(&module).is_some_and(|(_, task)| !task.is_finished()) {
            return Ok(socket);
        }
        let listener = workload::bind(&socket)?;
        let served = Workload {
            module: known.identity.clone(),
            identities: Arc::clone(&options.identities),
            authority: Arc::clone(&options.authority),
            clock: options.clock,
        };
        let cancel = options.cancel.child_token();
        let ended = cancel.clone();
        let task = tokio::spawn(async move {
            if let Err(error) = workload::serve(listener, served, ended).await {
                warn!(%error, "a workload socket failed");
            }
        });
        sockets.insert(module, (cancel, task));
        Ok(socket)
    }

    /// Takes socket and identity from a module that is no longer deployed.
    pub async fn retire(&self, module: &str) {
        let device = &self.options.device_id;
        let socket = self.sockets.lock().unwrap_or_else(PoisonError::into_inner).remove(module);
        if let Some((cancel, _)) = socket {
            cancel.cancel();
        }
        let folder = self.options.runtime.workload(device, module).parent().map(fs::remove);
        if let Some(Err(error)) = folder {
            warn!(%error, module, "the workload socket stays behind");
        }
        if let Err(error) = self.options.identities.remove(&Identity::module(device, module)) {
            warn!(%error, module, "the identity stays in the list");
        }
        match self.options.hub.delete_module(device, module, "*").await {
            Ok(()) | Err(HubError::NotFound { .. }) => info!(module, "removed"),
            Err(error) => warn!(%error, module, "the hub keeps the identity of a removed module"),
        }
    }
}
