//! The threads of the shards: started together, ended together.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::Notify;

use super::{Door, Phases, Shards};
use crate::clock::Clock;
use crate::config::{Config, Pin};
use crate::directory::Directory;
use crate::driver::Io;
use crate::host;
use crate::metrics::Metrics;
use crate::shard::{self, Alive, Mailbox, ShardContext, ShardSettings};

/// The threads.
pub(crate) struct Crew {
    threads: Vec<JoinHandle<()>>,
    /// Told when any of them ends, for whatever reason.
    ended: Arc<Notify>,
}

impl Crew {
    /// Waits until one of them has ended.
    pub(crate) async fn first_end(&self) {
        self.ended.notified().await;
    }

    /// Waits for all of them; whether none has panicked.
    pub(crate) fn join(self) -> bool {
        let ends: Vec<_> = self.threads.into_iter().map(JoinHandle::join).collect();
        ends.iter().all(Result::is_ok)
    }
}

/// How many shards there are to be.
pub(crate) fn count(config: &Config) -> usize {
    match config.shard.count {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        count => usize::from(count),
    }
}

/// Starts one shard for each in `metrics`.
///
/// # Errors
/// When the system has no more threads or descriptors.
pub(crate) fn start(
    io: Io,
    config: &Config,
    clock: Clock,
    directory: &Arc<Directory>,
    metrics: &Metrics,
) -> io::Result<(Shards, Crew)> {
    let mut crew = Crew { threads: Vec::new(), ended: Arc::default() };
    let mut doors = Vec::new();
    let cores = cores(&config.shard.pin);
    for (index, metrics) in metrics.shards.iter().enumerate() {
        let (mailbox, mail) = Mailbox::new();
        let context = ShardContext {
            index,
            clock,
            directory: Arc::clone(directory),
            metrics: Arc::clone(metrics),
            settings: ShardSettings::new(config, config.shard.cohorts),
        };
        let alive = Alive(Arc::clone(&crew.ended));
        let core = (!cores.is_empty()).then(|| cores[index % cores.len()]);
        crew.threads.push(shard::spawn(io, mail, context, core, alive)?);
        let phases = Phases::new(config.shard.cohorts);
        doors.push(Door { mailbox, metrics: Arc::clone(metrics), phases });
    }
    let budget = match config.shard.budget_percent {
        0 => f64::INFINITY,
        percent => f64::from(percent) / 100.0,
    };
    Ok((Shards::new(doors, budget), crew))
}

/// The cores to which the shards keep, in turn; none: to no particular one.
fn cores(pin: &Pin) -> Vec<usize> {
    match pin {
        Pin::No => Vec::new(),
        Pin::Own => host::cores(),
        Pin::Cores(cores) => cores.iter().copied().map(usize::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_that_fails_is_noticed_while_the_others_go_on() {
        let ended = Arc::new(Notify::new());
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let alive = [Alive(Arc::clone(&ended)), Alive(Arc::clone(&ended))];
        let [good, bad] = alive;
        let threads = vec![
            std::thread::spawn(move || {
                let _alive = good;
                // Until the test says so.
                let _ = stopped.recv();
            }),
            std::thread::spawn(move || {
                let _alive = bad;
                panic!("planted");
            }),
        ];
        let crew = Crew { threads, ended };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(crew.first_end());
        drop(stop);
        assert!(!crew.join());
    }

    #[test]
    fn there_is_one_shard_for_each_core_unless_somebody_says_how_many() {
        let mut config = Config::default();
        assert_eq!(
            Some(count(&config)),
            std::thread::available_parallelism().ok().map(usize::from)
        );
        config.shard.count = 5;
        assert_eq!(count(&config), 5);
        assert_eq!(cores(&Pin::No), [0; 0]);
        assert_eq!(cores(&Pin::Cores(vec![3, 1])), [3, 1]);
        assert_eq!(cores(&Pin::Own), host::cores());
    }
}
