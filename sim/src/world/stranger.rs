//! A connection that sends what it likes: nonsense, forged tickets, a true client's messages with
//! bits flipped.

use tickwire_client::session::{Options, Session};
use tickwire_game::Dice;
use tickwire_room::ConnId;

use super::line::Down;

/// Messages per second.
const MESSAGES_PER_S: f32 = 40.0;
/// Time between two connections, in µs.
const PAUSE_US: u64 = 300_000;

/// One of them.
pub(super) struct Stranger {
    /// Makes true messages to be spoilt.
    session: Session,
    /// A ticket that the room would take; empty when there was no seat left.
    ticket: String,
    dice: Dice,
    conn: Option<ConnId>,
    /// When to connect again.
    connect_us: u64,
    /// Whether this connection began with a true Hello.
    greeted: bool,
    /// The room has closed the connection.
    closed: bool,
    pub(super) messages: u32,
    pub(super) closes: u32,
}

impl Stranger {
    pub(super) fn new(ticket: String, seed: u64, index: usize) -> Self {
        Self {
            session: Session::new(ticket.clone(), Options::default()),
            ticket,
            dice: Dice::new(seed, 3, index as u64),
            conn: None,
            connect_us: 0,
            greeted: false,
            closed: false,
            messages: 0,
            closes: 0,
        }
    }

    pub(super) fn is(&self, conn: ConnId) -> bool {
        self.conn == Some(conn)
    }

    pub(super) fn wants_connection(&self, now_us: u64) -> bool {
        self.conn.is_none() && now_us >= self.connect_us
    }

    pub(super) fn open(&mut self, conn: ConnId) {
        self.conn = Some(conn);
        self.greeted = false;
        self.closed = false;
    }

    /// What the room says.
    pub(super) fn hear(&mut self, down: &Down) {
        match down {
            Down::Message(bytes) => {
                // It may come for a Hello that was spoilt: whatever the session thinks of it.
                let _taken = self.session.receive(0, bytes);
                while self.session.poll_event().is_some() {}
            }
            Down::Close(_) => {
                self.closed = true;
                self.closes += 1;
            }
        }
    }

    /// The connection that ends now, because the room closed it.
    pub(super) fn hangs_up(&mut self) -> Option<ConnId> {
        if !self.closed {
            return None;
        }
        self.session.disconnected();
        self.conn.take()
    }

    /// What it sends in this step.
    pub(super) fn mischief(&mut self, now_us: u64) -> Vec<(ConnId, Vec<u8>)> {
        let Some(conn) = self.conn else { return Vec::new() };
        self.connect_us = now_us + PAUSE_US;
        let per_step = super::STEP_US as f32 / 1e6;
        if !self.dice.chance(MESSAGES_PER_S * per_step) {
            return Vec::new();
        }
        self.messages += 1;
        let mut message = self.true_message(now_us);
        if self.greeted || self.dice.chance(0.7) {
            self.spoil(&mut message);
        }
        vec![(conn, message)]
    }

    /// A message that a client might send.
    fn true_message(&mut self, now_us: u64) -> Vec<u8> {
        if !self.session.is_welcome() {
            if self.dice.chance(0.5) {
                self.session.rejoin(self.ticket.clone());
            }
            self.greeted = true;
            return self.session.hello(now_us);
        }
        // Whether or not it fits into the queue: something goes out.
        let _said = self.session.chat("psst");
        if let Some(number) = self.session.due_input(now_us) {
            let _queued = self.session.queue_input(number, &[2, 2, 700, 1, 1]);
        }
        self.session.take_outgoing(now_us).unwrap_or_else(|| vec![2; 13])
    }

    /// Flips, cuts, adds, or replaces it all.
    fn spoil(&mut self, message: &mut Vec<u8>) {
        let at = self.dice.below(message.len() as u32) as usize;
        match self.dice.below(6) {
            0 => {}
            1 => message.truncate(at),
            2 => message.insert(at, self.dice.bits32() as u8),
            3 => {
                let len = self.dice.below(400);
                *message = (0..len).map(|_| self.dice.bits32() as u8).collect();
            }
            _ => {
                if let Some(byte) = message.get_mut(at) {
                    *byte ^= 1 << self.dice.below(8);
                }
            }
        }
    }
}
