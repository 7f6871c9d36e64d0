//! The `Authorization` header: a shared access signature made anew for each request.

use chrono::Duration;

use super::connection_string::{ConnectionString, Credential};
use crate::base::{Secret, Timestamp};
use crate::identity::sas;

/// How long a token is good for.
const LIFE: Duration = Duration::hours(1);

/// Returns the header's value for a request made at `now`.
pub(super) fn header(connection: &ConnectionString, now: Timestamp) -> Secret {
    let expires = now + LIFE;
    Secret::new(match &connection.credential {
        Credential::Signature(ready) => return ready.clone(),
        Credential::Policy { name, key } => sas::sign(&connection.host_name, key, expires, Some(name)),
        Credential::Identity { identity, key } => sas::sign(&sas::resource_of(&connection.host_name, Some(identity)), key, expires, None),
    })
}
