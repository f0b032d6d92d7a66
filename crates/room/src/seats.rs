//! Who sits where: humans with everything that outlives a connection, and the bots between them.

mod bots;
mod seat;

use std::collections::BTreeMap;

use tickwire_game::{Connection, LeaveReason, PlayerId, Profile};

use crate::any::{ConnId, Hold, ReserveError};
use crate::limits::{RESERVATION_US, RESUME_WINDOW_MS};
use crate::resume::ResumeToken;
use crate::ticket::{Ticket, TicketError};
use bots::Bots;
pub(crate) use seat::{Presence, Seat};

/// The seats of one room.
#[derive(Debug)]
pub(crate) struct Seats {
    /// Most humans and bots at once.
    limit: usize,
    humans: BTreeMap<PlayerId, Seat>,
    bots: Bots,
    /// The player id given out last.
    last_id: u16,
    /// What the world has not been told yet.
    news: News,
}

/// What the next tick tells the world about its players.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Players to enter.
    pub(crate) joins: Vec<(PlayerId, Profile)>,
    /// Players who go.
    pub(crate) leaves: Vec<(PlayerId, LeaveReason)>,
    /// Players cut off or back.
    pub(crate) connections: Vec<(PlayerId, Connection)>,
}

/// Why a resume token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ResumeError {
    /// Not the text of a token.
    #[error("the resume token is malformed")]
    Malformed,
    /// Nobody has that seat any more.
    #[error("the seat is gone; join again")]
    NoSeat,
    /// The token is not the seat's.
    #[error("the resume token is not the newest of its seat")]
    Wrong,
}

impl Seats {
    /// Empty seats, of which bots fill up `bots`.
    pub(crate) fn new(limit: u16, bots: u16, seed: u64) -> Self {
        let bots = Bots::new(usize::from(bots.min(limit)), seed);
        let limit = usize::from(limit);
        Self { limit, humans: BTreeMap::new(), bots, last_id: 0, news: News::default() }
    }

    /// Keeps a seat until somebody comes with the ticket of this `nonce`.
    pub(crate) fn reserve(
        &mut self,
        now_us: u64,
        profile: Profile,
        nonce: u64,
    ) -> Result<(PlayerId, u64), ReserveError> {
        self.expire(now_us);
        if self.humans.len() >= self.limit {
            return Err(ReserveError::Full);
        }
        let player = self.fresh_id().ok_or(ReserveError::Full)?;
        let expires_us = now_us.saturating_add(RESERVATION_US);
        self.humans.insert(player, Seat::reserved(profile, nonce, expires_us));
        Ok((player, expires_us))
    }

    /// Keeps `hold` as long as the seat of `player` is only reserved.
    pub(crate) fn hold(&mut self, player: PlayerId, hold: Hold) {
        if let Some(seat) = self.humans.get_mut(&player)
            && matches!(seat.presence, Presence::Reserved { .. })
        {
            seat.hold = Some(hold);
        }
    }

    /// Seats `conn` on the reservation of a ticket whose signature has been checked.
    pub(crate) fn claim(&mut self, ticket: &Ticket, conn: ConnId) -> Result<(), TicketError> {
        let seat = self.humans.get_mut(&ticket.player()).ok_or(TicketError::Used)?;
        if seat.nonce != ticket.nonce || !matches!(seat.presence, Presence::Reserved { .. }) {
            return Err(TicketError::Used);
        }
        seat.presence = Presence::Online(conn);
        seat.hold = None;
        Ok(())
    }

    /// The seat that a resume token opens, once the token has been checked.
    pub(crate) fn resume(&mut self, text: &str) -> Result<(PlayerId, &mut Seat), ResumeError> {
        let token = ResumeToken::parse(text).ok_or(ResumeError::Malformed)?;
        let player = token.player();
        let seat = self.humans.get_mut(&player).ok_or(ResumeError::NoSeat)?;
        if seat.tokens.prove(&token) { Ok((player, seat)) } else { Err(ResumeError::Wrong) }
    }

    /// Seats `conn` on a seat that was taken before; returns the connection it replaces.
    pub(crate) fn take_over(&mut self, player: PlayerId, conn: ConnId) -> Option<ConnId> {
        let seat = self.humans.get_mut(&player)?;
        match std::mem::replace(&mut seat.presence, Presence::Online(conn)) {
            Presence::Online(old) => Some(old),
            Presence::Away { .. } => {
                self.news.connections.push((player, Connection::Online));
                None
            }
            Presence::Reserved { .. } => None,
        }
    }

    /// The connection of `player` is gone: the seat is kept for a while.
    pub(crate) fn away(&mut self, now_us: u64, player: PlayerId) {
        let until_us = now_us.saturating_add(u64::from(RESUME_WINDOW_MS) * 1000);
        if let Some(seat) = self.humans.get_mut(&player) {
            seat.presence = Presence::Away { until_us };
            self.news.connections.push((player, Connection::Away));
        }
    }

