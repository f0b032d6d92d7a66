//! Bytes of Tickwire: bit I/O, quantisation, schema, snapshot deltas, messages, WebSocket frames
