//! The bytes of Tickwire: bit I/O, quantisation, schema, snapshot deltas, messages and WebSocket frames.
//!
//! Pure: no socket, thread, clock or hash-map order. `PROTOCOL.md` beside this crate describes every
//! byte; the JavaScript SDK speaks the same.

pub mod bits;
pub mod close;
pub mod columns;
pub mod hash;
pub mod input;
pub mod layout;
pub mod limits;
pub mod message;
pub mod plain;
pub mod quant;
pub mod schema;
pub mod shape;
pub mod snapshot;
pub mod stream;
pub mod varint;
pub mod websocket;
