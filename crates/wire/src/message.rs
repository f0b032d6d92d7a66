//! Control messages: `Hello`, `Welcome`, reliable messages, `Ping` and `Pong` (PROTOCOL section 5).
//!
//! A message starts with its kind byte. `encode_*` appends a whole message, kind included;
//! [`FromClient::decode`] and [`FromServer::decode`] take one apart. `Inputs` and `Snapshot` have
//! their own codecs; here they only pass through.

mod error;

use bincode::{Decode, Encode};

use crate::level::Level;
use crate::limits::{MAX_CLIENT_MESSAGE_BYTES, MAX_CLIENT_TEXT_BYTES, MAX_SERVER_CONTROL_BYTES};
pub use error::{BodyError, MessageError};

/// The protocol version this crate speaks.
pub const PROTOCOL_VERSION: u16 = 1;
/// The WebSocket subprotocol of this version.
pub const SUBPROTOCOL: &str = "tickwire.1";

/// Kind byte of `Hello`.
pub const HELLO: u8 = 0x01;
/// Kind byte of `Inputs`.
pub const INPUTS: u8 = 0x02;
/// Kind byte of a reliable message of a client.
pub const CLIENT_RELIABLE: u8 = 0x03;
/// Kind byte of `Ping`.
pub const PING: u8 = 0x04;
/// Kind byte of `Welcome`.
pub const WELCOME: u8 = 0x81;
/// Kind byte of `Snapshot`.
pub const SNAPSHOT: u8 = 0x82;
/// Kind byte of a reliable message of the server.
pub const SERVER_RELIABLE: u8 = 0x83;
/// Kind byte of `Pong`.
pub const PONG: u8 = 0x84;

/// What a client proves its seat with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Auth {
    /// The seat ticket that the join request gave: single use, short-lived.
    Ticket(String),
    /// The token of an earlier `Welcome`: takes the seat over again.
    Resume(String),
}

/// How the server uses a client's inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum InputMode {
    /// Each input in exactly the tick it names.
    #[default]
    Scheduled,
    /// Each tick takes the newest input.
    Latest,
}

/// The first message of a client.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`] of the client.
    pub protocol: u16,
    /// Ticket or resume token.
    pub auth: Auth,
    /// How the client wants its inputs used.
    pub input_mode: InputMode,
    /// Asks for 32-bit stream hashes with every snapshot.
    pub verify: bool,
    /// Hash of the schema the client has; `Welcome` then leaves it out.
    pub schema_hash: Option<String>,
    /// Hash of the prior the client has; `Welcome` then leaves it out.
    pub prior_hash: Option<String>,
    /// On a resume: tick of the newest snapshot applied.
    pub last_tick: Option<u32>,
    /// On a resume: highest reliable number of the server delivered; else 0.
    pub reliable_received: u32,
    /// Highest room epoch seen; 0 at first.
    pub epoch_seen: u64,
    /// Free text for logs, at most [`MAX_CLIENT_TEXT_BYTES`] bytes.
    pub client: String,
}

/// The server's answer to `Hello`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Welcome {
    /// [`PROTOCOL_VERSION`] of the server.
    pub protocol: u16,
    /// Id of the room.
    pub room: String,
    /// Player id of the client.
    pub player: u16,
    /// The room's tick now.
    pub tick: u32,
    /// Ticks a second.
    pub tick_hz: u16,
    /// A snapshot every this many ticks.
    pub send_every: u16,
    /// Grows when the room moves to another server.
    pub epoch: u64,
    /// Hash of the game's schema.
    pub schema_hash: String,
    /// The schema as JSON, unless `Hello.schema_hash` matched.
    pub schema: Option<String>,
    /// How the room's streams are coded.
    pub level: Level,
    /// Hash of the prior from which the streams are coded; empty: the protocol's own.
    pub prior_hash: String,
    /// The prior, unless there is none or `Hello.prior_hash` matched.
    pub prior: Option<Vec<u8>>,
    /// The room's options as JSON.
    pub options: String,
    /// What the game loaded: path and SHA-256 in hex of each file, at `GET /assets/{path}`.
    pub assets: Vec<(String, String)>,
    /// Takes the seat over again after a cut.
    pub resume_token: String,
    /// Highest reliable number of the client the server has.
    pub reliable_received: u32,
    /// How the server uses this client's inputs.
    pub input_mode: InputMode,
    /// Addresses to try after a cut, best first; empty means the same one.
    pub reconnect: Vec<String>,
    /// How long the seat is kept after a cut, in milliseconds.
    pub window_ms: u32,
}

/// Body of a reliable message of a client.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ClientMessage {
    /// A command in the plain encoding of the schema's `command` shape.
    Command(Vec<u8>),
    /// The client gives its seat up.
    Leave,
    /// A chat line.
    Chat(String),
}

