//! The schema of a game.

use tickwire_wire::schema::{Audience, PROTOCOL, Schema};
use tickwire_wire::shape::{Shape, ShapeField};

use super::World;
use crate::coding::Wire;
use crate::game::Game;
use crate::player::Player;
use crate::replicate::{Replicate, TableInfo};
use crate::row::Row;
use crate::table::Table;
use crate::table::columns::TableField;

impl<G: Game> World<G> {
    /// The schema of the game, with the rates of its default options.
    pub fn schema() -> Schema {
        let settings = G::settings(&G::Options::default());
        let mut tables = vec![<Table<Player> as TableField>::schema("players", Audience::Everyone)];
        tables.extend(G::State::tables());
        let mut sticky = Vec::new();
        G::Input::sticky(0, &mut sticky);
        let mut schema = Schema {
            protocol: PROTOCOL,
            game: G::NAME.to_owned(),
            tick_hz: settings.tick_hz,
            send_every: settings.send_every,
            tables,
            input: G::Input::shape(),
            sticky,
            command: G::Command::shape(),
            event: G::Event::shape(),
        };
        name_tables::<G>(&mut schema);
        schema
    }

    /// What the room knows of each table beside the schema, in schema order.
    pub fn table_infos() -> Vec<TableInfo> {
        let players =
            TableInfo { name: "players", row_type: Player::NAME, at: None, rewind: false };
        let mut infos = vec![players];
        infos.extend(G::State::table_infos());
        infos
    }
}

/// Ids name their row's type until here; puts the name of the (first) table of that type in its
/// place. A type that has no table keeps the last part of its path.
fn name_tables<G: Game>(schema: &mut Schema) {
    let infos = World::<G>::table_infos();
    let rename = &mut |table: &mut String| {
        let known = infos.iter().find(|info| info.row_type == table);
        let name = known.map(|info| info.name).or_else(|| table.rsplit("::").next());
        *table = name.unwrap_or_default().to_owned();
    };
    for field in schema.tables.iter_mut().flat_map(|table| &mut table.fields) {
        visit_ids(&mut field.shape, rename);
    }
    for shape in [&mut schema.input, &mut schema.command, &mut schema.event] {
        visit_ids(shape, rename);
    }
}

fn visit_ids(shape: &mut Shape, visit: &mut impl FnMut(&mut String)) {
    match shape {
        Shape::Id { table } => visit(table),
        Shape::Enum { variants, .. } => {
            variants.iter_mut().for_each(|variant| visit_fields(&mut variant.fields, visit));
        }
        Shape::Struct { fields, .. } => visit_fields(fields, visit),
        Shape::Option { of } | Shape::Array { of, .. } | Shape::List { of, .. } => {
            visit_ids(of, visit);
        }
        _ => {}
    }
}

fn visit_fields(fields: &mut [ShapeField], visit: &mut impl FnMut(&mut String)) {
    fields.iter_mut().for_each(|field| visit_ids(&mut field.shape, visit));
}
