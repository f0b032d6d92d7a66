//! One match that is watched from all sides while it is played.

use std::cell::Cell;
use std::sync::Arc;

use super::forms::{self, Forms};
use super::script::{Manners, Script, random};
use super::{Broken, Check, Rule, looks, predictions};
use crate::bytes::ByteReader;
use crate::entry::TickEntry;
use crate::game::Game;
use crate::happenings::Happenings;
use crate::ids::From;
use crate::replay::Recording;
use crate::world::World;

/// Worlds that follow the original from a save, at once.
const FOLLOWERS: usize = 2;
/// Ticks that a follower follows.
const FOLLOW_TICKS: u32 = 40;
/// How often a tick is looked at from all sides.
const LOOK_CHANCE: f32 = 0.125;
/// Commands and joins that are tried out at a look.
const TRIES: u32 = 4;

/// What usually makes the same entries give other hashes.
const ELSEWHERE: &str = "played again, the match came to another hash: the game uses a static, a clock, a map with \
                         random order, or randomness of its own";

pub(super) struct Trial<'a, G: Game> {
    check: &'a Check<'a, G>,
    script: Script,
    forms: Forms,
    world: World<G>,
    recording: Recording<G>,
    /// The original's hash after each tick.
    hashes: Vec<u64>,
    /// Worlds loaded from saves, with the last tick they follow.
    followers: Vec<(World<G>, u32)>,
    /// Where the tick is told, for failures.
    tick: &'a Cell<u32>,
}

impl<'a, G: Game> Trial<'a, G> {
    pub(super) fn open(
        check: &'a Check<'a, G>,
        seed: u64,
        manners: Manners,
        tick: &'a Cell<u32>,
    ) -> Result<Self, Broken> {
        let world = World::create(check.options.clone(), check.assets, seed)
            .map_err(|refusal| Rule::Opens.broken(refusal.reason))?;
        Ok(Self {
            check,
            script: Script::new(manners, seed),
            forms: Forms::new::<G>(),
            recording: Recording::new(check.options.clone(), seed),
            hashes: Vec::new(),
            followers: Vec::new(),
            world,
            tick,
        })
    }

    pub(super) fn run(mut self) -> Result<(), Broken> {
        for _ in 0..self.check.ticks {
            self.tick.set(self.world.tick() + 1);
            if self.script.dice.chance(LOOK_CHANCE) {
                self.look()?;
            }
            let entry = self.script.entry(&self.world);
            entry_comes_back(&entry)?;
            self.recording.push(&entry);
            let happenings = self.world.advance(&entry);
            self.forms.check_happenings(&happenings)?;
            self.check_bounds(&happenings)?;
            self.hashes.push(self.world.hash());
            self.follow(&entry)?;
        }
        self.replay()
    }

    /// Looks at the world between two ticks.
    fn look(&mut self) -> Result<(), Broken> {
        self.forms.check_columns(&self.world)?;
        looks::check(&self.world)?;
        predictions::check(&self.world, &self.forms, &mut self.script.dice)?;
        self.refusals_change_nothing()?;
        if self.followers.len() < FOLLOWERS {
            let follower = save_and_load(&self.world)?;
            self.followers.push((follower, self.world.tick() + FOLLOW_TICKS));
        }
        Ok(())
    }

    /// Tries commands and joins, each alone: one that is refused must come to the same as none.
    fn refusals_change_nothing(&mut self) -> Result<(), Broken> {
        let idle = self.idle_hash();
        Rule::Replays.hold(idle == self.idle_hash(), || ELSEWHERE.to_owned())?;
        for _ in 0..TRIES {
            let mut entry = self.world.next_entry();
            let from = From::Player(self.script.anyone());
            entry.commands.push((from, 1, random(&mut self.script.dice)));
            self.refused_is_idle(&entry, idle, "command")?;
            let mut entry = self.world.next_entry();
            entry.joins.push((self.script.anyone(), self.script.profile()));
            self.refused_is_idle(&entry, idle, "enter")?;
        }
        Ok(())
    }

