//! The rooms of the real server.

use std::io;
use std::net::SocketAddr;

use serde_json::json;

use super::http::Http;
use super::job::{Hosted, ServerJob};

/// What the room of this number is called. The first is there from the start.
pub fn name(number: u32) -> String {
    format!("room-{number}")
}

/// Opens the rooms up to `rooms`.
///
/// # Errors
/// When the server refuses one.
pub fn open(address: SocketAddr, job: &ServerJob, rooms: u32) -> io::Result<()> {
    let mut http = Http::connect(address)?;
    for number in 1..rooms {
        let spec =
            json!({ "game": job.game.name(), "id": name(number), "options": job.game.options() });
        let answer = http.post_patiently("/v1/rooms", &spec)?;
        if answer.status != 201 {
            let text = format!("room {number}: {} {}", answer.status, answer.body);
            return Err(io::Error::other(text));
        }
    }
    Ok(())
}

impl Hosted {
    /// The game's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Arena(_) => <crate::arena::Arena as tickwire_game::Game>::NAME,
            Self::Fixed(_) => crate::fixed::NAME,
        }
    }

    /// The options of its rooms.
    pub fn options(&self) -> serde_json::Value {
        match self {
            Self::Arena(options) => json!(options),
            Self::Fixed(options) => json!(options),
        }
    }
}