    /// Gives the seat of `player` up.
    pub(crate) fn leave(&mut self, player: PlayerId, why: LeaveReason) {
        if self.humans.remove(&player).is_some_and(|seat| seat.entered) {
            self.news.leaves.push((player, why));
        }
    }

    /// Gives up the reservations and away seats whose time is over.
    pub(crate) fn expire(&mut self, now_us: u64) {
        let news = &mut self.news;
        self.humans.retain(|&player, seat| {
            let keep = seat.presence.lasts(now_us);
            if !keep && seat.entered {
                news.leaves.push((player, LeaveReason::Lost));
            }
            keep
        });
    }

    /// The connections that have let messages wait for `timeout_us` without acknowledging any.
    pub(crate) fn stuck(&mut self, now_us: u64, timeout_us: u64) -> Vec<ConnId> {
        let stuck = |seat: &mut Seat| {
            let conn = seat.conn()?;
            (seat.tail.blocked_us(now_us) >= timeout_us).then_some(conn)
        };
        self.humans.values_mut().filter_map(stuck).collect()
    }

    /// What the tick `tick` tells the world. The players in `joins` have not entered until
    /// [`entered`](Self::entered) or [`refused`](Self::refused) says what became of them.
    pub(crate) fn news(&mut self, tick: u32) -> News {
        let mut news = std::mem::take(&mut self.news);
        // Those who left before they had entered were never heard of.
        news.connections.retain(|(player, _)| self.humans.contains_key(player));
        let seated = |seat: &&Seat| !matches!(seat.presence, Presence::Reserved { .. });
        let humans = self.humans.values().filter(seated).count();
        let wanted = self.bots.wanted(humans, tick);
        while self.bots.len() > wanted
            && let Some(bot) = self.bots.remove_newest()
        {
            news.leaves.push((bot, LeaveReason::Yielded));
        }
        let waiting = self.humans.iter().filter(|(_, seat)| seated(seat) && !seat.entered);
        news.joins.extend(waiting.map(|(&player, seat)| (player, seat.profile.clone())));
        while self.bots.len() < wanted
            && let Some(bot) = self.fresh_id()
        {
            news.joins.push((bot, self.bots.add(bot)));
        }
        news
    }

    /// The world has let `player` in.
    pub(crate) fn entered(&mut self, player: PlayerId) {
        if let Some(seat) = self.humans.get_mut(&player) {
            seat.entered = true;
        }
    }

    /// The world has not let `player` in. Bots wait before they try again.
    pub(crate) fn refused(&mut self, player: PlayerId, retry_tick: u32) {
        self.humans.remove(&player);
        self.bots.refused(player, retry_tick);
    }

    /// The seat of a human.
    pub(crate) fn get(&self, player: PlayerId) -> Option<&Seat> {
        self.humans.get(&player)
    }

    /// The seat of a human.
    pub(crate) fn get_mut(&mut self, player: PlayerId) -> Option<&mut Seat> {
        self.humans.get_mut(&player)
    }

