//! The shell of Tickwire: listener, shards, HTTP API, metrics, configuration
