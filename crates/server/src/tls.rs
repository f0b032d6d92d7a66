//! TLS of the listener: certificate and key, and how they are replaced while matches go on.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config;

/// The only protocol inside: WebSocket needs HTTP/1.1.
const ALPN: &[u8] = b"http/1.1";

/// Certificate and key of the listener.
#[derive(Debug)]
pub(crate) struct Tls {
    cert: PathBuf,
    key: PathBuf,
    /// What new connections are given.
    current: RwLock<Arc<ServerConfig>>,
}

/// Why there is no TLS with the files given.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of the two settings is missing.
    #[error("`{given}` is set and `{missing}` is not: TLS needs both")]
    Half {
        /// The setting that is there.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read `{path}` (`{setting}`): {error}")]
    Unreadable {
        /// Which setting names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is not PEM, or holds nothing of the kind.
    #[error("`{path}` (`{setting}`) holds no {wanted} in PEM: {problem}")]
    NotPem {
        /// Which setting names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What should be in it.
        wanted: &'static str,
        /// What the reader says.
        problem: String,
    },
    /// Certificate and key do not belong together, or cannot be used.
    #[error("`{cert}` and `{key}` make no TLS: {error}")]
    Unusable {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        error: rustls::Error,
    },
}

impl Tls {
    /// Reads the files of the settings; `None` when there are none.
    ///
    /// # Errors
    /// When there is only one, or they cannot be used.
    pub(crate) fn open(settings: &config::Tls) -> Result<Option<Self>, TlsError> {
        let half = |given, missing| Err(TlsError::Half { given, missing });
        match (settings.cert.is_empty(), settings.key.is_empty()) {
            (true, true) => return Ok(None),
            (false, true) => return half("tls.cert", "tls.key"),
            (true, false) => return half("tls.key", "tls.cert"),
            (false, false) => {}
        }
        let (cert, key) = (PathBuf::from(&settings.cert), PathBuf::from(&settings.key));
        let current = RwLock::new(Arc::new(read(&cert, &key)?));
        Ok(Some(Self { cert, key, current }))
    }

    /// What a new connection is given.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again, for the connections from now on.
    ///
    /// # Errors
    /// When they cannot be used; what was there stays.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(read(&self.cert, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

fn read(cert: &PathBuf, key: &PathBuf) -> Result<ServerConfig, TlsError> {
    let refused = |setting, path: &PathBuf, wanted, error| match error {
        pem::Error::Io(error) => TlsError::Unreadable { setting, path: path.clone(), error },
        error => {
            let problem = error.to_string();
            TlsError::NotPem { setting, path: path.clone(), wanted, problem }
        }
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused("tls.cert", cert, "certificate", error))?;
    if chain.is_empty() {
        let error = pem::Error::NoItemsFound;
        return Err(refused("tls.cert", cert, "certificate", error));
    }
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| refused("tls.key", key, "private key", error))?;
    let unusable = |error| TlsError::Unusable { cert: cert.clone(), key: key.clone(), error };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(unusable)?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}
