//! Tick entries as bytes.

use super::{Reply, TickEntry};
use crate::bytes::{ByteReader, LoadError, put_bytes, put_varint};
use crate::coding::{ColumnReader, Wire};
use crate::game::Game;
use crate::ids::{From, PlayerId, Team};
use crate::limits::{MAX_ENTRY_ITEMS, MAX_ENTRY_TEXT_BYTES};
use crate::player::{Connection, LeaveReason, Profile};

impl<G: Game> TickEntry<G> {
    /// The entry as bytes. Inputs and commands are kept to wire precision, which is how a tick uses
    /// them; names to their first 256 bytes.
    pub fn save(&self, out: &mut Vec<u8>) {
        put_varint(u64::from(self.tick), out);
        put_list(&self.leaves, out, |(player, why), out| {
            put_player(*player, out);
            out.push(leave_tag(*why));
        });
        put_list(&self.joins, out, |(player, profile), out| {
            put_player(*player, out);
            let len = profile.name.floor_char_boundary(MAX_ENTRY_TEXT_BYTES);
            put_bytes(&profile.name.as_bytes()[..len], out);
            out.push(u8::from(profile.bot));
            out.push(profile.team.0);
        });
        put_list(&self.connections, out, |(player, connection), out| {
            put_player(*player, out);
            out.push(u8::from(*connection == Connection::Online));
        });
        put_list(&self.pings, out, |(player, ping_ms), out| {
            put_player(*player, out);
            put_varint(u64::from(*ping_ms), out);
        });
        put_list(&self.replies, out, |reply, out| {
            put_varint(u64::from(reply.tick), out);
            put_varint(u64::from(reply.n), out);
            put_value(&reply.command, out);
        });
        put_list(&self.commands, out, |(from, seq, command), out| {
            put_varint(from_tag(*from), out);
            put_varint(u64::from(*seq), out);
            put_value(command, out);
        });
        put_list(&self.inputs, out, |(player, input), out| {
            put_player(*player, out);
            put_value(input, out);
        });
    }

    /// Reads back what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// When the bytes are not such an entry; never panics.
    pub fn load(bytes: &mut ByteReader<'_>) -> Result<Self, LoadError> {
        Ok(Self {
            tick: bytes.u32()?,
            leaves: list(bytes, |bytes| Ok((player(bytes)?, leave_reason(bytes)?)))?,
            joins: list(bytes, |bytes| Ok((player(bytes)?, profile(bytes)?)))?,
            connections: list(bytes, |bytes| {
                let player = player(bytes)?;
                let connection = if flag(bytes)? { Connection::Online } else { Connection::Away };
                Ok((player, connection))
            })?,
            pings: list(bytes, |bytes| Ok((player(bytes)?, bytes.u16()?)))?,
            replies: list(bytes, |bytes| {
                Ok(Reply { tick: bytes.u32()?, n: bytes.u32()?, command: value(bytes)? })
            })?,
            commands: list(bytes, |bytes| Ok((from(bytes)?, bytes.u32()?, value(bytes)?)))?,
            inputs: list(bytes, |bytes| Ok((player(bytes)?, value(bytes)?)))?,
        })
    }
}

fn put_list<T>(items: &[T], out: &mut Vec<u8>, mut put: impl FnMut(&T, &mut Vec<u8>)) {
    put_varint(items.len() as u64, out);
    items.iter().for_each(|item| put(item, out));
}

fn list<T>(
    bytes: &mut ByteReader<'_>,
    mut read: impl FnMut(&mut ByteReader<'_>) -> Result<T, LoadError>,
) -> Result<Vec<T>, LoadError> {
    // Collected one by one: a count that lies runs out of bytes before it costs memory.
    (0..bytes.count(MAX_ENTRY_ITEMS)?).map(|_| read(bytes)).collect()
}

fn put_player(player: PlayerId, out: &mut Vec<u8>) {
    put_varint(u64::from(player.0), out);
}

fn player(bytes: &mut ByteReader<'_>) -> Result<PlayerId, LoadError> {
    bytes.u16().map(PlayerId)
}

/// 0 is the back end, n + 1 the player n: also a player 0, whom nobody is, stays what it was.
fn from_tag(from: From) -> u64 {
    match from {
        From::Backend => 0,
        From::Player(player) => u64::from(player.0) + 1,
    }
}

fn from(bytes: &mut ByteReader<'_>) -> Result<From, LoadError> {
    match bytes.varint()?.checked_sub(1) {
        None => Ok(From::Backend),
        Some(player) => {
            let player = u16::try_from(player).map_err(|_| LoadError::Number)?;
            Ok(From::Player(PlayerId(player)))
        }
    }
}

fn put_value<T: Wire>(value: &T, out: &mut Vec<u8>) {
    let mut columns = Vec::with_capacity(T::COLUMNS);
    value.put(&mut columns);
    columns.iter().for_each(|column| put_varint(u64::from(*column), out));
}

/// Reads a value. Columns that no value has are refused: what was read must say the same again.
fn value<T: Wire>(bytes: &mut ByteReader<'_>) -> Result<T, LoadError> {
    let mut columns = Vec::with_capacity(2 * T::COLUMNS);
    for _ in 0..T::COLUMNS {
        columns.push(bytes.u32()?);
    }
    let value = T::get(&mut ColumnReader::new(&columns));
    value.put(&mut columns);
    let (read, again) = columns.split_at(T::COLUMNS);
    if read == again { Ok(value) } else { Err(LoadError::Column) }
}

fn flag(bytes: &mut ByteReader<'_>) -> Result<bool, LoadError> {
    match bytes.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(LoadError::Malformed),
    }
}

fn profile(bytes: &mut ByteReader<'_>) -> Result<Profile, LoadError> {
    let name = bytes.text(MAX_ENTRY_TEXT_BYTES)?.to_owned();
    Ok(Profile { name, bot: flag(bytes)?, team: Team(bytes.u8()?) })
}

fn leave_tag(why: LeaveReason) -> u8 {
    match why {
        LeaveReason::Left => 0,
        LeaveReason::Lost => 1,
        LeaveReason::Kicked => 2,
        LeaveReason::Yielded => 3,
    }
}

fn leave_reason(bytes: &mut ByteReader<'_>) -> Result<LeaveReason, LoadError> {
    match bytes.u8()? {
        0 => Ok(LeaveReason::Left),
        1 => Ok(LeaveReason::Lost),
        2 => Ok(LeaveReason::Kicked),
        3 => Ok(LeaveReason::Yielded),
        _ => Err(LoadError::Malformed),
    }
}
