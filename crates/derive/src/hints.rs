//! What a row's fields tell the codec of each other: `velocity`, `keeps_length`, `follows`, `usual`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, Ident, Result};

use crate::coding::CodedField;
use crate::kind::Kind;
use crate::row::{is_named, is_private};

/// Holds a field's hints against the row's other fields.
pub(crate) fn check(field: &CodedField<'_>, all: &[CodedField<'_>]) -> Result<()> {
    if let Some(name) = &field.attributes.velocity {
        let rate = named(field, "velocity", name, all)?;
        if rate.kind != field.kind || rate.wrapped || rate.attributes.angle.is_some() {
            let problem =
                format!("`velocity` names `{name}`, which is not a rate of the same type");
            return Err(error(field, name, &problem));
        }
    }
    if let Some(name) = &field.attributes.follows {
        if field.attributes.angle.is_none() {
            let problem = "`follows` is for an angle: #[net(angle, bits = n)]";
            return Err(error(field, name, problem));
        }
        let direction = named(field, "follows", name, all)?;
        if direction.kind != Kind::Vec2 || direction.wrapped {
            return Err(error(field, name, &format!("`follows` names `{name}`, which is no Vec2")));
        }
    }
    Ok(())
}

/// The field that a hint names. Those who receive the hinted field must receive it too.
fn named<'a, 'b>(
    field: &CodedField<'_>,
    hint: &str,
    name: &Ident,
    all: &'b [CodedField<'a>],
) -> Result<&'b CodedField<'a>> {
    let error = |problem: &str| error(field, name, &format!("`{hint}` names `{name}`, {problem}"));
    let Some(other) = all.iter().find(|other| is_named(other, name)) else {
        return Err(error("which this row does not have"));
    };
    if other.attributes.skip.is_some() {
        return Err(error("which never leaves the server"));
    }
    if is_private(other) && !is_private(field) {
        return Err(error("which only the owner receives"));
    }
    Ok(other)
}

fn error(field: &CodedField<'_>, name: &Ident, problem: &str) -> Error {
    Error::new(name.span(), format!("field `{}`: {problem}", field.name))
}

/// The compiler's check of `usual`.
pub(crate) fn figures(field: &CodedField<'_>) -> TokenStream {
    let Some((usual, _)) = &field.attributes.usual else { return TokenStream::new() };
    let columns = field.columns();
    let low = format!("field `{}`: `usual` must be above 0", field.name);
    let whole =
        format!("field `{}`: `usual` is for integers of at most 32 bits; give a range", field.name);
    // A vector has more columns, but is never sent whole.
    let is_int = field.kind == Kind::Int;
    quote_spanned! {field.span()=>
        const _: () = {
            ::core::assert!((#usual) as f64 > 0.0, #low);
            ::core::assert!(!#is_int || #columns == 1, #whole);
        };
    }
}

/// `usual` in raw steps of the field; 0 when it is not given.
pub(crate) fn usual(field: &CodedField<'_>) -> TokenStream {
    let Some((usual, _)) = &field.attributes.usual else { return quote!(0) };
    let shape = field.shape();
    quote!(__tw::usual_steps((#usual) as f64, &#shape))
}
