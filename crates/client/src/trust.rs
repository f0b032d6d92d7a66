//! Whose certificates a client believes.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Whose certificates a client believes: those of the public authorities, and of others that were
/// added. Cheap to clone.
#[derive(Clone)]
pub struct Trust(Arc<ClientConfig>);

/// Why an authority could not be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no usable certificate authority in PEM: {0}")]
pub struct TrustError(String);

impl Trust {
    /// The public authorities, as Mozilla lists them.
    ///
    /// # Errors
    /// When the cryptography does not offer the versions of TLS that are asked for: never with the one
    /// that is built in.
    pub fn public() -> Result<Self, TrustError> {
        static PUBLIC: OnceLock<Trust> = OnceLock::new();
        if let Some(known) = PUBLIC.get() {
            return Ok(known.clone());
        }
        let made = Self::of(public_roots())?;
        Ok(PUBLIC.get_or_init(|| made).clone())
    }

    /// Those and the ones in `pem`, for servers of a studio's own or with a certificate that they
    /// signed themselves.
    ///
    /// # Errors
    /// When it holds no certificate, or one that cannot be an authority.
    pub fn with_ca(pem: &[u8]) -> Result<Self, TrustError> {
        let mut roots = public_roots();
        let public = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| TrustError(error.to_string()))?;
            roots.add(certificate).map_err(|error| TrustError(error.to_string()))?;
        }
        if roots.len() == public {
            return Err(TrustError("it holds no certificate".to_owned()));
        }
        Self::of(roots)
    }

    fn of(roots: RootCertStore) -> Result<Self, TrustError> {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TrustError(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// What a handshake needs.
    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}

fn public_roots() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

impl PartialEq for Trust {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Trust {}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}
