//! What a game author writes against, and the deterministic world that runs it.
//!
//! A [`Game`] is a set of functions over a state of [`Table`]s. The [`World`] holds one room's
//! state and changes only through [`World::advance`], which takes one [`TickEntry`]: everything
//! from outside that decides a tick. Pure: no socket, thread, clock or hash-map order.

// The derives name this crate by its outside name, also inside it.
extern crate self as tickwire_game;

pub mod assets;
pub mod bytes;
pub mod coding;
mod cx;
mod dice;
pub mod entry;
mod game;
mod happenings;
pub mod hash;
mod ids;
pub mod inputs;
pub mod limits;
mod list;
pub mod loaded;
pub mod math;
mod player;
pub mod predict;
pub mod prior;
mod refusal;
pub mod replay;
mod replicate;
mod row;
mod single;
mod table;
pub mod testing;
mod text;
mod view;
mod world;

pub use glam::{self, Quat, Vec2, Vec3};
pub use tickwire_derive::{Replicate, Row, Wire};
pub use tickwire_wire as wire;
pub use tickwire_wire::level::Level;

pub use assets::{AssetReader, Assets, LoadedAsset};
pub use bytes::LoadError;
pub use coding::{ColumnReader, Wire};
pub use cx::Cx;
pub use dice::Dice;
pub use entry::{Reply, TickEntry};
pub use game::{Game, Settings};
pub use happenings::{Emitted, Happenings};
pub use ids::{From, Id, PlayerId, RowRef, Team, To, Viewer};
pub use inputs::Inputs;
pub use list::{List, ListFull};
pub use player::{Connection, LeaveReason, Player, Profile};
pub use predict::Guess;
pub use refusal::Refusal;
pub use replay::Recording;
pub use replicate::{Replicate, TableInfo};
pub use row::Row;
pub use single::Single;
pub use table::Table;
pub use text::Text;
pub use view::{Area, View};
pub use world::World;

/// What the derives write against.
#[doc(hidden)]
pub mod derived {
    pub use crate::bytes::{ByteReader, LoadError, put_skipped};
    pub use crate::coding::{
        AngleSpec, BoundedInt, Coded, ColumnReader, IntSpec, Plain, QuatSpec, Wire, float_levels,
        float_spec, is_representable, put_zeros, usual_steps,
    };
    pub use crate::ids::PlayerId;
    pub use crate::replicate::{Replicate, TableInfo};
    pub use crate::row::{FieldInfo, FieldKind, Row, field_index, fits_row, is_audience, is_place};
    pub use crate::table::columns::TableField;
    pub use tickwire_wire::columns::Extract;
    pub use tickwire_wire::quant::FloatSpec;
    pub use tickwire_wire::schema::{Audience, FieldSchema, Predict, TableSchema, To};
    pub use tickwire_wire::shape::{Shape, ShapeField, Variant};
}
