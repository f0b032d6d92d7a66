//! Prediction: on what a client has received it comes to the same as on the server's state.

use tickwire_wire::columns::{Extract, TableColumns};
use tickwire_wire::layout::TableLayout;
use tickwire_wire::schema::{Audience, TableSchema};
use tickwire_wire::shape::Shape;

use super::forms::Forms;
use super::script::{random, seated};
use super::{Broken, Rule};
use crate::dice::Dice;
use crate::game::Game;
use crate::ids::{Id, PlayerId};
use crate::inputs::settle;
use crate::player::Player;
use crate::predict::{Guess, players_of};
use crate::replicate::Replicate;
use crate::table::Table;
use crate::table::columns::TableField;
use crate::world::World;

/// Predicts one tick for every player, once on the server's state and once on what the player has
/// received.
pub(super) fn check<G: Game>(
    world: &World<G>,
    forms: &Forms,
    dice: &mut Dice,
) -> Result<(), Broken> {
    let mut before = Extract::default();
    world.extract(&mut before);
    for me in seated(world) {
        let mut input = if dice.chance(0.5) { world.bot_input(me) } else { random(dice) };
        settle::<G>(&mut input);
        let mut full = world.state().clone();
        guess(world, world.players(), &mut full, me, &input);
        let full = extract_of(world.players(), &full);

        let received = received(&before, forms, world.players(), me);
        let players = players_of(&received);
        let mut theirs = G::State::from_columns(&received, 1);
        guess(world, &players, &mut theirs, me, &input);
        let theirs = extract_of(&players, &theirs);

        for (index, schema) in forms.schema.tables.iter().enumerate().skip(1) {
            let table = OneTable { index, schema, layout: &forms.layout.tables[index], me };
            table.writes_only_mine(&before, &full)?;
            table.agrees(&full, &theirs)?;
        }
    }
    Ok(())
}

fn guess<G: Game>(
    world: &World<G>,
    players: &Table<Player>,
    state: &mut G::State,
    me: PlayerId,
    input: &G::Input,
) {
    let guess: Guess<'_, G> = Guess {
        tick: world.tick() + 1,
        tick_hz: world.settings().tick_hz,
        fixed: &**world.fixed(),
        players,
    };
    guess.step(state, me, input);
}

fn extract_of<S: Replicate>(players: &Table<Player>, state: &S) -> Extract {
    let mut out = Extract::default();
    players.extract(&mut out);
    state.extract(&mut out);
    out
}

/// One table, seen by one player.
struct OneTable<'a> {
    index: usize,
    schema: &'a TableSchema,
    layout: &'a TableLayout,
    me: PlayerId,
}

impl OneTable<'_> {
    fn is_mine(&self, row: &[u32]) -> bool {
        self.layout.owner.is_some_and(|column| row[column] == u32::from(self.me.0))
    }

    fn writes_only_mine(&self, before: &Extract, after: &Extract) -> Result<(), Broken> {
        let (me, name) = (self.me, &self.schema.name);
        let (old, new) = (&before.public.tables[self.index], &after.public.tables[self.index]);
        Rule::Predicts.hold(old.ids == new.ids, || {
            format!("`predict` of player {me} added or removed rows of `{name}`")
        })?;
        let secrets = (&before.private.tables[self.index], &after.private.tables[self.index]);
        for (id, row) in old.iter() {
            let is_same = new.get(id) == Some(row) && secrets.0.get(id) == secrets.1.get(id);
            Rule::Predicts.hold(is_same || self.is_mine(row), || {
                format!("`predict` of player {me} changed row {id} of `{name}`, which is not the player's")
            })?;
        }
        Ok(())
    }

    fn agrees(&self, full: &Extract, theirs: &Extract) -> Result<(), Broken> {
        let (me, name) = (self.me, &self.schema.name);
        let public = (&full.public.tables[self.index], &theirs.public.tables[self.index]);
        let private = (&full.private.tables[self.index], &theirs.private.tables[self.index]);
        for (id, row) in public.1.iter().filter(|(_, row)| self.is_mine(row)) {
            let is_same = public.0.get(id) == Some(row) && private.0.get(id) == private.1.get(id);
            Rule::Predicts.hold(is_same, || {
                format!(
                    "`predict` of player {me} comes to another row {id} of `{name}` on what the client has \
                     received: it reads a skipped field, a private field of another player, or `cx.dice`"
                )
            })?;
        }
        Ok(())
    }
}

/// What `me` has received: rows whose audience includes the player, private columns of own rows.
fn received(sent: &Extract, forms: &Forms, players: &Table<Player>, me: PlayerId) -> Extract {
    let team = players.get(Id::new(u32::from(me.0))).map_or(0, |player| u32::from(player.team.0));
    let mut out = Extract::default();
    for (index, schema) in forms.schema.tables.iter().enumerate() {
        let (public, private) = (&sent.public.tables[index], &sent.private.tables[index]);
        let table = OneTable { index, schema, layout: &forms.layout.tables[index], me };
        let (to_public, to_private) = out.append(public.width, private.width);
        for (id, row) in public.iter().filter(|(_, row)| table.is_audience(row, team)) {
            to_public.push(id, row);
            if table.is_mine(row) {
                to_private.push(id, private.get(id).unwrap_or_default());
            } else {
                push_zeros(to_private, id);
            }
        }
    }
    out
}

fn push_zeros(table: &mut TableColumns, id: u32) {
    let width = table.width;
    table.ids.push(id);
    table.cells.resize(table.cells.len() + width, 0);
}

impl OneTable<'_> {
    /// Whether the player receives this row.
    fn is_audience(&self, row: &[u32], team: u32) -> bool {
        let (Audience::Field(field), Some(column)) = (self.schema.audience, self.layout.audience)
        else {
            return true;
        };
        match self.schema.fields[field].shape {
            Shape::Team => row[column] != 0 && row[column] == team,
            _ => row[column] != 0 && row[column] == u32::from(self.me.0),
        }
    }
}
