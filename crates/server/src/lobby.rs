//! Opening rooms.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use rand::RngExt as _;
use serde::Deserialize;
use tickwire_game::Level;
use tickwire_room::{AnyRoom, GameKind, RoomConfig, RoomInfo};
use tickwire_wire::level::NoSuchLevel;
use tracing::{error, info};

use crate::app::App;
use crate::directory::{ClaimError, Live, RoomEntry};
use crate::shard::Mail;
use crate::shards::NoCapacity;

/// Letters of a room's id in bytes: it stands in URLs and tickets.
const ID_BYTES: usize = 64;

/// Letters of an id that the server makes up; 32^8 of them do not meet.
const MADE_UP_LETTERS: usize = 8;

/// A room to be made: the body of `POST /v1/rooms`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoomSpec {
    /// Name of the game.
    pub(crate) game: String,
    /// The game's own options; left out = its defaults.
    #[serde(default)]
    pub(crate) options: serde_json::Value,
    /// Players up to which bots fill it.
    #[serde(default)]
    pub(crate) bots: u16,
    /// How hard its snapshots are compressed: the name of a [`Level`]; left out = `rooms.level`.
    #[serde(default)]
    pub(crate) level: Option<String>,
    /// The room's name; left out = made up.
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// Whether it stays open without clients; not for REST.
    #[serde(skip)]
    pub(crate) keep: bool,
}

/// Why a room was not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("no game `{name}`; this server has {known}")]
    UnknownGame { name: String, known: String },
    #[error("there is a room `{0}` already")]
    Taken(String),
    #[error("`id` must be 1 to {ID_BYTES} of a-z, 0-9, `-` and `_`")]
    BadId,
    #[error("`bots` is {bots}, but the room has {seats} seats")]
    TooManyBots { bots: u16, seats: u16 },
    #[error("`level` is `{name}`: {error}")]
    BadLevel { name: String, error: NoSuchLevel },
    #[error("the game refuses these options: {0}")]
    Refused(String),
    #[error("the server has as many rooms as it may")]
    Full,
    #[error(transparent)]
    NoCapacity(#[from] NoCapacity),
    #[error("the server is ending")]
    Ending,
    #[error("the game failed while the room was made; the server's log says how")]
    Panicked,
}

impl App {
    /// Opens a room on a thread that may take its time, because games load maps.
    pub(crate) async fn open_room(
        self: &Arc<Self>,
        spec: RoomSpec,
    ) -> Result<Arc<RoomEntry>, OpenError> {
        let app = Arc::clone(self);
        let opening = tokio::task::spawn_blocking(move || app.open_room_now(spec));
        opening.await.unwrap_or(Err(OpenError::Panicked))
    }

    /// Opens a room on this thread.
    pub(crate) fn open_room_now(&self, spec: RoomSpec) -> Result<Arc<RoomEntry>, OpenError> {
        if self.is_draining() {
            return Err(OpenError::Ending);
        }
        let kind = self.kinds.get(spec.game.as_str()).ok_or_else(|| OpenError::UnknownGame {
            name: spec.game.clone(),
            known: self.kinds.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        })?;
        let id = spec.id.clone().unwrap_or_else(made_up_id);
        if !is_id(&id) {
            return Err(OpenError::BadId);
        }
        let level = match spec.level.clone() {
            Some(name) => match name.parse::<Level>() {
                Ok(level) => Some(level),
                Err(error) => return Err(OpenError::BadLevel { name, error }),
            },
            None => self.config.rooms.level,
        };
        let claim = self.directory.claim(&id).map_err(|error| match error {
            ClaimError::Taken => OpenError::Taken(id.clone()),
            ClaimError::Full => OpenError::Full,
        })?;
        let now_us = self.clock.now_us();
        let berth = match spec.keep {
            true => self.shards.place_first(now_us)?,
            false => self.shards.place(now_us).inspect_err(|_| {
                self.metrics.http.no_capacity.add(1);
            })?,
        };
        let mut config = RoomConfig::new(id.as_str(), rand::random(), self.ticket_key.clone());
        config.bots = spec.bots;
        config.level = level;
        config.hello_us = self.config.limits.hello_ms * 1_000;
        config.phase_us = berth.phase.us();
        let made = self.make_room(kind.as_ref(), &spec, config, now_us);
        let (room, info) = match made {
            Ok(made) => made,
            Err(error) => {
                self.shards.take_back(berth, self.clock.now_us());
                return Err(error);
            }
        };
        let shard = berth.shard();
        let entry = Arc::new(RoomEntry {
            id,
            seat: OnceLock::new(),
            phase: berth.phase,
            game: info.game,
            schema_hash: info.schema_hash.clone(),
            prior_hash: info.prior_hash.clone(),
            tick_hz: info.tick_hz,
            level: info.level,
            keep: spec.keep,
            mailbox: berth.mailbox,
            live: Live::of(&info),
        });
        // First the name, so that a room that ends at once does not leave it behind.
        claim.open(Arc::clone(&entry));
        let letter = Mail::Open { entry: Arc::clone(&entry), room };
        if entry.mailbox.send(letter).is_err() {
            self.directory.remove(&entry.id);
            return Err(OpenError::Ending);
        }
        if !spec.keep {
            let (cohort, bots) = (entry.phase.cohort(), spec.bots);
            info!(room = entry.id, game = entry.game, bots, shard, cohort, "room opened");
        }
        Ok(entry)
    }

    /// Makes a room, and refuses it where the game or its seats do.
    fn make_room(
        &self,
        kind: &dyn GameKind,
        spec: &RoomSpec,
        config: RoomConfig,
        now_us: u64,
    ) -> Result<(Box<dyn AnyRoom>, RoomInfo), OpenError> {
        let room = config.id.clone();
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let room = kind.open(&spec.options, &*self.assets, config, now_us)?;
            let info = room.info();
            Ok::<_, tickwire_game::Refusal>((room, info))
        }));
        let (room, info) = opened
            .map_err(|_| {
                error!(room, game = spec.game, "the game panicked while the room was made");
                OpenError::Panicked
            })?
            .map_err(|refusal| OpenError::Refused(refusal.reason))?;
        // The first room's bots are a wish; whoever asks for a room is told.
        if !spec.keep && spec.bots > info.seats {
            return Err(OpenError::TooManyBots { bots: spec.bots, seats: info.seats });
        }
        Ok((room, info))
    }
}

fn is_id(id: &str) -> bool {
    let is_letter = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    (1..=ID_BYTES).contains(&id.len()) && id.bytes().all(is_letter)
}

/// Letters that are not mistaken for each other when read aloud.
fn made_up_id() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    (0..MADE_UP_LETTERS)
        .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_plain() {
        assert!(is_id(&made_up_id()));
        assert_ne!(made_up_id(), made_up_id());
        for id in ["", "Room", "a b", "a/b", "ä", &"x".repeat(65)] {
            assert!(!is_id(id), "{id}");
        }
    }
}
