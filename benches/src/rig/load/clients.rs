//! All clients together.

use std::io;
use std::net::SocketAddr;

use tickwire_wire::message::PING;
use tickwire_wire::websocket::Opcode;

use super::client::{Around, Client, Standing, frame};
use super::net::{Arrival, Net};
use super::player::{Known, Player};
use super::report::Stormed;
use super::tally::{Tally, percentiles_ms};
use crate::arena;
use crate::limits::{FIXED_INPUT_BYTES, VERIFY_EVERY};
use crate::rig::clock::now_ns;
use crate::rig::job::{LoadJob, Manner};
use crate::spread::Spread;

/// Bytes of the head and mask of a short frame.
const HEAD_BYTES: usize = 6;

/// All clients of a load.
pub(super) struct Clients {
    job: LoadJob,
    clients: Vec<Client>,
    known: Known,
    /// The players of each room, by the workload's law.
    laws: Vec<arena::crowd::Crowd>,
    /// The input of those who play nothing.
    fixed_input: Vec<u8>,
    pub(super) tally: Tally,
    replies: Vec<(u32, Vec<u8>)>,
    /// Those whose connection is of no more use.
    ended: Vec<u32>,
    /// Those who are to read no more.
    muted: Vec<u32>,
    /// Those who have shaken hands.
    settled: Vec<u32>,
    playing: u32,
    joining: usize,
}

impl Clients {
    pub(super) fn new(job: &LoadJob) -> Self {
        let law = |room: u32| arena::crowd::Crowd::new(job.per_room, job.tick_hz, room.into());
        let seated = job.manner == Manner::Arena;
        let mut payload = vec![0; FIXED_INPUT_BYTES - HEAD_BYTES];
        payload[0] = PING;
        Self {
            clients: (0..job.clients()).map(Client::new).collect(),
            known: Known::new(),
            laws: if seated { (0..job.rooms).map(law).collect() } else { Vec::new() },
            fixed_input: frame(1, Opcode::Binary, &payload),
            tally: Tally::new(job.rooms),
            replies: Vec::new(),
            settled: Vec::new(),
            muted: Vec::new(),
            ended: Vec::new(),
            playing: 0,
            joining: 0,
            job: job.clone(),
        }
    }

    /// How many are in.
    pub(super) fn playing(&self) -> u32 {
        self.playing
    }

    /// How many shake hands.
    pub(super) fn joining(&self) -> usize {
        self.joining
    }

    /// The first thing that went wrong.
    pub(super) fn fault(&self) -> Option<&str> {
        self.tally.fault.as_deref()
    }

    /// Lets one begin to connect; with a ticket it takes a new seat, without one its old.
    pub(super) fn connect(
        &mut self,
        number: u32,
        ticket: Option<String>,
        address: SocketAddr,
        net: &mut Net,
        now_ns: u64,
    ) -> Result<(), String> {
        let client = &mut self.clients[number as usize];
        if let Some(ticket) = ticket {
            let verifies = number.is_multiple_of(VERIFY_EVERY) && !self.job.is_mute(number);
            let room = number / u32::from(self.job.per_room);
            client.player = Some(Box::new(Player::new(room, ticket, verifies, &self.known)));
        }
        client.connecting(now_ns);
        self.joining += 1;
        net.connect(number, address, self.job.is_mute(number))
            .map_err(|error| format!("connecting: {error}"))
    }

    /// Takes in what came for one of them.
    pub(super) fn take(&mut self, number: u32, arrival: Arrival<'_>) {
        let client = &mut self.clients[number as usize];
        let was = client.standing();
        let mut around = Around {
            job: &self.job,
            known: &self.known,
            tally: &mut self.tally,
            replies: &mut self.replies,
            settled: &mut self.settled,
            now_ns: now_ns(),
        };
        if let Err(fault) = client.take(arrival, &mut around)
            && was != Standing::Away
        {
            client.cut();
            self.ended.push(number);
            self.tally.totals.closed += 1;
            self.tally.fail(|| format!("client {number}: {fault}"));
        }
        let is = self.clients[number as usize].standing();
        if self.job.is_mute(number) && was != is && is == Standing::Playing {
            self.muted.push(number);
        }
        self.count(was, is);
    }

    fn count(&mut self, was: Standing, is: Standing) {
        self.playing -= u32::from(was == Standing::Playing);
        self.playing += u32::from(is == Standing::Playing);
        self.joining -= usize::from(was == Standing::Joining);
        self.joining += usize::from(is == Standing::Joining);
    }

    /// Sends what they have to answer.
    pub(super) fn answer(&mut self, net: &mut Net) -> io::Result<()> {
        for client in self.settled.drain(..).filter(|client| !self.job.is_mute(*client)) {
            net.settle(client)?;
        }
        for client in self.muted.drain(..) {
            net.mute(client)?;
        }
        for client in self.ended.drain(..) {
            net.close(client);
        }
        for (client, bytes) in self.replies.drain(..) {
            net.send(client, &bytes);
        }
        Ok(())
    }

    /// Sends the input of one of them, which has been due for `late_ns`.
    pub(super) fn input(&mut self, number: u32, now_ns: u64, late_ns: u64, net: &mut Net) {
        let client = &mut self.clients[number as usize];
        let is_silent = self.job.manner == Manner::Idle || self.job.is_mute(number);
        if is_silent || client.standing() != Standing::Playing {
            return;
        }
        self.tally.sent(now_ns, late_ns);
        match &mut client.player {
            None => net.send(number, &self.fixed_input),
            Some(player) => {
                let per_room = u32::from(self.job.per_room);
                let law = &mut self.laws[(number / per_room) as usize];
                let input = law.input((number % per_room) as usize);
                let message = player.input(now_ns, &input, &mut self.known);
                net.send(number, &frame(now_ns as u32, Opcode::Binary, &message));
            }
        }
    }

    /// Closes every connection at once.
    pub(super) fn cut(&mut self, net: &mut Net) {
        for (number, client) in (0..).zip(&mut self.clients) {
            net.close(number);
            client.cut();
        }
        self.ended.clear();
        (self.playing, self.joining) = (0, 0);
    }

    /// What has come of a storm that began at `cut_ns`.
    pub(super) fn stormed(&self, cut_ns: u64) -> Stormed {
        let (mut accept, mut playing) = (Spread::default(), Spread::default());
        for client in &self.clients {
            let times = &client.times;
            let ns = |from_ns, to_ns: Option<u64>| Some(to_ns?.saturating_sub(from_ns));
            accept.extend(ns(times.connect_ns, times.accepted_ns));
            playing.extend(ns(cut_ns, times.playing_ns));
        }
        let all = self.clients.len();
        let last = (all as f64 * 0.99).ceil() as usize;
        Stormed {
            clients: all as u32,
            back: self.playing,
            playing_again_99_s: playing.nth_ns(last.saturating_sub(1)).map(|ns| ns as f64 / 1e9),
            accept_ms: percentiles_ms(&mut accept),
            playing_ms: percentiles_ms(&mut playing),
            fault: self.tally.fault.clone(),
        }
    }

    /// Gives up on all inputs that are not answered; returns how many of the window's there were.
    pub(super) fn give_up_echoes(&mut self, now_ns: u64) -> u64 {
        let Self { clients, tally, .. } = self;
        let players = clients.iter_mut().filter_map(|client| client.player.as_mut());
        players.map(|player| player.give_up_echoes(now_ns, tally)).sum()
    }
}
