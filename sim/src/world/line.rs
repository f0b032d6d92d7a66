//! A client's line to the room: ordered both ways, late by delay and jitter, until it is cut.

use std::collections::VecDeque;

use tickwire_game::Dice;
use tickwire_room::ConnId;
use tickwire_wire::close::Close;

/// What the room sends.
#[derive(Debug, Clone)]
pub(super) enum Down {
    Message(Vec<u8>),
    Close(Close),
}

/// One line. Messages keep their order, as on TCP: a late one holds up those behind it.
#[derive(Debug)]
pub(super) struct Line {
    conn: Option<ConnId>,
    delay_us: u64,
    jitter_us: u32,
    dice: Dice,
    /// With their times of arrival.
    up: VecDeque<(u64, Vec<u8>)>,
    down: VecDeque<(u64, Down)>,
    /// Arrival of the newest message each way.
    newest_up_us: u64,
    newest_down_us: u64,
}

impl Line {
    /// A line that is not connected.
    pub(super) fn new(delay_us: u32, jitter_us: u32, dice: Dice) -> Self {
        Self {
            conn: None,
            delay_us: delay_us.into(),
            jitter_us,
            dice,
            up: VecDeque::new(),
            down: VecDeque::new(),
            newest_up_us: 0,
            newest_down_us: 0,
        }
    }

    /// Connects it as `conn`.
    pub(super) fn open(&mut self, conn: ConnId) {
        self.conn = Some(conn);
    }

    /// Whether it is connected, as `conn`.
    pub(super) fn is(&self, conn: ConnId) -> bool {
        self.conn == Some(conn)
    }

    /// Cuts it: what is under way is lost.
    pub(super) fn cut(&mut self) -> Option<ConnId> {
        self.up.clear();
        self.down.clear();
        self.conn.take()
    }

    pub(super) fn send_up(&mut self, now_us: u64, bytes: Vec<u8>) {
        self.newest_up_us = self.newest_up_us.max(self.arrival_us(now_us));
        self.up.push_back((self.newest_up_us, bytes));
    }

    pub(super) fn send_down(&mut self, now_us: u64, down: Down) {
        self.newest_down_us = self.newest_down_us.max(self.arrival_us(now_us));
        self.down.push_back((self.newest_down_us, down));
    }

    /// Hands the room what has arrived there.
    pub(super) fn deliver_up(&mut self, now_us: u64, mut receive: impl FnMut(ConnId, &[u8])) {
        let Some(conn) = self.conn else { return };
        while let Some((_, bytes)) = self.up.pop_front_if(|(at_us, _)| *at_us <= now_us) {
            receive(conn, &bytes);
        }
    }

    /// The next message that has arrived at the client.
    pub(super) fn take_down(&mut self, now_us: u64) -> Option<Down> {
        self.down.pop_front_if(|(at_us, _)| *at_us <= now_us).map(|(_, down)| down)
    }

    fn arrival_us(&mut self, now_us: u64) -> u64 {
        now_us + self.delay_us + u64::from(self.dice.below(self.jitter_us + 1))
    }
}
