//! A part's own life: it is pinned to its core, does its job, and ends with its parent.

use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

use super::part::PART;
use super::{Job, Order, Said, bare, load, server};
use crate::limits::PART_LIFE_S;

/// Does a part's job when this process has been started as one; a bench calls it first of all.
/// `None`: it has not.
pub fn take_over() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next()? != PART {
        return None;
    }
    let job = arguments.next().unwrap_or_default();
    let done = serde_json::from_str(&job)
        .map_err(|error| format!("{error}: {job}"))
        .and_then(|job: Job| run(&job));
    Some(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // The parent may be gone, and then nobody wants to know.
            let _ = say(&Said::Failed(why));
            ExitCode::FAILURE
        }
    })
}

fn run(job: &Job) -> Result<(), String> {
    pin(job.core())?;
    raise_descriptor_limit();
    let orders = follow_parent();
    match job {
        Job::Server(job) => server::run(job, &orders),
        Job::Bare(job) => bare::run(job),
        Job::Load(job) => load::run(job, &orders),
    }
}

/// Says something to the parent.
///
/// # Errors
/// When it no longer listens.
pub(super) fn say(said: &Said) -> Result<(), String> {
    let mut line = serde_json::to_vec(said).map_err(|error| error.to_string())?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line).and_then(|()| out.flush()).map_err(|error| error.to_string())
}

/// Threads inherit it: called before any is started.
fn pin(core: usize) -> Result<(), String> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores)
        .map_err(|error| format!("core {core} cannot be had ({error}): two are needed"))
}

/// Each client is a descriptor.
fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Then it stays as it is, and connecting says so when it is too low.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// Hands out the parent's orders, and ends this process when there can be no more of them, or when it
/// has lived too long.
#[expect(clippy::disallowed_methods, reason = "nobody is left who would want a clean end")]
fn follow_parent() -> Receiver<Order> {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(PART_LIFE_S));
        std::process::exit(2);
    });
    let (sender, orders) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if let Ok(order) = serde_json::from_str(&line) {
                // Those who take no orders drop them.
                let _ = sender.send(order);
            }
        }
        std::process::exit(0);
    });
    orders
}
