//! `#[derive(Row, Replicate, Wire)]` for Tickwire games. Use them through `tickwire` or
//! `tickwire-game`, which re-export them and document the traits.
//!
//! | attribute | on | means |
//! |---|---|---|
//! | `range = a..b, step = s` | `f32`, `Vec2`, `Vec3` | values from a up to, without, b (with it: `a..=b`) in steps of s |
//! | `angle, bits = n` | `f32` | radians in [0, 2π), n bits of a turn (1..=22) |
//! | `bits = n` | `Quat` | n bits for each sent component (1..=16) |
//! | `range = a..=b`, `max = n` | integers | values from a (0) to b (n) |
//! | `lerp` | row fields: `f32`, `Vec2`, `Vec3`, `Quat` | may be interpolated between snapshots |
//! | `velocity = field` | row fields: `f32`, `Vec2`, `Vec3` | that field is the rate of this one, per second |
//! | `keeps_length` | row fields: `Vec2`, `Vec3` | its length changes less than its direction: a walker's velocity |
//! | `follows = field` | row fields: angles | tends to point along that `Vec2`: a car's heading along its velocity |
//! | `usual = x` | row fields: `f32`, `Vec2`, `Vec3`, integers | what nobody can foresee in a change is typically this much, in the field's own units |
//! | `owner` | a row's `PlayerId` | that player owns the row; one per row |
//! | `to = owner` | row fields | only the row's owner receives it |
//! | `skip` | row and state fields | never leaves the server, but is saved |
//! | `sticky` | `bool` of an input | OR-ed when several inputs fall on one tick |
//! | `at = field` | a state's table | that field of its rows says where they are |
//! | `audience = field` | a state's table | only the team or player that the field names receives a row |
//! | `rewind` | a state's table | marks it for lag compensation; without effect so far |
//!
//! `velocity`, `keeps_length`, `follows` and `usual` are hints: they make snapshots smaller where they
//! are true, and change nothing else. A public `f32`, `Vec2` or `Vec3` marked `lerp` is also predicted
//! to go on as between the last two snapshots (`predict: linear` in the schema); every other field is
//! predicted to stay as it is (`hold`).
//!
//! Precision attributes reach through `Option`, arrays and `List` to what they hold.

mod attributes;
mod coding;
mod hints;
mod kind;
mod outside;
mod replicate;
mod row;
mod wire;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the row of a table.
#[proc_macro_derive(Row, attributes(net))]
pub fn derive_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    row::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct of tables and singles a game's state.
#[proc_macro_derive(Replicate, attributes(net))]
pub fn derive_replicate(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    replicate::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Gives a struct or enum a wire form: inputs, commands, events, and values inside rows.
#[proc_macro_derive(Wire, attributes(net))]
pub fn derive_wire(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    wire::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