/// Body of a reliable message of the server.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ServerMessage {
    /// A reliable event in the plain encoding of the schema's `event` shape.
    Event {
        /// Tick in which it happened; the game gets it once that tick's state is applied.
        tick: u32,
        /// The event.
        bytes: Vec<u8>,
    },
    /// A command was not applied.
    Refused {
        /// Reliable number of the command.
        seq: u32,
        /// For the player.
        reason: String,
    },
    /// A chat line.
    Chat {
        /// Player id of the speaker.
        from: u16,
        /// The line.
        text: String,
    },
    /// A line from the server itself.
    Notice(String),
}

/// A message of a client, taken apart as far as this module goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromClient<'a> {
    /// The first message.
    Hello(Hello),
    /// Body of `Inputs`, without the kind byte.
    Inputs(&'a [u8]),
    /// Reliable number (from 1) and body.
    Reliable(u32, ClientMessage),
    /// Four bytes to send back.
    Ping([u8; 4]),
}

/// A message of the server, taken apart as far as this module goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromServer<'a> {
    /// The answer to `Hello`.
    Welcome(Welcome),
    /// Body of `Snapshot`, without the kind byte.
    Snapshot(&'a [u8]),
    /// Reliable number (from 1) and body.
    Reliable(u32, ServerMessage),
    /// The four bytes of the `Ping`.
    Pong([u8; 4]),
}

impl<'a> FromClient<'a> {
    /// Takes a message of a client apart.
    ///
    /// # Errors
    /// Anything but exactly one message of a client of at most [`MAX_CLIENT_MESSAGE_BYTES`].
    pub fn decode(message: &'a [u8]) -> Result<Self, MessageError> {
        if message.len() > MAX_CLIENT_MESSAGE_BYTES {
            return Err(MessageError::TooLong(message.len()));
        }
        let (&kind, body) = message.split_first().ok_or(MessageError::Empty)?;
        match kind {
            HELLO => hello_body(body).map(Self::Hello),
            INPUTS => Ok(Self::Inputs(body)),
            CLIENT_RELIABLE => {
                let (seq, body) = sequence("reliable message", body)?;
                client_value("reliable message", body).map(|value| Self::Reliable(seq, value))
            }
            PING => four_bytes("Ping", body).map(Self::Ping),
            other => Err(MessageError::Kind(other)),
        }
    }
}

impl<'a> FromServer<'a> {
    /// Takes a message of the server apart.
    ///
    /// # Errors
    /// Anything but exactly one message of a server.
    pub fn decode(message: &'a [u8]) -> Result<Self, MessageError> {
        let (&kind, body) = message.split_first().ok_or(MessageError::Empty)?;
        match kind {
            WELCOME => welcome_body(body).map(Self::Welcome),
            SNAPSHOT => Ok(Self::Snapshot(body)),
            SERVER_RELIABLE => {
                let (seq, body) = sequence("reliable message", body)?;
                server_value("reliable message", body).map(|value| Self::Reliable(seq, value))
            }
            PONG => four_bytes("Pong", body).map(Self::Pong),
            other => Err(MessageError::Kind(other)),
        }
    }
}

/// Appends a `Hello` message.
pub fn encode_hello(hello: &Hello, out: &mut Vec<u8>) {
    encode_value(HELLO, hello, out);
}

/// Reads a whole `Hello` message: what the first message of a connection must be.
///
/// # Errors
/// As [`FromClient::decode`]; any other kind is [`MessageError::Expected`].
pub fn decode_hello(message: &[u8]) -> Result<Hello, MessageError> {
    match FromClient::decode(message)? {
        FromClient::Hello(hello) => Ok(hello),
        _ => Err(MessageError::Expected("Hello")),
    }
}

/// Appends a `Welcome` message.
pub fn encode_welcome(welcome: &Welcome, out: &mut Vec<u8>) {
    encode_value(WELCOME, welcome, out);
}

/// Reads a whole `Welcome` message: what the first message of a server must be.
///
/// # Errors
/// As [`FromServer::decode`]; any other kind is [`MessageError::Expected`].
pub fn decode_welcome(message: &[u8]) -> Result<Welcome, MessageError> {
    match FromServer::decode(message)? {
        FromServer::Welcome(welcome) => Ok(welcome),
        _ => Err(MessageError::Expected("Welcome")),
    }
}

/// Appends a reliable message of a client with its number (from 1, +1 each).
pub fn encode_client_reliable(seq: u32, body: &ClientMessage, out: &mut Vec<u8>) {
    out.push(CLIENT_RELIABLE);
    out.extend_from_slice(&seq.to_le_bytes());
    write_value(body, out);
}

