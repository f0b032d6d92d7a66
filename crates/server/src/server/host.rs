//! What the server asks of the system it runs on. All of it is optional.

/// Raises the limit of open descriptors to what the system allows: each client is one.
pub(super) fn raise_descriptor_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        if limit.current < limit.maximum {
            limit.current = limit.maximum;
            if let Err(error) = setrlimit(Resource::Nofile, limit) {
                tracing::debug!(%error, "the descriptor limit stays as it is");
            }
        }
    }
}

/// Lets other threads go first. On Linux niceness belongs to a thread.
pub(super) fn be_nice(nice: u16) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(i32::from(nice)) {
        tracing::debug!(%error, "the control threads keep their priority");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = nice;
}
