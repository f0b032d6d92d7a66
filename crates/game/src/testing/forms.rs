//! Schema and values: what is said of columns, and what they hold.

use tickwire_wire::bits::{BitReader, BitWriter};
use tickwire_wire::columns::{Extract, TableColumns};
use tickwire_wire::layout::{FieldLayout, Layout};
use tickwire_wire::plain::{read_plain, write_plain};
use tickwire_wire::schema::Schema;
use tickwire_wire::shape::{ColumnSpec, Shape};

use super::script::random;
use super::{Broken, Rule};
use crate::coding::{ColumnReader, Wire};
use crate::dice::Dice;
use crate::entry::TickEntry;
use crate::game::Game;
use crate::happenings::Happenings;
use crate::inputs::settle;
use crate::predict::players_of;
use crate::replicate::Replicate;
use crate::table::columns::TableField;
use crate::world::World;

/// Random values tried of each type.
const VALUES: u32 = 500;

/// What can be said of a game before a room is open.
pub(super) fn check<G: Game>() -> Result<(), Broken> {
    let schema = World::<G>::schema();
    let json = schema.to_json();
    let again = Schema::from_json(&json).map_err(|error| Rule::Schema.broken(error.to_string()))?;
    Rule::Schema.hold(again == schema && again.to_json() == json, || {
        "the schema read back from its JSON differs".to_owned()
    })?;
    ids_name_tables(&schema)?;
    let mut dice = Dice::new(0, 0, 0);
    check_values::<G::Input>("Input", &mut dice)?;
    check_values::<G::Command>("Command", &mut dice)?;
    check_values::<G::Event>("Event", &mut dice)?;
    check_values::<G::Effect>("Effect", &mut dice)?;
    (0..VALUES).try_for_each(|_| clamps_once::<G>(random(&mut dice)))
}

/// Every id in the schema names one of its tables.
fn ids_name_tables(schema: &Schema) -> Result<(), Broken> {
    let mut named = Vec::new();
    for table in &schema.tables {
        table.fields.iter().for_each(|field| tables_in(&field.shape, &mut named));
    }
    [&schema.input, &schema.command, &schema.event]
        .into_iter()
        .for_each(|shape| tables_in(shape, &mut named));
    for name in named {
        Rule::Schema.hold(schema.tables.iter().any(|table| table.name == name), || {
            format!("there is an Id<{name}>, but no table of such rows")
        })?;
    }
    Ok(())
}

fn tables_in<'a>(shape: &'a Shape, named: &mut Vec<&'a str>) {
    match shape {
        Shape::Id { table } => named.push(table),
        Shape::Enum { variants, .. } => {
            let fields = variants.iter().flat_map(|variant| &variant.fields);
            fields.for_each(|field| tables_in(&field.shape, named));
        }
        Shape::Struct { fields, .. } => {
            fields.iter().for_each(|field| tables_in(&field.shape, named));
        }
        Shape::Option { of } | Shape::Array { of, .. } | Shape::List { of, .. } => {
            tables_in(of, named);
        }
        _ => {}
    }
}

/// Values take the columns that their shape says, and come back from them and from bits.
fn check_values<T: Wire>(what: &str, dice: &mut Dice) -> Result<(), Broken> {
    let shape = T::shape();
    Rule::Schema.hold(shape.columns() == T::COLUMNS, || {
        format!("{what}: COLUMNS is {}, its shape has {}", T::COLUMNS, shape.columns())
    })?;
    for _ in 0..VALUES {
        let mut value: T = random(dice);
        value.snap();
        check_value(what, &shape, &value)?;
    }
    Ok(())
}

/// A value that was snapped comes back from its columns, and from its bits.
fn check_value<T: Wire>(what: &str, shape: &Shape, value: &T) -> Result<(), Broken> {
    let columns = columns_of(value);
    check_ranges(what, shape, &columns)?;
    let again = columns_of(&T::get(&mut ColumnReader::new(&columns)));
    Rule::Columns.hold(again == columns, || {
        format!("{what}: {columns:?} came back from its columns as {again:?}")
    })?;
    let mut bytes = Vec::new();
    let mut writer = BitWriter::new(&mut bytes);
    write_plain(shape, &columns, &mut writer);
    writer.finish();
    let mut read = vec![0; columns.len()];
    let result = read_plain(shape, &mut BitReader::new(&bytes), &mut read);
    Rule::Columns.hold(result.is_ok() && read == columns, || {
        format!("{what}: {columns:?} came back from the wire as {read:?}")
    })
}