/// Reads a whole reliable message of a client.
///
/// # Errors
/// As [`FromClient::decode`]; any other kind is [`MessageError::Expected`].
pub fn decode_client_reliable(message: &[u8]) -> Result<(u32, ClientMessage), MessageError> {
    match FromClient::decode(message)? {
        FromClient::Reliable(seq, body) => Ok((seq, body)),
        _ => Err(MessageError::Expected("reliable message")),
    }
}

/// Appends a reliable message of the server with its number (from 1, +1 each).
pub fn encode_server_reliable(seq: u32, body: &ServerMessage, out: &mut Vec<u8>) {
    out.push(SERVER_RELIABLE);
    out.extend_from_slice(&seq.to_le_bytes());
    write_value(body, out);
}

/// Reads a whole reliable message of the server.
///
/// # Errors
/// As [`FromServer::decode`]; any other kind is [`MessageError::Expected`].
pub fn decode_server_reliable(message: &[u8]) -> Result<(u32, ServerMessage), MessageError> {
    match FromServer::decode(message)? {
        FromServer::Reliable(seq, body) => Ok((seq, body)),
        _ => Err(MessageError::Expected("reliable message")),
    }
}

/// The `Ping` message with these four bytes.
pub fn encode_ping(echo: [u8; 4]) -> [u8; 5] {
    [PING, echo[0], echo[1], echo[2], echo[3]]
}

/// The `Pong` message that answers a `Ping` with these four bytes.
pub fn encode_pong(echo: [u8; 4]) -> [u8; 5] {
    [PONG, echo[0], echo[1], echo[2], echo[3]]
}

fn encode_value(kind: u8, value: &impl Encode, out: &mut Vec<u8>) {
    out.push(kind);
    write_value(value, out);
}

fn write_value(value: &impl Encode, out: &mut Vec<u8>) {
    bincode::encode_into_std_write(value, out, bincode::config::standard())
        .expect("these types encode without error and a Vec takes every byte");
}

/// Checks the version before the rest: another version's `Hello` may look different after it.
fn hello_body(body: &[u8]) -> Result<Hello, MessageError> {
    version("Hello", body)?;
    let hello: Hello = client_value("Hello", body)?;
    if hello.client.len() > MAX_CLIENT_TEXT_BYTES {
        return Err(MessageError::Field { field: "Hello.client", max: MAX_CLIENT_TEXT_BYTES });
    }
    Ok(hello)
}

fn welcome_body(body: &[u8]) -> Result<Welcome, MessageError> {
    version("Welcome", body)?;
    server_value("Welcome", body)
}

fn version(message: &'static str, body: &[u8]) -> Result<(), MessageError> {
    let (version, _): (u16, usize) = bincode::decode_from_slice(body, bincode::config::standard())
        .map_err(|error| MessageError::body(message, &error))?;
    if version == PROTOCOL_VERSION { Ok(()) } else { Err(MessageError::Version(version)) }
}

/// One value of a client and nothing after it; what it claims counts against the client's limit.
fn client_value<T: Decode<()>>(message: &'static str, body: &[u8]) -> Result<T, MessageError> {
    let config = bincode::config::standard().with_limit::<MAX_CLIENT_MESSAGE_BYTES>();
    whole(message, body, bincode::decode_from_slice(body, config))
}

/// One value of the server and nothing after it; what it claims counts against the server's limit.
fn server_value<T: Decode<()>>(message: &'static str, body: &[u8]) -> Result<T, MessageError> {
    let config = bincode::config::standard().with_limit::<MAX_SERVER_CONTROL_BYTES>();
    whole(message, body, bincode::decode_from_slice(body, config))
}

fn whole<T>(
    message: &'static str,
    body: &[u8],
    decoded: Result<(T, usize), bincode::error::DecodeError>,
) -> Result<T, MessageError> {
    match decoded {
        Ok((value, used)) if used == body.len() => Ok(value),
        Ok((_, used)) => Err(MessageError::Trailing { message, bytes: body.len() - used }),
        Err(error) => Err(MessageError::body(message, &error)),
    }
}

/// Splits the reliable number off; numbers start at 1.
fn sequence<'a>(message: &'static str, body: &'a [u8]) -> Result<(u32, &'a [u8]), MessageError> {
    let (number, rest) = body
        .split_first_chunk::<4>()
        .ok_or(MessageError::Body { message, problem: BodyError::Short })?;
    match u32::from_le_bytes(*number) {
        0 => Err(MessageError::NumberZero),
        seq => Ok((seq, rest)),
    }
}

fn four_bytes(message: &'static str, body: &[u8]) -> Result<[u8; 4], MessageError> {
    body.try_into().map_err(|_| MessageError::Echo { message, bytes: body.len() })
}
