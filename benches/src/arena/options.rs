//! What whoever opens a room may choose.

use serde::{Deserialize, Serialize};
use tickwire_game::Refusal;

/// Highest number of NPCs: far beyond the workload's 136, far below what a table holds.
const MAX_NPCS: u16 = 10_000;

/// A room's options; what is left out takes its default, what is unknown is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Ticks, and snapshots, a second.
    pub tick_hz: u16,
    /// Seats for players.
    pub seats: u16,
    /// NPCs (0..=10000).
    pub npcs: u16,
    /// How far a player sees, metres (above 0); none = everything.
    pub view_radius: Option<f32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { tick_hz: 30, seats: 16, npcs: 0, view_radius: None }
    }
}

impl Options {
    /// Refuses what makes no sense. The world itself refuses rates and seats beyond its limits.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.npcs > MAX_NPCS {
            return Err(Refusal::new(format!(
                "option `npcs` is {}, wanted 0 to {MAX_NPCS}",
                self.npcs
            )));
        }
        match self.view_radius {
            Some(radius) if !(radius.is_finite() && radius > 0.0) => Err(Refusal::new(format!(
                "option `view_radius` is {radius}, wanted a length above 0 in metres, or none"
            ))),
            _ => Ok(()),
        }
    }
}
