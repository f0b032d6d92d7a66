//! The load: thousands of clients on one thread.
//!
//! Most clients look only at frame heads and at the own section of each snapshot, for the input that it
//! acknowledges. One in [`VERIFY_EVERY`](crate::limits::VERIFY_EVERY) decodes everything with the
//! native session and holds it against the server's hashes.
//!
//! | what | where |
//! |---|---|
//! | sockets | `net` |
//! | one client, from its handshake to its last snapshot | `client`, `handshake` |
//! | a client's part in the arena workload | `player` |
//! | seats for all of them | `tickets` |
//! | whose input is due when | `pace` |
//! | what is counted | `tally`, `report` |
//! | all clients together | `clients` |

mod client;
mod clients;
mod handshake;
mod net;
mod pace;
mod player;
pub mod report;
mod tally;
mod tickets;

use std::io;
use std::sync::mpsc::Receiver;

use super::clock::{now_ns, sleep_until_ns};
use super::inside::say;
use super::job::{LoadJob, Manner};
use super::process::Cpu;
use super::{Order, Said};
use crate::limits::{JOIN_S, JOINING_AT_ONCE, LAST_ECHO_MS, LOAD_TURN_NS, STORM_S, WARM_UP_MS};
use clients::Clients;
use net::Net;
use pace::Pace;
use report::Measured;
use tickets::Tickets;

const SECOND_NS: u64 = 1_000_000_000;
const MS_NS: u64 = 1_000_000;

/// Joins all clients, then does what it is told until nobody is left to tell it.
pub(super) fn run(job: &LoadJob, orders: &Receiver<Order>) -> Result<(), String> {
    let mut load = Load::new(job).map_err(|error| format!("load: {error}"))?;
    load.join()?;
    say(&Said::Joined)?;
    loop {
        match orders.try_recv() {
            Ok(Order::Measure { server, window_ms }) => {
                let measured = load.measure(server, window_ms)?;
                say(&Said::Measured(Box::new(measured)))?;
            }
            Ok(Order::Storm) => {
                let stormed = load.storm()?;
                say(&Said::Stormed(stormed))?;
            }
            Err(_) => load.turn()?,
        }
    }
}

/// All clients and what moves them.
struct Load<'a> {
    job: &'a LoadJob,
    net: Net,
    clients: Clients,
    pace: Pace,
    tickets: Option<Tickets>,
    /// Clients that have not begun to connect, where no tickets decide.
    to_connect: std::ops::Range<u32>,
    next_turn_ns: u64,
}

impl<'a> Load<'a> {
    fn new(job: &'a LoadJob) -> io::Result<Self> {
        let clients = job.clients();
        let seated = job.manner == Manner::Arena;
        let tickets = seated.then(|| Tickets::reserve(job)).transpose()?;
        Ok(Self {
            job,
            net: Net::new(clients, job.io)?,
            clients: Clients::new(job),
            pace: Pace::new(clients, job.tick_hz, now_ns()),
            tickets,
            to_connect: 0..if seated { 0 } else { clients },
            next_turn_ns: now_ns(),
        })
    }

    /// Brings everyone in, a bounded number at a time; those who are in play already.
    fn join(&mut self) -> Result<(), String> {
        let end_ns = now_ns() + JOIN_S * SECOND_NS;
        while self.clients.playing() < self.job.clients() {
            while self.clients.joining() < JOINING_AT_ONCE {
                let Some((client, ticket)) = self.next_to_join()? else { break };
                self.clients.connect(client, ticket, self.job.address, &mut self.net, now_ns())?;
            }
            self.turn()?;
            if let Some(fault) = self.clients.fault() {
                return Err(format!("while joining: {fault}"));
            }
            if now_ns() > end_ns {
                let (playing, all) = (self.clients.playing(), self.job.clients());
                return Err(format!("only {playing} of {all} clients are in after {JOIN_S} s"));
            }
        }
        self.tickets = None;
        Ok(())
    }

    fn next_to_join(&mut self) -> Result<Option<(u32, Option<String>)>, String> {
        match &self.tickets {
            Some(tickets) => Ok(tickets.next()?.map(|(client, ticket)| (client, Some(ticket)))),
            None => Ok(self.to_connect.next().map(|client| (client, None))),
        }
    }

    /// Takes what has come, sends what is due, and sleeps until the next turn if there is time.
    fn turn(&mut self) -> Result<(), String> {
        let failed = |error: io::Error| format!("load: {error}");
        let mut more = true;
        while more {
            let clients = &mut self.clients;
            more =
                self.net.drain(|client, arrival| clients.take(client, arrival)).map_err(failed)?;
            self.clients.answer(&mut self.net).map_err(failed)?;
            self.send_inputs();
            let clients = &mut self.clients;
            self.net.submit(|client, arrival| clients.take(client, arrival)).map_err(failed)?;
        }
        let now_ns = now_ns();
        self.next_turn_ns += LOAD_TURN_NS;
        if self.next_turn_ns > now_ns {
            sleep_until_ns(self.next_turn_ns);
        } else {
            self.next_turn_ns = now_ns;
        }
        Ok(())
    }

    fn send_inputs(&mut self) {
        // At most one round of all clients: then what has come is looked at again.
        for _ in 0..self.job.clients() {
            let now_ns = now_ns();
            let Some((client, due_ns)) = self.pace.next_due(now_ns) else { return };
            self.clients.input(client, now_ns, now_ns - due_ns, &mut self.net);
        }
    }

    fn turn_until(&mut self, end_ns: u64) -> Result<(), String> {
        while now_ns() < end_ns {
            self.turn()?;
        }
        Ok(())
    }

    /// One window, and all that it came to.
    fn measure(&mut self, server: u32, window_ms: u64) -> Result<Measured, String> {
        let cpu = |pid| Cpu::of(pid).map_err(|error| format!("CPU of process {pid}: {error}"));
        let own = std::process::id();
        self.turn_until(now_ns() + WARM_UP_MS * MS_NS)?;
        say(&Said::Begun)?;
        let (server_before, load_before) = (cpu(server)?, cpu(own)?);
        let begin_ns = now_ns();
        let end_ns = begin_ns + window_ms * MS_NS;
        self.clients.tally.begin(begin_ns, end_ns);
        self.turn_until(end_ns)?;
        let counted = self.clients.tally.end(now_ns());
        let server_cpu_ns = cpu(server)?.since_ns(&server_before);
        let load_cpu_ns = cpu(own)?.since_ns(&load_before);
        self.turn_until(now_ns() + LAST_ECHO_MS * MS_NS)?;
        let unanswered = self.clients.give_up_echoes(now_ns());
        Ok(self.clients.tally.report(&counted, server_cpu_ns, load_cpu_ns, unanswered))
    }

    /// Everyone is cut and comes back, all at once.
    fn storm(&mut self) -> Result<report::Stormed, String> {
        let cut_ns = now_ns();
        self.clients.cut(&mut self.net);
        for client in 0..self.job.clients() {
            self.clients.connect(client, None, self.job.address, &mut self.net, now_ns())?;
        }
        let end_ns = cut_ns + STORM_S * SECOND_NS;
        while self.clients.playing() < self.job.clients() && now_ns() < end_ns {
            self.turn()?;
        }
        Ok(self.clients.stormed(cut_ns))
    }
}
