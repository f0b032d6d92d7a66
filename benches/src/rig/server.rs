//! The real server as a part.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tickwire_server::config::IoChoice;
use tickwire_server::{Config, Server};

use super::inside::say;
use super::job::{Io, Order, ServerJob};
use super::{Said, rooms};
use crate::arena::Arena;
use crate::fixed::FixedKind;

/// Longer than any bench: what would end idle rooms and silent sockets does not happen.
const NEVER_MS: u64 = 3_600_000;

/// Tick rate by which the server counts its cohorts.
const COHORT_HZ: u16 = 30;

/// Serves until the process ends.
pub(super) fn run(job: &ServerJob, orders: &Receiver<Order>) -> Result<(), String> {
    let server = Server::new(config(job)).game::<Arena>().kind(Arc::new(FixedKind::new()));
    let running = server.start().map_err(|error| error.to_string())?;
    say(&Said::Ready(running.addr()))?;
    // Nobody orders a server anything: this ends with the process.
    while orders.recv().is_ok() {}
    drop(running);
    Ok(())
}

/// One shard, limits per address lifted, one room open.
fn config(job: &ServerJob) -> Config {
    let mut config = Config::default();
    config.listen.set_port(0);
    config.room.id = rooms::name(0);
    config.room.game = job.game.name().to_owned();
    config.room.bots = 0;
    config.room.options = job.game.options().to_string();
    config.rooms.idle_close_ms = NEVER_MS;
    config.rooms.level = job.level;
    config.rooms.max = 100_000;
    config.shard.count = 1;
    config.shard.io = match job.io {
        Io::Epoll => IoChoice::Epoll,
        Io::Uring => IoChoice::Uring,
    };
    // All rooms are opened at once, and how many are too many is what is measured.
    config.shard.budget_percent = 0;
    // The setting counts wake-ups in a period of 30 Hz; at twice the rate it takes twice as many for
    // the same number of places within the rooms' own period.
    config.shard.cohorts = job.cohorts * (job.tick_hz / COHORT_HZ).max(1);
    let limits = &mut config.limits;
    limits.hello_ms = 600_000;
    limits.idle_ms = NEVER_MS;
    limits.rest_per_s = 100_000;
    limits.per_ip_unauthenticated = 100_000;
    limits.per_ip_sockets = 1_000_000;
    limits.per_ip_reservations = 1_000_000;
    config
}
