//! #[derive(Row, Replicate, Wire)] for Tickwire games