fn check_ranges(what: &str, shape: &Shape, columns: &[u32]) -> Result<(), Broken> {
    let mut specs = Vec::new();
    shape.push_specs(&mut specs);
    let fits = specs.len() == columns.len()
        && columns.iter().zip(&specs).all(|(column, spec)| *column <= spec.max);
    Rule::Columns.hold(fits, || format!("{what}: {columns:?} does not fit {specs:?}"))
}

pub(super) fn columns_of<T: Wire>(value: &T) -> Vec<u32> {
    let mut columns = Vec::new();
    value.put(&mut columns);
    columns
}

fn clamps_once<G: Game>(mut input: G::Input) -> Result<(), Broken> {
    settle::<G>(&mut input);
    let once = columns_of(&input);
    settle::<G>(&mut input);
    let twice = columns_of(&input);
    Rule::ClampsOnce.hold(once == twice, || {
        format!("columns of an input after one clamp {once:?}, after two {twice:?}")
    })
}

/// What a client sends in an entry.
pub(super) fn check_entry<G: Game>(entry: &TickEntry<G>) -> Result<(), Broken> {
    entry.inputs.iter().try_for_each(|(_, input)| clamps_once::<G>(input.clone()))
}

/// The columns of a game, to hold against what is extracted.
pub(super) struct Forms {
    pub(super) schema: Schema,
    pub(super) layout: Layout,
    /// Per table: ranges of its public and of its private columns.
    specs: Vec<(Vec<ColumnSpec>, Vec<ColumnSpec>)>,
    event: Shape,
}

impl Forms {
    pub(super) fn new<G: Game>() -> Self {
        let schema = World::<G>::schema();
        let layout = Layout::new(&schema);
        let specs = layout.tables.iter().map(|t| (specs_of(&t.public), specs_of(&t.private)));
        Self { specs: specs.collect(), event: schema.event.clone(), schema, layout }
    }

    /// What a room would send is within its ranges, and comes back from a receiver's state.
    pub(super) fn check_columns<G: Game>(&self, world: &World<G>) -> Result<(), Broken> {
        let mut sent = Extract::default();
        world.extract(&mut sent);
        for (index, (public, private)) in self.specs.iter().enumerate() {
            let name = &self.schema.tables[index].name;
            check_cells(name, &sent.public.tables[index], public)?;
            check_cells(name, &sent.private.tables[index], private)?;
        }
        let players = players_of(&sent);
        let state = G::State::from_columns(&sent, 1);
        let mut again = Extract::default();
        players.extract(&mut again);
        state.extract(&mut again);
        Rule::Columns.hold(again == sent, || {
            "a receiver's state extracts to other columns than it was made of".to_owned()
        })
    }

    /// What a tick tells can be sent.
    pub(super) fn check_happenings<G: Game>(
        &self,
        happenings: &Happenings<G>,
    ) -> Result<(), Broken> {
        for emitted in &happenings.events {
            let mut event = emitted.event.clone();
            event.snap();
            check_value("an event", &self.event, &event)?;
        }
        Ok(())
    }
}

fn specs_of(fields: &[FieldLayout]) -> Vec<ColumnSpec> {
    let mut specs = Vec::new();
    fields.iter().for_each(|field| field.shape.push_specs(&mut specs));
    specs
}

fn check_cells(name: &str, table: &TableColumns, specs: &[ColumnSpec]) -> Result<(), Broken> {
    for (id, row) in table.iter() {
        let fits = row.len() == specs.len()
            && row.iter().zip(specs).all(|(column, spec)| *column <= spec.max);
        Rule::Columns.hold(fits, || {
            format!("row {id} of `{name}` is {row:?}, which does not fit {specs:?}")
        })?;
    }
    Ok(())
}
