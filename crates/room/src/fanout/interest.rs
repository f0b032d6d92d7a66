//! Which streams a viewer is to have.

use tickwire_game::{PlayerId, Team, Vec2, View};
use tickwire_wire::columns::Extract;

use super::grid::Grid;
use super::key::{Audience, Place, StreamKey};
use super::numbers::Numbers;
use super::placing::Placing;
use super::streams::{Slot, Streams};
use super::tables::Tables;
use super::viewer::Held;
use crate::limits::{CELL_HYSTERESIS, MAX_VIEWER_STREAMS};

/// One snapshot, as far as choosing streams goes.
pub(crate) struct Scene<'a> {
    pub(crate) tick: u32,
    pub(crate) tables: &'a Tables,
    pub(crate) state: &'a Extract,
    pub(crate) placing: &'a Placing,
}

/// A stream that a viewer is to have. In order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Want {
    /// Its number on the wire.
    pub(crate) number: u32,
    /// What it is for.
    pub(crate) key: StreamKey,
    /// Since when a single row is followed; else 0.
    pub(crate) since: u32,
    /// Where it is kept.
    pub(crate) slot: Slot,
}

/// Who looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Eyes<'a> {
    pub(crate) player: PlayerId,
    pub(crate) team: Team,
    /// The streams of the snapshot before: a cell once seen is kept a little longer.
    pub(crate) held: &'a [Held],
    /// Whether that snapshot was of the same rate.
    pub(crate) same_rate: bool,
}

/// Whether a viewer that is to have the `wanted` streams (ascending) sees a row, given as table and
/// id, whose stream is `home`.
pub(crate) fn sees((table, id): (usize, u32), home: Option<StreamKey>, wanted: &[Want]) -> bool {
    let Some(home) = home else { return false };
    let place = Place::Row { table: table as u16, id };
    wanted.iter().any(|want| want.key == home || want.key == StreamKey { place, ..home })
}

impl Scene<'_> {
    /// Fills `wanted` with the streams that `eyes` are to have, ascending by number.
    pub(crate) fn choose(
        &self,
        eyes: Eyes<'_>,
        view: &View,
        streams: &mut Streams,
        numbers: &mut Numbers,
        wanted: &mut Vec<Want>,
    ) {
        wanted.clear();
        let audiences =
            [Audience::Everyone, Audience::Team(eyes.team.0), Audience::Player(eyes.player.0)];
        for key in audiences.map(StreamKey::everywhere) {
            wanted.extend(want(streams, key));
        }
        if let Some(grid) = &self.tables.grid {
            self.choose_cells(grid, eyes, view, streams, wanted);
            wanted.sort_unstable();
            wanted.dedup();
            self.choose_rows(eyes, view, streams, numbers, wanted);
        }
        wanted.sort_unstable();
        wanted.dedup();
    }

    fn choose_cells(
        &self,
        grid: &Grid,
        eyes: Eyes<'_>,
        view: &View,
        streams: &Streams,
        wanted: &mut Vec<Want>,
    ) {
        let admits = |key: StreamKey| key.audience.admits(eyes.player, eyes.team);
        let mut add = |found: Want| {
            if wanted.len() < MAX_VIEWER_STREAMS {
                wanted.push(found);
            }
        };
        if view.is_everything() {
            let cells = &self.placing.groups()[self.placing.cells(0, u32::MAX)];
            let keys = cells.iter().map(|group| group.key).filter(|&key| admits(key));
            keys.filter_map(|key| want(streams, key)).for_each(add);
            return;
        }
        let margin = grid.size() * CELL_HYSTERESIS;
        for area in view.areas() {
            self.near(grid, area.middle, area.radius + margin, |key, cell| {
                let Some(found) = want(streams, key).filter(|_| admits(key)) else { return };
                let is_held = || {
                    let at = eyes.held.binary_search_by_key(&found.number, |held| held.number);
                    at.is_ok_and(|at| eyes.held[at].key == key)
                };
                if grid.reaches(cell, area.middle, area.radius) || is_held() {
                    add(found);
                }
            });
        }
    }

    /// Calls `found` for the streams of the cells that reach into a circle.
    fn near(&self, grid: &Grid, middle: Vec2, radius: f32, mut found: impl FnMut(StreamKey, u32)) {
        let around = grid.around(middle, radius);
        for y in around.y.0..=around.y.1 {
            let cells = self.placing.cells(grid.join(around.x.0, y), grid.join(around.x.1, y));
            for group in &self.placing.groups()[cells] {
                if let Place::Cell(cell) = group.key.place
                    && grid.reaches(cell, middle, radius)
                {
                    found(group.key, cell);
                }
            }
        }
    }

    /// Single rows that no stream in `wanted` (sorted) holds: those that the view asks for, and
    /// the viewer's own, which prediction and private fields rest on.
    fn choose_rows(
        &self,
        eyes: Eyes<'_>,
        view: &View,
        streams: &mut Streams,
        numbers: &mut Numbers,
        wanted: &mut Vec<Want>,
    ) {
        let seen = wanted.len();
        let asked = view.rows().iter().filter_map(|row| {
            let table = self.tables.row_types.iter().position(|name| *name == row.row_type)?;
            Some((table, self.state.public.tables[table].find(row.id)?))
        });
        for (table, index) in asked.chain(self.placing.owned_by(eyes.player.0)) {
            let Some(home) = self.placing.home(self.tables, self.state, (table, index)) else {
                continue;
            };
            let has = |want: Want| wanted[..seen].binary_search(&want).is_ok();
            if !home.audience.admits(eyes.player, eyes.team) || want(streams, home).is_some_and(has)
            {
                continue;
            }
            if wanted.len() >= MAX_VIEWER_STREAMS {
                return;
            }
            let id = self.state.public.tables[table].ids[index];
            let place = Place::Row { table: table as u16, id };
            let key = StreamKey { place, audience: home.audience };
            let since = self.followed_since(key, eyes, streams, numbers);
            let row = (table, index);
            let slot = streams.advance_row((key, since), self.tables, self.state, row, numbers);
            wanted.push(Want { number: streams.number(slot), key, since, slot });
        }
    }

    /// Since when a viewer has been following a single row; from now on when it has not.
    fn followed_since(
        &self,
        key: StreamKey,
        eyes: Eyes<'_>,
        streams: &Streams,
        numbers: &Numbers,
    ) -> u32 {
        let number = numbers.find(key, self.tables.len()).filter(|_| eyes.same_rate);
        let held = number.and_then(|number| {
            let at = eyes.held.binary_search_by_key(&number, |held| held.number).ok()?;
            Some(eyes.held[at])
        });
        let held = held.filter(|held| held.key == key && streams.follows(key, held.since));
        held.map_or(self.tick, |held| held.since)
    }
}

/// The stream of an audience or cell, while it has rows.
fn want(streams: &Streams, key: StreamKey) -> Option<Want> {
    let slot = streams.slot(key, 0)?;
    Some(Want { number: streams.number(slot), key, since: 0, slot })
}