    /// The hash after a tick in which nothing comes from outside.
    fn idle_hash(&self) -> u64 {
        let mut world = self.world.clone();
        world.advance(&self.world.next_entry());
        world.hash()
    }

    fn refused_is_idle(&self, entry: &TickEntry<G>, idle: u64, what: &str) -> Result<(), Broken> {
        let mut world = self.world.clone();
        let happenings = world.advance(entry);
        let reason = happenings.refused_commands.first().map(|(_, _, refusal)| refusal);
        let reason = reason.or(happenings.refused_joins.first().map(|(_, refusal)| refusal));
        let Some(reason) = reason else { return Ok(()) };
        Rule::RefusalsChangeNothing.hold(world.hash() == idle, || {
            format!("`{what}` refused with \"{reason}\", but had changed the state before")
        })
    }

    fn check_bounds(&self, happenings: &Happenings<G>) -> Result<(), Broken> {
        Rule::Bounded.hold(self.world.refused_rows() == 0, || {
            "a table is full: rows that are never removed, or one per message".to_owned()
        })?;
        Rule::Bounded.hold(happenings.dropped == 0, || {
            format!("{} events and effects of one tick were too many", happenings.dropped)
        })
    }

    /// Those loaded from saves get the same entry and must come to the same hash.
    fn follow(&mut self, entry: &TickEntry<G>) -> Result<(), Broken> {
        let hash = self.world.hash();
        for (follower, _) in &mut self.followers {
            follower.advance(entry);
            Rule::SavesEverything.hold(follower.hash() == hash, || {
                "a world loaded from a save came to another hash: a field is not saved (a serde \
                 attribute on a skipped field?), or the game uses something outside the state"
                    .to_owned()
            })?;
        }
        let tick = entry.tick;
        self.followers.retain(|(_, last)| *last > tick);
        Ok(())
    }

    /// The whole match again, from the bytes of its recording.
    fn replay(self) -> Result<(), Broken> {
        let recording = Recording::<G>::load(&self.recording.save())
            .map_err(|error| Rule::Replays.broken(format!("the recording: {error}")))?;
        let mut differs = None;
        let result = recording.replay(self.check.assets, |world| {
            let index = world.tick() as usize - 1;
            if differs.is_none() && self.hashes.get(index) != Some(&world.hash()) {
                differs = Some(world.tick());
            }
        });
        result.map_err(|error| Rule::Replays.broken(error.to_string()))?;
        let Some(tick) = differs else { return Ok(()) };
        self.tick.set(tick);
        Err(Rule::Replays.broken(ELSEWHERE))
    }
}

/// A world that was saved, read back: its save must say the same.
fn save_and_load<G: Game>(world: &World<G>) -> Result<World<G>, Broken> {
    let bytes = world.save();
    let loaded = World::load(&bytes, world.options().clone(), Arc::clone(world.fixed()))
        .map_err(|error| Rule::SavesEverything.broken(format!("a save did not load: {error}")))?;
    Rule::SavesEverything.hold(loaded.save() == bytes, || {
        "a world loaded from a save saves other bytes: a skipped field does not come back"
            .to_owned()
    })?;
    Ok(loaded)
}

fn entry_comes_back<G: Game>(entry: &TickEntry<G>) -> Result<(), Broken> {
    let mut bytes = Vec::new();
    entry.save(&mut bytes);
    let mut reader = ByteReader::new(&bytes);
    let loaded = TickEntry::<G>::load(&mut reader)
        .map_err(|error| Rule::Replays.broken(format!("an entry did not load: {error}")))?;
    let mut again = Vec::new();
    loaded.save(&mut again);
    Rule::Replays.hold(again == bytes && reader.is_empty(), || {
        "an entry read back saves other bytes: a hand-written `Wire` does not match itself"
            .to_owned()
    })?;
    forms::check_entry(&loaded)
}
