//! What the process itself uses, where the system tells (Linux).

/// Figures of this process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Process {
    /// Memory that is resident, bytes.
    pub(super) rss_bytes: u64,
    /// Open descriptors.
    pub(super) fds: u64,
    /// Threads.
    pub(super) threads: u64,
}

/// Reads the figures; `None` on systems without `/proc`.
pub(super) fn read() -> Option<Process> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let fds = std::fs::read_dir("/proc/self/fd").ok()?.count() as u64;
    Some(Process {
        rss_bytes: field(&status, "VmRSS:")? * 1024,
        fds,
        threads: field(&status, "Threads:")?,
    })
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_all_of_it() {
        let process = read().unwrap();
        assert!(process.rss_bytes > 100_000 && process.fds >= 3 && process.threads >= 1);
    }
}
