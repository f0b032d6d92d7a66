//! Learning a game's own prior from recordings of its rooms: the bytes for [`Game::PRIOR`].
//!
//! ```no_run
//! # use tickwire_game::*;
//! # fn learn<MyGame: Game>(saved: &[Vec<u8>], assets: &dyn Assets) -> Result<(), Box<dyn std::error::Error>> {
//! let recordings: Vec<Recording<MyGame>> =
//!     saved.iter().map(|bytes| Recording::load(bytes)).collect::<Result<_, _>>()?;
//! std::fs::write("prior.bin", tickwire_game::prior::train(&recordings, assets)?)?;
//! # Ok(())
//! # }
//! ```
//!
//! A minute each of a few rooms is enough, with as many players as the game usually has and in each of
//! its modes; what none of them shows stays as it is in the protocol's own prior. All snapshots are
//! in memory meanwhile. The same recordings always give the same bytes.
//!
//! It is trained on what a client that sees everything gets; games with cells send small streams.

use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::layout::Layout;
use tickwire_wire::stream::Trainer;

use crate::assets::Assets;
use crate::game::Game;
use crate::replay::{Recording, ReplayError};
use crate::world::World;

/// One room's snapshots with their ticks, and what they are laid out by.
type Snapshots = (Layout, Vec<(u32, StateColumns)>);

/// Learns a prior from recordings of rooms. `assets` are those the rooms were opened with.
///
/// # Errors
/// When a recording cannot be played again.
pub fn train<G: Game>(
    recordings: &[Recording<G>],
    assets: &dyn Assets,
) -> Result<Vec<u8>, ReplayError> {
    let rooms: Vec<Snapshots> =
        recordings.iter().map(|room| snapshots(room, assets)).collect::<Result<_, _>>()?;
    Ok(Trainer::from_prior(None).learn(|trainer| {
        for (layout, states) in &rooms {
            trainer.play(layout, states.iter().map(|(tick, state)| (*tick, state)), 1.0);
        }
    }))
}

/// What a client that sees everything gets to see.
fn snapshots<G: Game>(
    recording: &Recording<G>,
    assets: &dyn Assets,
) -> Result<Snapshots, ReplayError> {
    let settings = G::settings(recording.options());
    let schema = World::<G>::schema().at(settings.tick_hz, settings.send_every);
    let mut states = Vec::new();
    let mut extract = Extract::default();
    recording.replay(assets, |world| {
        if world.tick().is_multiple_of(u32::from(settings.send_every.max(1))) {
            world.extract(&mut extract);
            states.push((world.tick(), extract.public.clone()));
        }
    })?;
    Ok((Layout::new(&schema), states))
}
