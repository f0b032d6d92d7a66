//! Reading `#[net(..)]`.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprRange, Ident, Result};

/// The attributes of one field, as they were written. Each carries the place to blame.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) range: Option<(ExprRange, Span)>,
    pub(crate) step: Option<(Expr, Span)>,
    pub(crate) max: Option<(Expr, Span)>,
    pub(crate) bits: Option<(Expr, Span)>,
    pub(crate) angle: Option<Span>,
    pub(crate) lerp: Option<Span>,
    pub(crate) velocity: Option<Ident>,
    pub(crate) keeps_length: Option<Span>,
    pub(crate) follows: Option<Ident>,
    pub(crate) usual: Option<(Expr, Span)>,
    pub(crate) to_owner: Option<Span>,
    pub(crate) skip: Option<Span>,
    pub(crate) owner: Option<Span>,
    pub(crate) sticky: Option<Span>,
    pub(crate) at: Option<Ident>,
    pub(crate) audience: Option<Ident>,
    pub(crate) rewind: Option<Span>,
}

impl Attributes {
    /// Reads every `#[net(..)]` of a field. `what` names it in messages (``field `pos` ``); only
    /// `allowed` attributes may be there.
    pub(crate) fn read(attributes: &[Attribute], what: &str, allowed: &[&str]) -> Result<Self> {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("net")) {
            attribute.parse_nested_meta(|meta| read.one(&meta, what, allowed))?;
        }
        Ok(read)
    }

    fn one(&mut self, meta: &ParseNestedMeta<'_>, what: &str, allowed: &[&str]) -> Result<()> {
        let name = meta.path.get_ident().map(|name| name.unraw().to_string()).unwrap_or_default();
        if !allowed.contains(&name.as_str()) {
            let problem = if KNOWN.contains(&name.as_str()) {
                format!("`{name}` does not go here")
            } else {
                format!("unknown attribute `{name}`")
            };
            return Err(meta.error(format!("{what}: {problem}; {}", allowed_here(allowed))));
        }
        let span = meta.path.span();
        let twice = || meta.error(format!("{what}: `{name}` is given twice"));
        match name.as_str() {
            "range" => set(&mut self.range, (range(meta, what)?, span), twice),
            "step" => set(&mut self.step, (meta.value()?.parse()?, span), twice),
            "max" => set(&mut self.max, (meta.value()?.parse()?, span), twice),
            "bits" => set(&mut self.bits, (meta.value()?.parse()?, span), twice),
            "angle" => set(&mut self.angle, span, twice),
            "lerp" => set(&mut self.lerp, span, twice),
            "velocity" => set(&mut self.velocity, field_name(meta, what)?, twice),
            "keeps_length" => set(&mut self.keeps_length, span, twice),
            "follows" => set(&mut self.follows, field_name(meta, what)?, twice),
            "usual" => set(&mut self.usual, (meta.value()?.parse()?, span), twice),
            "to" => {
                let to = field_name(meta, what)?;
                if to != "owner" {
                    let message = format!("{what}: `to` can only be `owner`");
                    return Err(Error::new(to.span(), message));
                }
                set(&mut self.to_owner, span, twice)
            }
            "skip" => set(&mut self.skip, span, twice),
            "owner" => set(&mut self.owner, span, twice),
            "sticky" => set(&mut self.sticky, span, twice),
            "at" => set(&mut self.at, field_name(meta, what)?, twice),
            "audience" => set(&mut self.audience, field_name(meta, what)?, twice),
            _ => set(&mut self.rewind, span, twice),
        }
    }
}

/// Every attribute there is, anywhere.
const KNOWN: &[&str] = &[
    "range",
    "step",
    "max",
    "bits",
    "angle",
    "lerp",
    "velocity",
    "keeps_length",
    "follows",
    "usual",
    "to",
    "skip",
    "owner",
    "sticky",
    "at",
    "audience",
    "rewind",
];

/// The end of a message: what may be written instead.
pub(crate) fn allowed_here(allowed: &[&str]) -> String {
    match allowed {
        [] => "no #[net(..)] attribute is allowed here".to_owned(),
        _ => format!("allowed here: {}", allowed.join(", ")),
    }
}

fn set<T>(place: &mut Option<T>, value: T, twice: impl FnOnce() -> Error) -> Result<()> {
    if place.is_some() {
        return Err(twice());
    }
    *place = Some(value);
    Ok(())
}

fn range(meta: &ParseNestedMeta<'_>, what: &str) -> Result<ExprRange> {
    let expr: Expr = meta.value()?.parse()?;
    match expr {
        Expr::Range(range) if range.start.is_some() && range.end.is_some() => Ok(range),
        other => {
            Err(Error::new_spanned(other, format!("{what}: `range` is written a..b or a..=b")))
        }
    }
}

fn field_name(meta: &ParseNestedMeta<'_>, what: &str) -> Result<Ident> {
    let input = meta.value()?;
    input.parse().map_err(|error: Error| {
        Error::new(error.span(), format!("{what}: a field's name is expected here"))
    })
}
