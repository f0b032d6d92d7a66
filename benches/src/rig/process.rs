//! What the kernel says of a process: CPU time and memory.

use std::collections::BTreeMap;
use std::{fs, io};

/// CPU time of each thread of a process, nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Cpu(BTreeMap<u32, u64>);

impl Cpu {
    /// Of the process `pid`, the kernel's helpers of its rings included.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn of(pid: u32) -> io::Result<Self> {
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
            let entry = entry?;
            let thread = entry.file_name().to_string_lossy().parse().ok();
            // A thread may end between the listing and the reading.
            let text = fs::read_to_string(entry.path().join("schedstat")).ok();
            let on_cpu = text.as_deref().and_then(|text| text.split_whitespace().next());
            if let (Some(thread), Some(ns)) = (thread, on_cpu.and_then(|ns| ns.parse().ok())) {
                threads.insert(thread, ns);
            }
        }
        Ok(Self(threads))
    }

    /// What has been used since `before`. What a thread used that has ended in between is left out: the
    /// threads that matter live as long as their process.
    pub fn since_ns(&self, before: &Self) -> u64 {
        let used = |(thread, ns): (&u32, &u64)| {
            ns.saturating_sub(before.0.get(thread).copied().unwrap_or(0))
        };
        self.0.iter().map(used).sum()
    }
}

/// Memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All that is resident, KiB.
    pub resident_kb: u64,
    /// The part of it that is not backed by files: heap and stacks, KiB.
    pub anonymous_kb: u64,
}

impl Memory {
    /// Of the process `pid`.
    ///
    /// # Errors
    /// When there is no such process, or the kernel does not say.
    pub fn of(pid: u32) -> io::Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        match (field("VmRSS:"), field("RssAnon:")) {
            (Some(resident_kb), Some(anonymous_kb)) => Ok(Self { resident_kb, anonymous_kb }),
            _ => Err(io::Error::other("no VmRSS and RssAnon in /proc")),
        }
    }

    /// How much more there is than `before`, KiB for each of `count`: resident and anonymous.
    pub fn grown_kb(&self, before: &Self, count: u32) -> (f64, f64) {
        let each = |now: u64, before: u64| (now as f64 - before as f64) / f64::from(count.max(1));
        (each(self.resident_kb, before.resident_kb), each(self.anonymous_kb, before.anonymous_kb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_in_the_cpu_time_of_this_process() {
        let own = std::process::id();
        let before = Cpu::of(own).unwrap();
        let begin = std::time::Instant::now();
        while begin.elapsed().as_millis() < 30 {
            std::hint::black_box(0);
        }
        assert!(Cpu::of(own).unwrap().since_ns(&before) > 1_000_000);
        assert!(Cpu::of(u32::MAX).is_err());
    }

    #[test]
    fn memory_is_told_and_shared_out() {
        let memory = Memory::of(std::process::id()).unwrap();
        assert!(memory.resident_kb >= memory.anonymous_kb && memory.anonymous_kb > 0);
        let more = Memory { resident_kb: memory.resident_kb + 300, ..memory };
        assert_eq!(more.grown_kb(&memory, 100), (3.0, 0.0));
    }
}
