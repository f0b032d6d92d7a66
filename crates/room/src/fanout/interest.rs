//! Which streams a viewer is to have.

use tickwire_game::{PlayerId, Team, Vec2, View};
use tickwire_wire::columns::Extract;

use super::grid::Grid;
use super::key::{Audience, Place, StreamKey};
use super::placing::Placing;
use super::streams::Streams;
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

/// Who looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Eyes<'a> {
    pub(crate) player: PlayerId,
    pub(crate) team: Team,
    /// The streams of the snapshot before: a cell once seen is kept a little longer.
    pub(crate) held: &'a [Held],
}

impl Scene<'_> {
    /// Fills `wanted` with the streams that `eyes` are to have, ascending by number.
    pub(crate) fn choose(
        &self,
        eyes: Eyes<'_>,
        view: impl FnOnce() -> View,
        streams: &mut Streams,
        wanted: &mut Vec<(u32, StreamKey)>,
    ) {
        wanted.clear();
        let audiences =
            [Audience::Everyone, Audience::Team(eyes.team.0), Audience::Player(eyes.player.0)];
        for key in audiences.map(StreamKey::everywhere) {
            if let Some(number) = streams.number(key) {
                wanted.push((number, key));
            }
        }
        if let Some(grid) = &self.tables.grid {
            let view = view();
            self.choose_cells(grid, eyes, &view, streams, wanted);
            wanted.sort_unstable();
            wanted.dedup();
            self.choose_rows(eyes, &view, streams, wanted);
        }
        wanted.sort_unstable();
        wanted.dedup();
    }

    /// Whether a viewer that has the `wanted` streams (sorted) sees a row.
    pub(crate) fn sees(
        &self,
        (table, index): (usize, usize),
        streams: &Streams,
        wanted: &[(u32, StreamKey)],
    ) -> bool {
        let columns = &self.state.public.tables[table];
        let Some(home) = self.tables.key(table, columns.row(index)) else { return false };
        let place = Place::Row { table: table as u16, id: columns.ids[index] };
        [home, StreamKey { place, ..home }].iter().any(|&key| {
            let number = streams.number(key);
            number.is_some_and(|number| wanted.binary_search(&(number, key)).is_ok())
        })
    }

    fn choose_cells(
        &self,
        grid: &Grid,
        eyes: Eyes<'_>,
        view: &View,
        streams: &Streams,
        wanted: &mut Vec<(u32, StreamKey)>,
    ) {
        let mut want = |key: StreamKey| {
            if wanted.len() < MAX_VIEWER_STREAMS
                && key.audience.admits(eyes.player, eyes.team)
                && let Some(number) = streams.number(key)
            {
                wanted.push((number, key));
            }
        };
        if view.is_everything() {
            let cells = self.placing.cells(0, u32::MAX);
            self.placing.groups()[cells].iter().for_each(|group| want(group.key));
            return;
        }
        let margin = grid.size() * CELL_HYSTERESIS;
        for area in view.areas() {
            self.near(grid, area.middle, area.radius + margin, |key, cell| {
                let held = || {
                    let number = streams.number(key);
                    number.is_some_and(|n| eyes.held.binary_search_by_key(&n, |h| h.number).is_ok())
                };
                if grid.reaches(cell, area.middle, area.radius) || held() {
                    want(key);
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
        wanted: &mut Vec<(u32, StreamKey)>,
    ) {
        let seen = wanted.len();
        let asked = view.rows().iter().filter_map(|row| {
            let table = self.tables.row_types.iter().position(|name| *name == row.row_type)?;
            Some((table, self.state.public.tables[table].find(row.id)?))
        });
        for (table, index) in asked.chain(self.placing.owned_by(eyes.player.0)) {
            let columns = &self.state.public.tables[table];
            let Some(home) = self.tables.key(table, columns.row(index)) else { continue };
            let number = streams.number(home);
            let has = |n| wanted[..seen].binary_search_by_key(&n, |(number, _)| *number).is_ok();
            if !home.audience.admits(eyes.player, eyes.team) || number.is_some_and(has) {
                continue;
            }
            let place = Place::Row { table: table as u16, id: columns.ids[index] };
            let key = StreamKey { place, audience: home.audience };
            if wanted.len() >= MAX_VIEWER_STREAMS {
                return;
            }
            streams.advance_row(self.tick, key, self.tables, self.state, (table, index));
            if let Some(number) = streams.number(key) {
                wanted.push((number, key));
            }
        }
    }
}
