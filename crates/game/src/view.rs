//! [`View`]: which rows a viewer is sent.

use glam::Vec2;

use crate::ids::{Id, RowRef};
use crate::limits::{MAX_VIEW_AREAS, MAX_VIEW_ROWS};
use crate::row::Row;

/// Which rows a viewer is sent, beyond the audiences of tables and fields: it only ever adds.
/// Secrecy is the audience's business.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct View {
    everything: bool,
    areas: Vec<Area>,
    rows: Vec<RowRef>,
}

/// A circle of interest, in the units of `#[net(at = ..)]`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// Its middle.
    pub middle: Vec2,
    /// Its radius.
    pub radius: f32,
}

impl View {
    /// A view of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants nothing again; keeps its memory.
    pub fn clear(&mut self) {
        self.everything = false;
        self.areas.clear();
        self.rows.clear();
    }

    /// Every row.
    pub fn everything(&mut self) {
        self.everything = true;
    }

    /// The rows of placed tables within `radius` of `middle`, and some beyond: whole cells are
    /// sent. At most [`MAX_VIEW_AREAS`] areas count, those asked for first.
    pub fn near(&mut self, middle: Vec2, radius: f32) {
        if self.areas.len() < MAX_VIEW_AREAS {
            self.areas.push(Area { middle, radius });
        }
    }

    /// This row, wherever it is. At most [`MAX_VIEW_ROWS`] count, those asked for first.
    pub fn also<R: Row>(&mut self, id: Id<R>) {
        if !id.is_none() && self.rows.len() < MAX_VIEW_ROWS {
            self.rows.push(RowRef::of(id));
        }
    }

    /// Whether every row is wanted.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// The areas wanted.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The single rows wanted.
    pub fn rows(&self) -> &[RowRef] {
        &self.rows
    }
}