    /// The humans' seats, reservations included, by player id.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (PlayerId, &mut Seat)> {
        self.humans.iter_mut().map(|(&player, seat)| (player, seat))
    }

    /// Humans with a seat, reservations included.
    pub(crate) fn humans(&self) -> usize {
        self.humans.len()
    }

    /// Bots that play, by player id.
    pub(crate) fn bots(&self) -> impl Iterator<Item = PlayerId> {
        self.bots.iter()
    }

    /// Number of bots that play.
    pub(crate) fn bot_count(&self) -> usize {
        self.bots.len()
    }

    /// The next player id that nobody has; ids come round only after all others.
    fn fresh_id(&mut self) -> Option<PlayerId> {
        for _ in 0..=u16::MAX {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            let player = PlayerId(self.last_id);
            if !self.humans.contains_key(&player) && !self.bots.contains(player) {
                return Some(player);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONN: ConnId = ConnId(1);

    fn profile(name: &str) -> Profile {
        Profile { name: name.into(), ..Profile::default() }
    }

    fn ticket(player: PlayerId, nonce: u64) -> Ticket {
        Ticket { room: String::new(), player: player.0, nonce, expires_us: u64::MAX }
    }

    /// Tells the world everything; it lets everyone in.
    fn tell(seats: &mut Seats) -> News {
        let news = seats.news(1);
        news.joins.iter().for_each(|(player, _)| seats.entered(*player));
        news
    }

    fn sit(seats: &mut Seats, nonce: u64) -> PlayerId {
        let (player, _) = seats.reserve(0, profile("Ada"), nonce).unwrap();
        seats.claim(&ticket(player, nonce), CONN).unwrap();
        player
    }

    #[test]
    fn a_ticket_opens_its_seat_once() {
        let mut seats = Seats::new(2, 0, 1);
        let (player, expires_us) = seats.reserve(5, profile("Ada"), 9).unwrap();
        assert_eq!(expires_us, 5 + RESERVATION_US);
        assert_eq!(seats.claim(&ticket(player, 8), CONN), Err(TicketError::Used));
        assert_eq!(seats.claim(&ticket(player, 9), CONN), Ok(()));
        assert_eq!(seats.claim(&ticket(player, 9), CONN), Err(TicketError::Used));
    }

    #[test]
    fn reservations_hold_seats_and_lapse() {
        let mut seats = Seats::new(2, 0, 1);
        let (first, _) = seats.reserve(0, profile("a"), 1).unwrap();
        seats.reserve(10, profile("b"), 2).unwrap();
        assert_eq!(seats.reserve(20, profile("c"), 3), Err(ReserveError::Full));
        let (third, _) = seats.reserve(RESERVATION_US, profile("c"), 3).unwrap();
        assert_ne!(first, third);
        assert_eq!(seats.claim(&ticket(first, 1), CONN), Err(TicketError::Used));
        // The world never heard of any of them.
        assert!(tell(&mut seats).leaves.is_empty());
    }

    #[test]
    fn a_hold_ends_with_its_reservation() {
        let mut seats = Seats::new(3, 0, 1);
        let held = std::sync::Arc::new(());
        let count = || std::sync::Arc::strong_count(&held) - 1;
        let (claimed, _) = seats.reserve(0, profile("a"), 1).unwrap();
        let (lapsed, _) = seats.reserve(0, profile("b"), 2).unwrap();
        for player in [claimed, lapsed] {
            seats.hold(player, Hold::new(std::sync::Arc::clone(&held)));
        }
        assert_eq!(count(), 2);
        seats.claim(&ticket(claimed, 1), CONN).unwrap();
        assert_eq!(count(), 1);
        for nobody in [claimed, PlayerId(77)] {
            seats.hold(nobody, Hold::new(std::sync::Arc::clone(&held)));
            assert_eq!(count(), 1, "neither a taken seat nor a missing one holds anything");
        }
        seats.expire(RESERVATION_US);
        assert_eq!(count(), 0);
    }

    #[test]
    fn bots_fill_up_yield_and_return() {
        let mut seats = Seats::new(4, 3, 1);
        assert_eq!(tell(&mut seats).joins.len(), 3);
        let human = sit(&mut seats, 1);
        let news = tell(&mut seats);
        assert_eq!((news.joins.len(), news.leaves.len()), (1, 1));
        assert_eq!(news.leaves[0].1, LeaveReason::Yielded);
        assert_eq!(seats.bot_count(), 2);
        (2..=4).for_each(|nonce| _ = sit(&mut seats, nonce));
        assert_eq!(tell(&mut seats).leaves.len(), 2);
        assert_eq!((seats.bot_count(), seats.humans()), (0, 4));
        seats.leave(human, LeaveReason::Left);
        tell(&mut seats);
        assert_eq!(seats.bot_count(), 0);
        seats.away(0, PlayerId(5));
        tell(&mut seats);
        assert_eq!(seats.bot_count(), 0, "a seat that is kept is not a free seat");
    }

    #[test]
    fn a_reservation_moves_no_bot() {
        let mut seats = Seats::new(4, 4, 1);
        tell(&mut seats);
        seats.reserve(0, profile("Ada"), 1).unwrap();
        tell(&mut seats);
        assert_eq!(seats.bot_count(), 4);
    }

    #[test]
    fn player_ids_come_round_only_after_all_others() {
        let mut seats = Seats::new(3, 0, 1);
        let resident = sit(&mut seats, 0);
        let mut seen = std::collections::BTreeSet::from([resident]);
        for nonce in 1..u64::from(u16::MAX) {
            let player = sit(&mut seats, nonce);
            assert!(!player.is_none() && seen.insert(player));
            seats.leave(player, LeaveReason::Left);
        }
        let again = sit(&mut seats, 0);
        assert_ne!(again, resident);
        assert!(!seen.insert(again));
    }

    #[test]
    fn away_seats_are_kept_for_a_while() {
        let mut seats = Seats::new(2, 0, 1);
        let player = sit(&mut seats, 1);
        tell(&mut seats);
        seats.away(1_000, player);
        assert_eq!(tell(&mut seats).connections, [(player, Connection::Away)]);
        seats.expire(30_000_999);
        assert!(seats.get(player).is_some());
        assert_eq!(seats.take_over(player, CONN), None);
        assert_eq!(tell(&mut seats).connections, [(player, Connection::Online)]);
        seats.away(1_000, player);
        seats.expire(30_001_000);
        assert_eq!(tell(&mut seats).leaves, [(player, LeaveReason::Lost)]);
    }
}
