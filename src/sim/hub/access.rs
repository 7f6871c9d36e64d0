//! Who may call the REST API: the service policy everything, a device the modules of itself, and an edge device and its broker the
//! scope of that device.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::core::Core;
use super::fault::Fault;
use crate::base::percent;
use crate::identity::Token;
use crate::model::Identity;

/// The one service policy of the emulator.
pub(super) const POLICY: &str = "iothubowner";

/// Lets a request through when its token is good for it.
pub(super) async fn authorize(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let path = request.uri().path().to_owned();
    match check(&core, token, &path).await {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.into_response(),
    }
}

async fn check(core: &Arc<Core>, token: Option<String>, path: &str) -> Result<(), Fault> {
    let text = token.ok_or_else(|| Fault::unauthorized("the request has no Authorization header"))?;
    let refuse = |error: crate::identity::SasError| Fault::unauthorized(error.to_string());
    let token = Token::parse(&text).map_err(refuse)?;
    let hosts: Vec<&str> = core.hosts.iter().map(String::as_str).collect();
    let now = core.clock.now();
    if let Some(policy) = &token.policy {
        if policy != POLICY {
            return Err(Fault::unauthorized(format!("there is no policy `{policy}`")));
        }
        return token.verify(&hosts, None, &[&core.policy_key], now).map_err(refuse);
    }
    let identity = token.audience().and_then(|audience| audience.identity);
    let identity = identity.ok_or_else(|| Fault::unauthorized("the token names neither a policy nor a device"))?;
    if !may_call(&identity, path) {
        return Err(Fault::unauthorized(format!("`{identity}` may manage its own modules alone")));
    }
    let asked = identity.clone();
    let keys = core.change(move |change| change.keys_of(&asked)).await.map_err(|fault| Fault::unauthorized(fault.message))?;
    token.verify(&hosts, Some(&identity), &keys.iter().collect::<Vec<_>>(), now).map_err(refuse)
}

/// A device may call what is below its own modules; the broker of an edge device only the scope.
fn may_call(identity: &Identity, path: &str) -> bool {
    let segments: Vec<String> = path.trim_start_matches('/').split('/').map(percent::decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let ["devices", device, "modules", Identity::EDGE_HUB, "devicesAndModulesInTargetDeviceScope" | "getDeviceAndModuleOnBehalfOf"] =
        segments.as_slice()
    {
        return identity.device_id == *device && identity.module_id.as_deref().is_none_or(|module| module == Identity::EDGE_HUB);
    }
    let device = match segments.as_slice() {
        ["devices", device, "modules"] | ["devices", device, "modules", _] => *device,
        _ => return false,
    };
    identity.module_id.is_none() && identity.device_id == device
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_reaches_its_own_modules_alone() {
        let device = Identity::device("d/1");
        assert!(may_call(&device, "/devices/d%2F1/modules"));
        assert!(may_call(&device, "/devices/d%2F1/modules/%24edgeHub"));
        for path in ["/devices/d%2F1", "/devices/d2/modules", "/devices/d/1/modules", "/twins/d%2F1", "/devices/d%2F1/modules/a/b", "/"] {
            assert!(!may_call(&device, path), "{path}");
        }
        assert!(!may_call(&Identity::module("d", "m"), "/devices/d/modules"));
    }

    #[test]
    fn a_device_and_its_broker_read_their_own_scope_alone() {
        let broker = Identity::module("d1", Identity::EDGE_HUB);
        for call in ["devicesAndModulesInTargetDeviceScope", "getDeviceAndModuleOnBehalfOf"] {
            let path = |device: &str, module: &str| format!("/devices/{device}/modules/{module}/{call}");
            assert!(may_call(&broker, &path("d1", "%24edgeHub")) && may_call(&Identity::device("d1"), &path("d1", "$edgeHub")));
            assert!(!may_call(&broker, &path("d2", "$edgeHub")) && !may_call(&broker, &path("d1", "filter")));
            assert!(!may_call(&Identity::module("d1", "filter"), &path("d1", "$edgeHub")));
        }
        assert!(!may_call(&broker, "/devices/d1/modules"));
    }
}
