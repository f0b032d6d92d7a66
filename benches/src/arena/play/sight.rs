//! Whether a client sees what it must, and nothing that is not.

use tickwire_game::{PlayerId, Vec2, World};
use tickwire_wire::columns::{StateColumns, TableColumns};

use super::client::Client;
use crate::arena::Arena;

/// Index of the entities in the schema; before them comes the players table.
const ENTITIES: usize = 1;
/// Metres from the edge of the view within which a row may be missing: the room measures in f32.
const EDGE_M: f32 = 0.001;

/// What a client has after a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    /// Entities.
    pub(super) rows: u64,
    /// Entities within the view radius, exactly; all of them where there is none.
    pub(super) rows_in_radius: u64,
}

impl Sight {
    /// Holds a client's state against the `world`'s, of which `truth` are the columns.
    ///
    /// # Errors
    /// The first difference, for people.
    pub(super) fn check(
        client: &Client,
        world: &World<Arena>,
        truth: &StateColumns,
    ) -> Result<Self, String> {
        let seen = &client.session.state().ok_or("no state at all")?.public.tables;
        for (table, (seen, truth)) in seen.iter().zip(&truth.tables).enumerate() {
            rows_are_true(seen, truth).map_err(|what| format!("table {table}: {what}"))?;
            if table != ENTITIES && seen.len() != truth.len() {
                return Err(format!("table {table}: {} of {} rows", seen.len(), truth.len()));
            }
        }
        let rows_in_radius = View::of(world, client.player)?.check(world, &seen[ENTITIES])?;
        Ok(Self { rows: seen[ENTITIES].len() as u64, rows_in_radius })
    }
}

/// Each row seen has the columns of the row of that id.
fn rows_are_true(seen: &TableColumns, truth: &TableColumns) -> Result<(), String> {
    for (id, row) in seen.iter() {
        match truth.get(id) {
            Some(truth) if truth == row => {}
            Some(truth) => return Err(format!("row {id} is {row:?}, in truth {truth:?}")),
            None => return Err(format!("row {id} does not exist")),
        }
    }
    Ok(())
}

/// What a player must see.
struct View {
    middle: Vec2,
    radius: f32,
}

impl View {
    fn of(world: &World<Arena>, player: u16) -> Result<Self, String> {
        let own = world.state().entities.owned_by(PlayerId(player));
        let (_, entity) = own.ok_or("the player has no entity")?;
        let radius = world.options().view_radius.unwrap_or(f32::INFINITY);
        Ok(Self { middle: entity.pos, radius })
    }

    /// Counts the entities inside, each of which must have been seen.
    fn check(&self, world: &World<Arena>, seen: &TableColumns) -> Result<u64, String> {
        let mut inside = 0;
        for (id, entity) in world.state().entities.iter() {
            let Some(inside_m) = self.inside_m(entity.pos) else { continue };
            inside += 1;
            if inside_m > EDGE_M && seen.find(id.raw()).is_none() {
                return Err(format!("entity {id} is missing, {inside_m} m inside the view"));
            }
        }
        Ok(inside)
    }

    /// How far from the edge of the view a place inside it is.
    fn inside_m(&self, at: Vec2) -> Option<f32> {
        let inside_m = self.radius - at.distance(self.middle);
        (inside_m >= 0.0).then_some(inside_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::config::{B50, Config};
    use crate::arena::play::Play;
    use crate::levels::Coder;

    /// What the check says of a client when the truth is not what the room sent.
    fn checked(change: impl Fn(&mut StateColumns)) -> Result<Sight, String> {
        let config = Config { players: 4, npcs: 30, ..B50 };
        let mut play = Play::open(&config, 1, &Coder::PACKED).unwrap();
        play.run(5, None).unwrap();
        let mut truth = play.truth.public.clone();
        change(&mut truth);
        Sight::check(&play.clients[0], play.room.world(), &truth)
    }

    #[test]
    fn a_difference_is_noticed() {
        assert!(checked(|_| {}).is_ok());
        let error = checked(|truth| truth.tables[ENTITIES].cells.iter_mut().for_each(|c| *c += 1));
        assert!(error.unwrap_err().contains("in truth"));
        let error = checked(|truth| truth.tables[ENTITIES].clear());
        assert!(error.unwrap_err().contains("does not exist"));
        let error = checked(|truth| {
            let row = truth.tables[0].row(0).to_vec();
            truth.tables[0].push(99, &row);
        });
        assert!(error.unwrap_err().contains("4 of 5 rows"));
    }

    #[test]
    fn an_entity_that_is_not_sent_is_noticed() {
        // The room sends 50 m; a client who must see the whole world misses some.
        let config = Config { players: 4, npcs: 30, ..B50 };
        let mut play = Play::open(&config, 1, &Coder::PACKED).unwrap();
        play.run(5, None).unwrap();
        let view = View { middle: Vec2::splat(100.0), radius: 300.0 };
        let entities = play.room.world().state().entities.iter();
        assert_eq!(entities.filter(|(_, entity)| view.inside_m(entity.pos).is_some()).count(), 34);
        let seen = play.clients[0].session.state().unwrap();
        assert!(seen.public.tables[ENTITIES].len() < 34);
        let error = view.check(play.room.world(), &seen.public.tables[ENTITIES]).unwrap_err();
        assert!(error.contains("is missing"), "{error}");
    }
}
