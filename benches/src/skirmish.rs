//! The states of a Skirmish match of bots, tick by tick.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use tickwire_game::wire::columns::Extract;
use tickwire_game::{Assets, PlayerId, Profile, World};
use tickwire_skirmish::Skirmish;

/// The repository's own assets.
struct Tree;

impl Assets for Tree {
    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets").join(path);
        fs::read(file).ok().map(Cow::Owned)
    }
}

/// The state after each of `ticks` ticks of a match of `players` bots.
///
/// # Panics
/// When the shipped map does not load: then there is nothing to measure.
pub fn states(players: u16, ticks: usize, seed: u64) -> Vec<Extract> {
    let mut world =
        World::<Skirmish>::create(Default::default(), &Tree, seed).expect("the shipped map loads");
    let ids: Vec<PlayerId> = (1..=players).map(PlayerId).collect();
    let mut states = Vec::with_capacity(ticks);
    for tick in 0..ticks {
        let mut entry = world.next_entry();
        for &id in &ids {
            if tick == 0 {
                let name = format!("Bot {}", id.0);
                entry.joins.push((id, Profile { name, bot: true, ..Profile::default() }));
            } else {
                entry.inputs.push((id, world.bot_input(id)));
            }
        }
        world.advance(&entry);
        let mut extract = Extract::default();
        world.extract(&mut extract);
        states.push(extract);
    }
    states
}
