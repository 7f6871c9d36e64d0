//! Who a client is and how it shows it: symmetric keys and shared access signatures, the world's own certificate authority, TLS.

pub mod authority;
pub mod key;
pub mod sas;
pub mod tls;
pub mod x509;

pub use authority::{Authority, AuthorityError, ServerCertificate, self_signed_client};
pub use key::{KeyError, SigningKey};
pub use sas::{Audience, SasError, Token};
pub use tls::{PresentedCertificate, TlsError};
pub use x509::{Certificate, ChainError, X509Error};
