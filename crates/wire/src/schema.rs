//! The schema of a game: what a client needs to read everything a server sends (section 4 of
//! `PROTOCOL.md`).

mod check;

use serde::{Deserialize, Serialize};

pub use check::SchemaError;

use crate::hash::content_hash;
use crate::limits::MAX_SCHEMA_BYTES;
use crate::shape::Shape;

/// The version of the protocol that this crate speaks.
pub const PROTOCOL: u16 = 1;

/// Most bytes of a player's name.
pub const PLAYER_NAME_BYTES: u32 = 24;
/// Highest round-trip time that the players table shows, in milliseconds.
pub const MAX_PING_MS: i64 = 4095;

/// Everything about a game that a client must know to decode it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// Version of the protocol.
    pub protocol: u16,
    /// Name of the game.
    pub game: String,
    /// Ticks a second.
    pub tick_hz: u16,
    /// A snapshot every so many ticks.
    pub send_every: u16,
    /// The first is always [`players_table`].
    pub tables: Vec<TableSchema>,
    /// What a player sends each tick.
    pub input: Shape,
    /// Columns of `input` that are OR-ed when several inputs fall on one tick.
    pub sticky: Vec<usize>,
    /// What a player sends rarely and reliably.
    pub command: Shape,
    /// What the server tells beside the state.
    pub event: Shape,
}

/// One table: a kind of entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableSchema {
    /// Its name, the only table of that name.
    pub name: String,
    /// Whether it always holds exactly one row, of id 1.
    pub single: bool,
    /// Index of the field (shape `player`) that names a row's owner.
    pub owner: Option<usize>,
    /// Who receives a row.
    pub audience: Audience,
    /// The columns of a row, in order.
    pub fields: Vec<FieldSchema>,
}

/// One field of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSchema {
    /// Its name, the only field of that name in its table.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Who receives it.
    pub to: To,
    /// Whether it may be interpolated between snapshots.
    pub lerp: bool,
    /// How the codec guesses its next value.
    pub predict: Predict,
    /// Index of the field of the same row that is its rate per second.
    pub velocity: Option<usize>,
    /// Whether the length of this vector changes less than its direction.
    #[serde(default)]
    pub keeps_length: bool,
    /// Index of the vector of the same row along which this angle tends to point.
    #[serde(default)]
    pub follows: Option<usize>,
    /// Typical size, in raw steps, of what nobody can foresee in a change; 0 = unknown.
    #[serde(default)]
    pub usual: u32,
    /// A bool that is OR-ed when several inputs fall on one tick (inputs only).
    pub sticky: bool,
}

/// Who receives a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// Everyone who receives the row.
    Everyone,
    /// The row's owner alone.
    Owner,
}

/// How the codec guesses a field's next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predict {
    /// It stays.
    Hold,
    /// It goes on as between the last two snapshots (`int`, `float`, `vector`, `angle` only).
    Linear,
}

/// Who receives a row: `"everyone"` in JSON, or the index of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "AudienceJson", into = "AudienceJson")]
pub enum Audience {
    /// Every client.
    Everyone,
    /// The team or player that the field with this index names; nobody while it is 0.
    Field(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum AudienceJson {
    Word(AudienceWord),
    Field(usize),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AudienceWord {
    Everyone,
}

impl From<AudienceJson> for Audience {
    fn from(json: AudienceJson) -> Self {
        match json {
            AudienceJson::Word(AudienceWord::Everyone) => Self::Everyone,
            AudienceJson::Field(index) => Self::Field(index),
        }
    }
}

impl From<Audience> for AudienceJson {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Everyone => Self::Word(AudienceWord::Everyone),
            Audience::Field(index) => Self::Field(index),
        }
    }
}

impl FieldSchema {
    /// A field for everyone, held, without hints.
    pub fn new(name: &str, shape: Shape) -> Self {
        Self {
            name: name.to_owned(),
            shape,
            to: To::Everyone,
            lerp: false,
            predict: Predict::Hold,
            velocity: None,
            keeps_length: false,
            follows: None,
            usual: 0,
            sticky: false,
        }
    }
}

impl Schema {
    /// The schema as JSON. The same schema always gives the same text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a schema has only string keys and no failing parts")
    }

    /// The same schema for a room of these rates, which may be other than the game's usual ones: what
    /// its streams are compiled from. 0, which a hostile server may send, counts as 1.
    #[must_use]
    pub fn at(&self, tick_hz: u16, send_every: u16) -> Self {
        Self { tick_hz: tick_hz.max(1), send_every: send_every.max(1), ..self.clone() }
    }

    /// The schema hash: see [`schema_hash`].
    pub fn hash(&self) -> String {
        schema_hash(&self.to_json())
    }

    /// Reads a schema that someone sent, and [validates](Self::validate) it.
    ///
    /// # Errors
    /// When the text is too long, is not such JSON, or describes an impossible or excessive schema.
    pub fn from_json(json: &str) -> Result<Self, SchemaError> {
        if json.len() > MAX_SCHEMA_BYTES {
            return Err(SchemaError::TooLong);
        }
        let schema: Self =
            serde_json::from_str(json).map_err(|error| SchemaError::Json(error.to_string()))?;
        schema.validate()?;
        Ok(schema)
    }
}

/// Identifies a schema's JSON text: the first 8 bytes of its SHA-256 as 16 lower-case hex digits.
pub fn schema_hash(json: &str) -> String {
    content_hash(json.as_bytes())
}

/// The built-in table 0. Its row ids are player ids.
pub fn players_table() -> TableSchema {
    TableSchema {
        name: "players".to_owned(),
        single: false,
        owner: None,
        audience: Audience::Everyone,
        fields: vec![
            FieldSchema::new("name", Shape::Text { max: PLAYER_NAME_BYTES }),
            FieldSchema::new("team", Shape::Team),
            FieldSchema::new("online", Shape::Bool),
            FieldSchema::new("ping_ms", Shape::Int { min: 0, max: MAX_PING_MS }),
            FieldSchema::new("bot", Shape::Bool),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_as_the_protocol_says() {
        let mut schema = Schema {
            protocol: PROTOCOL,
            game: "duel".to_owned(),
            tick_hz: 30,
            send_every: 1,
            tables: vec![players_table()],
            input: Shape::Unit,
            sticky: vec![],
            command: Shape::Unit,
            event: Shape::Unit,
        };
        schema.tables[0].fields.truncate(2);
        let json = concat!(
            r#"{"protocol":1,"game":"duel","tick_hz":30,"send_every":1,"tables":["#,
            r#"{"name":"players","single":false,"owner":null,"audience":"everyone","fields":["#,
            r#"{"name":"name","shape":{"type":"text","max":24},"to":"everyone","lerp":false,"#,
            r#""predict":"hold","velocity":null,"keeps_length":false,"follows":null,"usual":0,"#,
            r#""sticky":false},"#,
            r#"{"name":"team","shape":{"type":"team"},"to":"everyone","lerp":false,"#,
            r#""predict":"hold","velocity":null,"keeps_length":false,"follows":null,"usual":0,"#,
            r#""sticky":false}]}],"#,
            r#""input":{"type":"unit"},"sticky":[],"#,
            r#""command":{"type":"unit"},"event":{"type":"unit"}}"#,
        );
        assert_eq!(schema.to_json(), json);
        schema.tables[0].audience = Audience::Field(1);
        assert!(schema.to_json().contains(r#""audience":1,"#));
    }

    #[test]
    fn the_hash_is_the_start_of_sha_256() {
        assert_eq!(schema_hash("abc"), "ba7816bf8f01cfea");
    }
}
