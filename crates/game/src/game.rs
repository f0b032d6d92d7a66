//! The [`Game`] trait: what an author writes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tickwire_wire::level::Level;

use crate::assets::AssetReader;
use crate::coding::Wire;
use crate::cx::Cx;
use crate::dice::Dice;
use crate::ids::{From, PlayerId, Viewer};
use crate::inputs::Inputs;
use crate::player::{Connection, LeaveReason, Profile};
use crate::refusal::Refusal;
use crate::replicate::Replicate;
use crate::view::View;

/// A game. There is no `self`: all that a tick may touch is in [`State`](Game::State) (and the
/// fixed data), so the same functions serve the server, the predicting client, the bots and the
/// replay.
///
/// Everything but [`load`](Game::load) is pure: the same arguments give the same result on every
/// machine. So no clocks, no threads, no statics, no maps with random order, and floats only
/// through `+ - * /`, `sqrt` and [`math`](crate::math). [`testing::check`](crate::testing::check)
/// finds most slips.
pub trait Game: Sized + Send + 'static {
    /// Name in URLs, schema and logs: lower-case letters, digits, `-`, `_`.
    const NAME: &'static str;
    /// What is known of this game's snapshots beforehand, so that already the first ones are small:
    /// the bytes of a [`Prior`](tickwire_wire::prior::Prior), learnt from recordings. `None`: the
    /// protocol's own, which fits no game badly. It counts in rooms of level `ranged` and above.
    ///
    /// Once the rules hold still: record a few rooms (`RoomConfig::record`, then `AnyRoom::recording`;
    /// a match of bots will do), put the recordings through [`prior::train`](crate::prior::train), keep
    /// the bytes beside the source, and ship them:
    ///
    /// ```ignore
    /// const PRIOR: Option<&'static [u8]> = Some(include_bytes!("../prior.bin"));
    /// ```
    ///
    /// When fields come or go it still fits, only less well: train it again.
    const PRIOR: Option<&'static [u8]> = None;

    /// What a room is opened with (JSON from REST): map, mode.
    type Options: Default + Clone + Send + Sync + Serialize + DeserializeOwned;
    /// What is loaded once and shared: map, balance tables. Never replicated; clients fetch the
    /// assets by hash.
    type Fixed: Send + Sync + 'static;
    /// All that changes: tables of rows, singles.
    type State: Replicate + Clone + Send;
    /// What a player sends, one per tick. `Default` is hands off.
    type Input: Wire + Clone + Default + Send;
    /// What a player sends rarely: reliable, in order, never predicted. `()` when there are none.
    type Command: Wire + Clone + Send;
    /// What the game tells beside the state: transient, stamped with its tick.
    type Event: Wire + Clone + Send;
    /// What the game asks of the studio's back end. `()` when there is none.
    type Effect: Wire + Clone + Send;

    /// Rates and sizes of a room.
    fn settings(options: &Self::Options) -> Settings;

    /// Loads the fixed data: the only I/O. Every asset read is named, with its hash, to clients.
    ///
    /// # Errors
    /// When options or assets make no sense; the room is not opened.
    fn load(options: &Self::Options, assets: &mut AssetReader<'_>) -> Result<Self::Fixed, Refusal>;

    /// The state at tick 0. Events and effects are not heard yet.
    ///
    /// # Errors
    /// When the options make no sense; the room is not opened.
    fn create(options: &Self::Options, cx: &mut Cx<'_, Self>) -> Result<Self::State, Refusal>;

    /// A player takes a seat; already in [`Cx::players`].
    ///
    /// # Errors
    /// Refuses the player. The state must then be as before.
    fn enter(
        state: &mut Self::State,
        player: PlayerId,
        profile: &Profile,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal>;

    /// A player's client was cut off, or is back.
    fn connection(
        state: &mut Self::State,
        player: PlayerId,
        connection: Connection,
        cx: &mut Cx<'_, Self>,
    ) {
        let _ = (state, player, connection, cx);
    }

    /// A player gives up the seat; still in [`Cx::players`].
    fn leave(state: &mut Self::State, player: PlayerId, why: LeaveReason, cx: &mut Cx<'_, Self>);

    /// A command arrived.
    ///
    /// # Errors
    /// Refuses the command; the sender is told. The state must then be as before.
    fn command(
        state: &mut Self::State,
        from: From,
        command: &Self::Command,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let _ = (state, from, command, cx);
        Err(Refusal::new("this game has no commands"))
    }

    /// One tick: state, inputs and `cx` decide everything.
    fn tick(state: &mut Self::State, inputs: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>);

    /// Moves my own rows one tick. Reads any replicated row but not skipped fields nor others'
    /// private ones, and writes only rows that I own: a client runs it on what it has received.
    /// `tick` calls it for each player.
    fn predict(state: &mut Self::State, me: PlayerId, input: &Self::Input, cx: &mut Cx<'_, Self>) {
        let _ = (state, me, input, cx);
    }

    /// What a viewer is sent. May not depend on what the viewer must not know.
    fn view(state: &Self::State, viewer: Viewer, view: &mut View) {
        let _ = (state, viewer);
        view.everything();
    }

    /// Forces an input from outside into sense, on both sides. Clamping twice must change nothing
    /// more.
    fn clamp(input: &mut Self::Input) {
        let _ = input;
    }

    /// What a bot in this seat does: empty seats and load tests.
    fn bot(state: &Self::State, me: PlayerId, fixed: &Self::Fixed, dice: &mut Dice) -> Self::Input {
        let _ = (state, me, fixed, dice);
        Self::Input::default()
    }
}

/// Rates and sizes of a room.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Settings {
    /// Ticks per second, 1..=240.
    pub tick_hz: u16,
    /// A snapshot every so many ticks, 1..=120.
    pub send_every: u16,
    /// Players at once, 1..=4096.
    pub seats: u16,
    /// Teams, numbered from 1; 0 = none.
    pub teams: u8,
    /// Side of an interest cell in the units of `#[net(at = ..)]`; `None` = everyone sees
    /// everything.
    pub cell_size: Option<f32>,
    /// How hard snapshots are compressed, unless whoever opens the room or runs the server chooses
    /// otherwise. `Packed` takes the least CPU, here and in clients; `Ranged`, the default, takes fewer
    /// bytes and about twice the time; `RangedMax` a few bytes less again, for still more time.
    ///
    /// The ranged levels start from a prior. The protocol's own may not pay for a small, unusual game:
    /// measure (the bench `codec`, or `bots --level` with your game), and train one
    /// of its own ([`Game::PRIOR`]).
    pub level: Level,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tick_hz: 30,
            send_every: 1,
            seats: 16,
            teams: 0,
            cell_size: None,
            level: Level::Ranged,
        }
    }
}
