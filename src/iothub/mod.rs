//! The cloud service: its documents (devices, modules, twins, configurations) and the REST client (IoT Hub service REST API
//! 2021-04-12). The emulator serves the same types, so what works against one works against the other.

mod authorization;
pub mod client;
pub mod cloud_to_device;
pub mod configuration;
pub mod connection_string;
pub mod date;
mod document;
pub mod error;
pub mod event;
pub mod method;
pub mod patch;
pub mod registry;
pub mod telemetry;
pub mod time;
mod transport;
pub mod twin;

pub use client::{Client, ClientOptions};
pub use configuration::Configuration;
pub use connection_string::{ConnectionString, ConnectionStringError};
pub use error::HubError;
pub use method::{MethodRequest, MethodResponse};
pub use registry::{Device, Module, SymmetricKeys};
pub use telemetry::TelemetryRecord;
pub use twin::Twin;
