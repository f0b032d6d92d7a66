//! The Game trait and its deterministic world
