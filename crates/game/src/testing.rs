//! Tests that any game can be put through.
