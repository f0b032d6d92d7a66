//! The end of a run: what must have arrived has, once, and the recording tells the same story.

use std::fmt::Debug;

use tickwire_game::{Assets, From, Happenings, Recording, To, Wire, World as Match};
use tickwire_skirmish::Skirmish;

use super::{Fault, World};

/// Reliable events of the last ticks may still be on their way.
const UNDER_WAY_TICKS: u32 = 90;

/// What a run was like. Two runs of one seed give equal ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Ticks the room ran.
    pub ticks: u32,
    /// Hash of the world at the end.
    pub hash: u64,
    /// Snapshots that honest clients applied, each checked against the room's state.
    pub snapshots: u64,
    /// Keyframes among their state chunks.
    pub keyframes: u64,
    /// Cuts of honest clients' lines.
    pub cuts: u32,
    /// Connections that took up their seat again.
    pub resumes: u64,
    /// Chat lines and commands, each applied exactly once.
    pub commands: u64,
    /// Reliable events that clients were given, each exactly once.
    pub reliable: u64,
    /// Messages that were sent again after a cut.
    pub resent: u64,
    /// Messages of strangers.
    pub mischief: u32,
    /// Connections of strangers that the room closed.
    pub closed: u32,
}

impl World {
    /// Everything that can only be known at the end.
    pub(super) fn verdict(&self, assets: &dyn Assets) -> Result<Verdict, Fault> {
        let story = self.replay(assets)?;
        let mut verdict = Verdict {
            ticks: self.room.world().tick(),
            hash: self.room.world().hash(),
            resumes: tickwire_room::AnyRoom::counters(&self.room).resumes,
            mischief: self.strangers.iter().map(|stranger| stranger.messages).sum(),
            closed: self.strangers.iter().map(|stranger| stranger.closes).sum(),
            ..Verdict::default()
        };
        self.check_chat()?;
        for (index, client) in self.clients.iter().enumerate() {
            let stats = client.session.stats();
            verdict.snapshots += stats.snapshots;
            verdict.keyframes += stats.keyframes;
            verdict.resent += stats.reliable_resent;
            verdict.cuts += client.cuts;
            verdict.commands += (client.commands.len() + client.said.len()) as u64;
            let player = client.player();
            let applied: Vec<u32> = story
                .commands
                .iter()
                .filter(|(from, _)| *from == From::Player(player))
                .map(|(_, number)| *number)
                .collect();
            once(&format!("commands of client {index}"), &applied, &client.commands)?;
            let Some(first) = client.first_tick else { continue };
            let last = verdict.ticks.saturating_sub(UNDER_WAY_TICKS);
            let within = |tick: u32| tick > first && tick <= last;
            let for_me = |to: &To| matches!(to, To::Everyone) || *to == To::Player(player);
            let sent: Vec<(u32, Vec<u32>)> = story
                .reliable
                .iter()
                .filter(|(to, tick, _)| within(*tick) && for_me(to))
                .map(|(_, tick, columns)| (*tick, columns.clone()))
                .collect();
            let came: Vec<(u32, Vec<u32>)> =
                client.reliable.iter().filter(|(tick, _)| within(*tick)).cloned().collect();
            once(&format!("reliable events at client {index}"), &came, &sent)?;
            verdict.reliable += came.len() as u64;
        }
        Ok(verdict)
    }

    /// The first client's line is never cut: it hears every line of everyone once and in order.
    fn check_chat(&self) -> Result<(), Fault> {
        let Some(listener) = self.clients.first() else { return Ok(()) };
        for (speaker, player) in self.clients.iter().zip(self.players()) {
            let of_speaker = listener.heard.iter().filter(|(from, _)| *from == player.0);
            let heard: Vec<&String> = of_speaker.map(|(_, text)| text).collect();
            let said: Vec<&String> = speaker.said.iter().map(|(_, line)| line).collect();
            once(&format!("chat lines of player {player}"), &heard, &said)?;
        }
        Ok(())
    }

    /// Plays the recording again and notes what it tells.
    fn replay(&self, assets: &dyn Assets) -> Result<Story, Fault> {
        let fail = |problem: &dyn ToString| Fault::Replay(problem.to_string());
        let bytes = tickwire_room::AnyRoom::recording(&self.room)
            .ok_or_else(|| fail(&"there is no recording"))?;
        let recording = Recording::<Skirmish>::load(&bytes).map_err(|error| fail(&error))?;
        let mut world =
            Match::<Skirmish>::create(recording.options().clone(), assets, recording.seed())
                .map_err(|error| fail(&error))?;
        let mut story = Story::default();
        for entry in recording.entries() {
            let entry = entry.map_err(|error| fail(&error))?;
            story.commands.extend(entry.commands.iter().map(|(from, number, _)| (*from, *number)));
            story.note(world.advance(&entry));
        }
        if world.hash() != self.room.world().hash() {
            return Err(fail(&"it ends in another state"));
        }
        Ok(story)
    }
}

/// What a match told.
#[derive(Default)]
struct Story {
    commands: Vec<(From, u32)>,
    reliable: Vec<(To, u32, Vec<u32>)>,
}

impl Story {
    fn note(&mut self, happenings: Happenings<Skirmish>) {
        for emitted in happenings.events.into_iter().filter(|emitted| emitted.reliable) {
            let mut columns = Vec::new();
            emitted.event.put(&mut columns);
            self.reliable.push((emitted.to, emitted.tick, columns));
        }
    }
}

/// `came` must be `sent`; else says where they part.
fn once<T: PartialEq + Debug>(what: &str, came: &[T], sent: &[T]) -> Result<(), Fault> {
    if came == sent {
        return Ok(());
    }
    let same = came.iter().zip(sent).take_while(|(came, sent)| came == sent).count();
    let rest = |list: &[T]| {
        format!("{:?} from the {same}th on", list.iter().skip(same).take(3).collect::<Vec<_>>())
    };
    Err(Fault::NotOnce { what: what.to_owned(), came: rest(came), sent: rest(sent) })
}
