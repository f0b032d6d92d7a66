//! What the server asks of the system it runs on. All of it is optional.

/// Raises the limit of open descriptors to what the system allows: each client is one.
pub(crate) fn raise_descriptor_limit() {
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

/// The cores that this thread may use, where the system tells.
pub(crate) fn cores() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity};
        if let Ok(set) = sched_getaffinity(None) {
            return (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect();
        }
    }
    Vec::new()
}

/// Keeps this thread to one core.
pub(crate) fn keep_to(core: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_setaffinity};
        let mut set = CpuSet::new();
        if core < CpuSet::MAX_CPU {
            set.set(core);
        }
        match sched_setaffinity(None, &set) {
            Ok(()) => tracing::debug!(core, "the shard keeps to its core"),
            Err(error) => tracing::warn!(core, %error, "the shard cannot keep to the core"),
        }
    }
    #[cfg(not(target_os = "linux"))]
    tracing::warn!(core, "this system does not keep threads to cores");
}

/// Lets other threads go first. On Linux niceness belongs to a thread.
pub(crate) fn be_nice(nice: u16) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(i32::from(nice)) {
        tracing::debug!(%error, "the control threads keep their priority");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = nice;
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_to_the_core_it_is_given() {
        let all = cores();
        let last = *all.last().unwrap();
        let kept = std::thread::spawn(move || {
            keep_to(last);
            cores()
        });
        assert_eq!(kept.join().unwrap(), [last]);
        assert_eq!(cores(), all, "and only that thread");
    }
}
