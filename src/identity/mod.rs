//! Who a client is and how it shows it: symmetric keys and shared access signatures, the world's own certificate authority, TLS.

pub mod authority;
pub mod key;
pub mod sas;
pub mod tls;

pub use authority::{Authority, AuthorityError, ServerCertificate};
pub use key::{KeyError, SigningKey};
pub use sas::{Audience, SasError, Token};
pub use tls::TlsError;
