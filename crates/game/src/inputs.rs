//! [`Inputs`]: what the players do in one tick.

use crate::coding::{ColumnReader, Wire};
use crate::game::Game;
use crate::ids::PlayerId;
use crate::limits::MAX_SETTLE_ROUNDS;
use crate::player::Player;
use crate::table::Table;

/// What the players do in one tick: one input for every player with a seat, `Default` where none
/// came.
pub struct Inputs<'a, G: Game> {
    /// Ascending by player.
    inputs: &'a [(PlayerId, G::Input)],
    /// For players who are not there.
    idle: &'a G::Input,
}

impl<'a, G: Game> Inputs<'a, G> {
    pub(crate) fn new(inputs: &'a [(PlayerId, G::Input)], idle: &'a G::Input) -> Self {
        Self { inputs, idle }
    }

    /// The input of a player; `Default` when none came.
    pub fn get(&self, player: PlayerId) -> &'a G::Input {
        match self.inputs.binary_search_by_key(&player, |(player, _)| *player) {
            Ok(index) => &self.inputs[index].1,
            Err(_) => self.idle,
        }
    }

    /// Every player with a seat and the input, in the order of player ids.
    pub fn iter(&self) -> impl Iterator<Item = (PlayerId, &'a G::Input)> + use<'a, G> {
        self.inputs.iter().map(|(player, input)| (*player, input))
    }
}

/// One settled input for each seated player, ascending. Of several for one player the last counts;
/// inputs of strangers are dropped.
pub(crate) fn gather<G: Game>(
    players: &Table<Player>,
    sent: &[(PlayerId, G::Input)],
) -> Vec<(PlayerId, G::Input)> {
    let mut order: Vec<usize> = (0..sent.len()).collect();
    order.sort_by_key(|&index| (sent[index].0, index));
    players
        .iter()
        .map(|(id, _)| {
            let player = PlayerId(id.raw() as u16);
            let end = order.partition_point(|&index| sent[index].0 <= player);
            let newest = end.checked_sub(1).map(|last| &sent[order[last]]);
            let mut input = match newest {
                Some((sender, input)) if *sender == player => input.clone(),
                _ => G::Input::default(),
            };
            settle::<G>(&mut input);
            (player, input)
        })
        .collect()
}

/// Brings an input into the form that a tick uses: [clamped](Game::clamp) and rounded to wire
/// precision, again until neither changes it. Clients do the same before they predict with it.
pub fn settle<G: Game>(input: &mut G::Input) {
    let mut before = Vec::with_capacity(G::Input::COLUMNS);
    input.put(&mut before);
    let mut after = Vec::with_capacity(G::Input::COLUMNS);
    for _ in 0..MAX_SETTLE_ROUNDS {
        *input = G::Input::get(&mut ColumnReader::new(&before));
        G::clamp(input);
        after.clear();
        input.put(&mut after);
        if after == before {
            break;
        }
        std::mem::swap(&mut before, &mut after);
    }
    *input = G::Input::get(&mut ColumnReader::new(&before));
}
