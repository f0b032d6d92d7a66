//! One small game, sound or with one offence planted.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use tickwire_game::{
    AssetReader, Cx, Dice, From, Game, Inputs, LeaveReason, PlayerId, Profile, Refusal, Replicate,
    Row, Settings, Table, Vec2, View, Viewer, Wire,
};

#[derive(Clone, Row)]
pub(crate) struct Pawn {
    #[net(owner)]
    player: PlayerId,
    #[net(range = -32.0..32.0, step = 0.125, lerp)]
    pos: Vec2,
    steps: u32,
    #[net(to = owner)]
    luck: u16,
    #[net(skip)]
    diary: Diary,
}

/// Remembers a number.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Diary {
    pages: u32,
    #[serde(skip)]
    torn_out: u32,
}

#[derive(Clone, Replicate)]
pub(crate) struct Board {
    pawns: Table<Pawn>,
}

#[derive(Clone, Default, Wire)]
pub(crate) struct Move {
    #[net(range = -1.0..=1.0, step = 0.25)]
    by: Vec2,
    slot: u8,
}

#[derive(Clone, Wire)]
pub(crate) enum Wish {
    Luck(u16),
    Nothing,
}

/// What is wrong with a game; nothing unless overridden.
pub(crate) trait Offence: Send + 'static {
    const NAME: &'static str;

    fn tick(_: &mut Pawn, _: &Move) {}
    fn view(_: &Board, _: &mut View) {}
    fn predict(_: &mut Board, _: PlayerId) {}
    fn refuse(_: &mut Pawn) {}
    fn clamp(_: &mut Move) {}
}

pub(crate) struct PawnGame<O>(PhantomData<O>);

impl<O: Offence> Game for PawnGame<O> {
    const NAME: &'static str = O::NAME;
    type Options = ();
    type Fixed = ();
    type State = Board;
    type Input = Move;
    type Command = Wish;
    type Event = ();
    type Effect = ();

    fn settings((): &()) -> Settings {
        Settings { seats: 5, ..Settings::default() }
    }

    fn load((): &(), _: &mut AssetReader<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn create((): &(), _: &mut Cx<'_, Self>) -> Result<Board, Refusal> {
        Ok(Board { pawns: Table::new() })
    }

    fn enter(
        board: &mut Board,
        player: PlayerId,
        _: &Profile,
        _: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let (pos, diary) = (Vec2::ZERO, Diary::default());
        board.pawns.insert(Pawn { player, pos, steps: 0, luck: 0, diary });
        Ok(())
    }

    fn leave(board: &mut Board, player: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {
        board.pawns.retain(|_, pawn| pawn.player != player);
    }

    fn command(
        board: &mut Board,
        from: From,
        wish: &Wish,
        _: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let From::Player(player) = from else { return Ok(()) };
        let Some((_, pawn)) = board.pawns.owned_by_mut(player) else { return Ok(()) };
        match wish {
            Wish::Luck(luck) => pawn.luck = *luck,
            Wish::Nothing => {
                O::refuse(pawn);
                return Err("you must wish for something".into());
            }
        }
        Ok(())
    }

    fn tick(board: &mut Board, inputs: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>) {
        for (player, input) in inputs.iter() {
            Self::predict(board, player, input, cx);
            if let Some((_, pawn)) = board.pawns.owned_by_mut(player) {
                pawn.diary.pages += 1;
                O::tick(pawn, input);
            }
        }
    }

    fn predict(board: &mut Board, me: PlayerId, input: &Move, _: &mut Cx<'_, Self>) {
        O::predict(board, me);
        if let Some((_, pawn)) = board.pawns.owned_by_mut(me) {
            pawn.pos += input.by;
        }
    }

    fn view(board: &Board, _: Viewer, view: &mut View) {
        view.everything();
        O::view(board, view);
    }

    fn clamp(input: &mut Move) {
        O::clamp(input);
    }

    fn bot(_: &Board, _: PlayerId, (): &(), dice: &mut Dice) -> Move {
        Move { by: Vec2::new(dice.range(-1.0..1.0), dice.range(-1.0..1.0)), slot: 0 }
    }
}

macro_rules! offence {
    ($(#[$doc:meta])* $game:ident, $marker:ident, $name:literal, { $($body:tt)* }) => {
        $(#[$doc])*
        pub(crate) type $game = PawnGame<$marker>;
        pub(crate) struct $marker;
        impl Offence for $marker {
            const NAME: &'static str = $name;
            $($body)*
        }
    };
}

offence!(
    /// Nothing is wrong.
    Sound, NoOffence, "sound", {}
);

static COUNTER: AtomicU32 = AtomicU32::new(0);

offence!(
    /// Counts outside the state.
    StaticCounter, Counts, "static-counter", {
        fn tick(pawn: &mut Pawn, _: &Move) {
            pawn.steps = COUNTER.fetch_add(1, Ordering::Relaxed);
        }
    }
);

offence!(
    /// Decides by a value that is not saved.
    Forgetful, Forgets, "forgetful", {
        fn tick(pawn: &mut Pawn, _: &Move) {
            pawn.diary.torn_out += 1;
            if pawn.diary.torn_out.is_multiple_of(16) {
                pawn.steps += 1;
            }
        }
    }
);

offence!(
    /// Trusts an index from outside.
    Brittle, Trusts, "brittle", {
        fn tick(pawn: &mut Pawn, input: &Move) {
            let slots = [1, 2, 3];
            pawn.steps += slots[usize::from(input.slot)];
        }
    }
);

offence!(
    /// Lets the view depend on a private field.
    Gossip, Tells, "gossip", {
        fn view(board: &Board, view: &mut View) {
            for (id, _) in board.pawns.iter().filter(|(_, pawn)| pawn.luck > 100) {
                view.also(id);
            }
        }
    }
);

offence!(
    /// Predicts by a field that no client has.
    Seer, Foresees, "seer", {
        fn predict(board: &mut Board, me: PlayerId) {
            if let Some((_, pawn)) = board.pawns.owned_by_mut(me) {
                pawn.steps = pawn.diary.pages;
            }
        }
    }
);

offence!(
    /// Predicts rows of others.
    Puppeteer, Pulls, "puppeteer", {
        fn predict(board: &mut Board, me: PlayerId) {
            for pawn in board.pawns.values_mut().filter(|pawn| pawn.player != me) {
                pawn.steps += 1;
            }
        }
    }
);

offence!(
    /// Refuses after the deed.
    HalfDone, Regrets, "half-done", {
        fn refuse(pawn: &mut Pawn) {
            pawn.steps += 1;
        }
    }
);

offence!(
    /// Shrinks an input each time it is clamped.
    Restless, Shrinks, "restless", {
        fn clamp(input: &mut Move) {
            input.by.x -= if input.by.x > -0.9 { 0.25 } else { -1.75 };
        }
    }
);
