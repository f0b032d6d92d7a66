//! Looking at a world: changes nothing, shows the same twice, and keeps secrets.

use tickwire_wire::columns::Extract;

use super::forms::columns_of;
use super::script::seated;
use super::{Broken, Rule};
use crate::game::Game;
use crate::ids::{PlayerId, Viewer};
use crate::replicate::Replicate;
use crate::view::View;
use crate::world::World;

pub(super) fn check<G: Game>(world: &World<G>) -> Result<(), Broken> {
    let before = world.hash();
    let players = seated(world);
    let viewers = players.iter().map(|player| Viewer::Player(*player));
    for viewer in viewers.chain([Viewer::Spectator, Viewer::Player(PlayerId(u16::MAX))]) {
        check_view(world, viewer)?;
    }
    for player in players {
        let (once, twice) = (world.bot_input(player), world.bot_input(player));
        Rule::LooksChangeNothing.hold(columns_of(&once) == columns_of(&twice), || {
            format!("`bot` of player {player} answered differently when asked twice")
        })?;
    }
    let (mut once, mut twice) = (Extract::default(), Extract::default());
    world.extract(&mut once);
    world.extract(&mut twice);
    Rule::LooksChangeNothing.hold(once == twice && world.hash() == before, || {
        "`view`, `bot` or extracting changed the state".to_owned()
    })
}

fn check_view<G: Game>(world: &World<G>, viewer: Viewer) -> Result<(), Broken> {
    let view = world.view(viewer);
    Rule::LooksChangeNothing.hold(view == world.view(viewer), || {
        format!("`view` of {viewer:?} answered differently when asked twice")
    })?;
    let me = match viewer {
        Viewer::Player(player) => player,
        Viewer::Spectator => PlayerId::NONE,
    };
    let mut state = world.state().clone();
    state.clear_private(me);
    let mut without = View::new();
    G::view(&state, viewer, &mut without);
    Rule::ViewsKeepSecrets.hold(view == without, || {
        format!("`view` of {viewer:?} changes with private fields of others: their owners' secrets show in what is sent")
    })
}
