//! Who and what: ids of players, teams and rows, and the addresses built from them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::row::Row;

/// A player's number in a room: also the row id in the built-in `players` table. 0 is nobody.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct PlayerId(pub u16);

impl PlayerId {
    /// Nobody.
    pub const NONE: Self = Self(0);

    /// Whether this is nobody.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A team's number, from 1. 0 is no team.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Team(pub u8);

impl Team {
    /// No team.
    pub const NONE: Self = Self(0);

    /// Whether this is no team.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a row in a [`Table<R>`](crate::Table). Ids start at 1 and are never used again within
/// a room, so an id of a removed row finds nothing rather than another row.
pub struct Id<R> {
    raw: u32,
    row: PhantomData<fn() -> R>,
}

impl<R> Id<R> {
    /// No row.
    pub const NONE: Self = Self::new(0);

    /// The id with this number; 0 is [`Id::NONE`].
    pub const fn new(raw: u32) -> Self {
        Self { raw, row: PhantomData }
    }

    /// The number that travels.
    pub const fn raw(self) -> u32 {
        self.raw
    }

    /// Whether this names no row.
    pub const fn is_none(self) -> bool {
        self.raw == 0
    }
}

// By hand, because derives would ask the same of `R`.
impl<R> Clone for Id<R> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<R> Copy for Id<R> {}
impl<R> PartialEq for Id<R> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}
impl<R> Eq for Id<R> {}
impl<R> PartialOrd for Id<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<R> Ord for Id<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.raw.cmp(&other.raw)
    }
}
impl<R> Hash for Id<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}
impl<R> Default for Id<R> {
    fn default() -> Self {
        Self::NONE
    }
}
impl<R> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.raw)
    }
}
impl<R> fmt::Display for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
impl<R> Serialize for Id<R> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.raw)
    }
}
impl<'de, R> Deserialize<'de> for Id<R> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(Self::new)
    }
}

/// Who hears an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum To {
    /// Everyone in the room, spectators too.
    Everyone,
    /// One player.
    Player(PlayerId),
    /// The players of one team.
    Team(Team),
}

/// Who sent a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    /// A player of this room.
    Player(PlayerId),
    /// The studio's back end.
    Backend,
}

/// Whose picture of the room is being decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// A player of this room.
    Player(PlayerId),
    /// Someone without a seat.
    Spectator,
}

/// A row named by its table's row type and its number: what [`View::also`](crate::View::also)
/// keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RowRef {
    /// [`Row::NAME`] of the row's type.
    pub row_type: &'static str,
    /// The row's id.
    pub id: u32,
}

impl RowRef {
    /// The untyped form of `id`.
    pub fn of<R: Row>(id: Id<R>) -> Self {
        Self { row_type: R::NAME, id: id.raw() }
    }
}
