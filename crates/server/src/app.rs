//! What the parts of the control plane share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tickwire_room::{GameKind, TicketKey};
use tracing::{error, info};

use crate::assets::AssetStore;
use crate::clock::Clock;
use crate::config::Config;
use crate::directory::Directory;
use crate::http::Origins;
use crate::metrics::Metrics;
use crate::per_ip::PerIp;
use crate::shards::Shards;
use crate::tls::Tls;

/// The state of the control plane.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    /// The games of this binary, by name.
    pub(crate) kinds: BTreeMap<&'static str, Arc<dyn GameKind>>,
    pub(crate) assets: Arc<AssetStore>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) per_ip: Arc<PerIp>,
    pub(crate) origins: Origins,
    /// Where the listener has it.
    pub(crate) tls: Option<Tls>,
    pub(crate) shards: Shards,
    /// Signs seat tickets; new with each start, so that tickets of an earlier one mean nothing.
    pub(crate) ticket_key: TicketKey,
    pub(crate) draining: AtomicBool,
}

impl App {
    /// Reads certificate and key again; matches go on as they are.
    pub(crate) fn reload_tls(&self) {
        let Some(tls) = &self.tls else { return };
        match tls.reload() {
            Ok(()) => {
                self.metrics.http.tls_reloads.add(1);
                info!("new connections get the certificate just read");
            }
            Err(error) => {
                self.metrics.http.failed_tls_reloads.add(1);
                error!(%error, "the certificate stays as it was");
            }
        }
    }

    /// Whether the server is ending.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
