//! What the fan-out needs of a game's tables, worked out once.

use std::sync::Arc;

use tickwire_game::TableInfo;
use tickwire_wire::layout::Layout;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::Schema;
use tickwire_wire::shape::Shape;

use super::grid::Grid;
use super::key::Audience;

/// A game's tables, as far as the fan-out cares.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// For the encoders.
    pub(crate) layout: Arc<Layout>,
    /// `Row::NAME` of each table's rows.
    pub(crate) row_types: Vec<&'static str>,
    /// How each table falls into streams.
    divisions: Vec<Division>,
    /// Interest cells, when the game wants them and has placed tables.
    pub(crate) grid: Option<Grid>,
}

/// How one table falls into streams.
#[derive(Clone, Debug)]
struct Division {
    /// Public column of a row's x coordinate and the spec of both; only when there is a grid.
    at: Option<(usize, FloatSpec)>,
    /// Public column of a row's audience.
    audience: Option<(usize, AudienceKind)>,
}

#[derive(Clone, Copy, Debug)]
enum AudienceKind {
    Team,
    Player,
}

impl Tables {
    /// Compiles a game's schema, of which `layout` is for the encoders. `cell_size` asks for interest
    /// cells.
    pub(crate) fn new(
        schema: &Schema,
        layout: Arc<Layout>,
        infos: &[TableInfo],
        cell_size: Option<f32>,
    ) -> Self {
        let places: Vec<Option<(usize, FloatSpec)>> = schema
            .tables
            .iter()
            .zip(&layout.tables)
            .zip(infos)
            .map(|((table, layout), info)| {
                let field = info.at?;
                let Shape::Vector { spec, .. } = &table.fields.get(field)?.shape else {
                    return None;
                };
                let column = layout.public.iter().find(|public| public.field == field)?.offset;
                Some((column, *spec))
            })
            .collect();
        let specs = places.iter().flatten().map(|(_, spec)| spec);
        let grid = cell_size.and_then(|size| Grid::new(size, specs));
        let divisions = places
            .into_iter()
            .zip(schema.tables.iter().zip(&layout.tables))
            .map(|(at, (table, layout))| Division {
                at: at.filter(|_| grid.is_some()),
                audience: layout.audience.map(|column| {
                    let is_team = |shape: &Shape| matches!(shape, Shape::Team);
                    let field = layout.public.iter().find(|public| public.offset == column);
                    let by_team = field.is_some_and(|f| is_team(&table.fields[f.field].shape));
                    (column, if by_team { AudienceKind::Team } else { AudienceKind::Player })
                }),
            })
            .collect();
        let row_types = infos.iter().map(|info| info.row_type).collect();
        Self { layout, row_types, divisions, grid }
    }

    /// Number of tables.
    pub(crate) fn len(&self) -> usize {
        self.divisions.len()
    }

    /// Whether rows of the table can be in other streams than the main one.
    pub(crate) fn is_divided(&self, table: usize) -> bool {
        let division = &self.divisions[table];
        division.at.is_some() || division.audience.is_some()
    }

    /// Whether rows of any table can.
    pub(crate) fn any_divided(&self) -> bool {
        (0..self.len()).any(|table| self.is_divided(table))
    }

    /// The grid in which the table's rows have a place; `None` when they have none.
    pub(crate) fn grid_of(&self, table: usize) -> Option<&Grid> {
        self.grid.as_ref().filter(|_| self.divisions[table].at.is_some())
    }

    /// Where a row of a placed table is, given its public columns.
    pub(crate) fn position(&self, table: usize, row: &[u32]) -> Option<(f32, f32)> {
        let (column, spec) = self.divisions[table].at.as_ref()?;
        Some((spec.value(row[*column]), spec.value(row[*column + 1])))
    }

    /// Who may have a row, given its public columns; `None` when nobody.
    pub(crate) fn audience(&self, table: usize, row: &[u32]) -> Option<Audience> {
        let Some((column, kind)) = self.divisions[table].audience else {
            return Some(Audience::Everyone);
        };
        match (kind, row[column]) {
            (_, 0) => None,
            (AudienceKind::Team, team) => Some(Audience::Team(team as u8)),
            (AudienceKind::Player, player) => Some(Audience::Player(player as u16)),
        }
    }
}
