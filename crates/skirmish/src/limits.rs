//! What the game accepts from outside, each with its reason.

/// Widest and highest map, tiles (= metres): positions travel in a range of 0..64 m.
pub const MAX_MAP_TILES: u32 = 64;
/// Narrowest and lowest map, tiles: a border and a little floor.
pub const MIN_MAP_TILES: u32 = 8;
/// Size of a map file, bytes: a full map of 64 x 64 in Tiled's JSON takes about 60 KB.
pub const MAX_MAP_BYTES: usize = 512 * 1024;
/// Spawn points of a map: with one, everybody would appear on the same spot.
pub const SPAWNS: std::ops::RangeInclusive<usize> = 2..=64;
/// Pick-ups of a map: each is a row of the replicated state.
pub const MAX_PICKUPS: usize = 32;
/// Length of a map's name, bytes: it becomes part of an asset path.
pub const MAX_MAP_NAME: usize = 32;
/// Seats of a room: what the snapshot size is designed for.
pub const SEATS: std::ops::RangeInclusive<u16> = 2..=16;
/// Length of a round, seconds: below, it is over before anyone has met; above, nobody waits for it.
pub const ROUND_S: std::ops::RangeInclusive<u16> = 20..=3600;
/// Kills that end a round.
pub const SCORE_LIMIT: std::ops::RangeInclusive<u16> = 1..=500;
/// Palette entries that an avatar may choose from.
pub const HUES: u8 = 16;
/// Blast shots in flight in one room: 16 players who all fire without pause stay below it.
pub const MAX_SHOTS: usize = 200;
