//! From a field's type and attributes to its wire form.

use std::ops::RangeInclusive;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, ExprRange, Field, Lit, Member, RangeLimits, Result, Type};

use crate::attributes::{Attributes, allowed_here};
use crate::kind::{Kind, Seen};

/// Where a field stands: decides which attributes it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A row of a table.
    Row,
    /// A struct with `Wire`.
    Struct,
    /// A variant of an enum with `Wire`.
    Variant,
}

/// A field and how it travels.
pub(crate) struct CodedField<'a> {
    pub(crate) member: Member,
    pub(crate) name: String,
    pub(crate) ty: &'a Type,
    pub(crate) kind: Kind,
    pub(crate) wrapped: bool,
    pub(crate) attributes: Attributes,
    /// Type of the precision.
    spec_type: TokenStream,
    /// Name of the constant that holds it.
    spec: Ident,
    /// Declares that constant, after checking its figures.
    pub(crate) declaration: TokenStream,
}

impl<'a> CodedField<'a> {
    /// Reads the `index`-th field of a type.
    pub(crate) fn read(field: &'a Field, index: usize, slot: usize, place: Place) -> Result<Self> {
        let member = match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(syn::Index { index: index as u32, span: field.ty.span() }),
        };
        let name = match &field.ident {
            Some(ident) => ident.unraw().to_string(),
            None => index.to_string(),
        };
        let what = format!("field `{name}`");
        let seen = Seen::of(&field.ty);
        let allowed = allowed(&seen, place);
        let attributes = Attributes::read(&field.attrs, &what, &allowed)?;
        let blame = field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span);
        let spec = format_ident!("__SPEC_{slot}");
        let coded = Precision { what: &what, blame, seen: &seen, allowed: &allowed };
        let (spec_type, declaration) = match attributes.skip {
            Some(_) => {
                coded.refuse_beside_skip(&attributes)?;
                (quote!(__tw::Plain), TokenStream::new())
            }
            None => coded.declare(&attributes, &spec)?,
        };
        let (kind, wrapped) = (seen.kind, seen.wrapped);
        let ty = &field.ty;
        Ok(Self { member, name, ty, kind, wrapped, attributes, spec_type, spec, declaration })
    }

    /// Where to point when the whole field is wrong.
    pub(crate) fn span(&self) -> Span {
        match &self.member {
            Member::Named(ident) => ident.span(),
            Member::Unnamed(index) => index.span,
        }
    }

    /// `<Type as Coded<Spec>>`, blamed on the field's type.
    pub(crate) fn coded(&self) -> TokenStream {
        let (ty, spec_type) = (self.ty, &self.spec_type);
        quote_spanned!(ty.span()=> <#ty as __tw::Coded<#spec_type>>)
    }

    pub(crate) fn columns(&self) -> TokenStream {
        let coded = self.coded();
        quote!(#coded::COLUMNS)
    }

    pub(crate) fn shape(&self) -> TokenStream {
        let (coded, spec) = (self.coded(), &self.spec);
        quote!(#coded::shape_as(&#spec))
    }

    /// Appends the columns of the value that `place` refers to.
    pub(crate) fn put(&self, place: &TokenStream) -> TokenStream {
        let (coded, spec) = (self.coded(), &self.spec);
        quote!(#coded::put_as(#place, &#spec, out);)
    }

    /// The value of the next columns of `reader`.
    pub(crate) fn get(&self, reader: &TokenStream) -> TokenStream {
        let (coded, spec) = (self.coded(), &self.spec);
        quote!(#coded::get_as(&#spec, #reader))
    }

    /// Rounds the value that `place` refers to.
    pub(crate) fn snap(&self, place: &TokenStream) -> TokenStream {
        let (coded, spec) = (self.coded(), &self.spec);
        quote!(#coded::snap_as(#place, &#spec);)
    }
}

/// The attributes a field may have.
fn allowed(seen: &Seen<'_>, place: Place) -> Vec<&'static str> {
    let mut allowed = Vec::new();
    allowed.extend::<&[&str]>(match seen.kind {
        Kind::Int => &["range", "max"],
        Kind::F32 => &["range", "step", "angle", "bits"],
        Kind::Vec2 | Kind::Vec3 => &["range", "step"],
        Kind::Quat => &["bits"],
        // An alias may hide any of them.
        Kind::Other => &["range", "step", "max", "angle", "bits"],
        _ => &[],
    });
    if place == Place::Row {
        if !seen.wrapped {
            allowed.extend::<&[&str]>(match seen.kind {
                Kind::Int => &["usual"],
                Kind::F32 => &["lerp", "velocity", "follows", "usual"],
                Kind::Vec2 | Kind::Vec3 => &["lerp", "velocity", "keeps_length", "usual"],
                Kind::Quat => &["lerp"],
                Kind::Player => &["owner"],
                _ => &[],
            });
        }
        allowed.extend(["to", "skip"]);
    }
    if place == Place::Struct && seen.kind == Kind::Bool && !seen.wrapped {
        allowed.push("sticky");
    }
    allowed
}

/// What is known of a field while its precision is worked out.
struct Precision<'a> {
    /// ``field `pos` ``.
    what: &'a str,
    blame: Span,
    seen: &'a Seen<'a>,
    allowed: &'a [&'a str],
}

impl Precision<'_> {
    fn error(&self, problem: &str) -> Error {
        let rest = allowed_here(self.allowed);
        Error::new(self.blame, format!("{}: {problem}; {rest}", self.what))
    }

    /// A skipped field does not travel, so nothing about travelling may be said of it.
    fn refuse_beside_skip(&self, attributes: &Attributes) -> Result<()> {
        let travels = attributes.range.is_some()
            || attributes.step.is_some()
            || attributes.max.is_some()
            || attributes.bits.is_some()
            || attributes.angle.is_some()
            || attributes.lerp.is_some()
            || attributes.velocity.is_some()
            || attributes.keeps_length.is_some()
            || attributes.follows.is_some()
            || attributes.usual.is_some()
            || attributes.to_owner.is_some()
            || attributes.owner.is_some();
        if travels {
            let message = format!("{}: `skip` stands alone: the field never travels", self.what);
            return Err(Error::new(self.blame, message));
        }
        Ok(())
    }

    /// The type of the precision, and the declaration of the constant `spec` that holds it.
    fn declare(&self, attributes: &Attributes, spec: &Ident) -> Result<(TokenStream, TokenStream)> {
        if let Kind::Refused(instead) = self.seen.kind {
            return Err(self.error(&format!("{} cannot travel: {instead}", self.seen.name())));
        }
        let Attributes { range, step, max, bits, angle, .. } = attributes;
        match (range, step, max, bits, angle) {
            (Some((range, _)), Some((step, _)), None, None, None) => {
                Ok(self.float(range, step, spec))
            }
            (Some((range, _)), None, None, None, None) if self.may_be_int() => {
                Ok(self.int(range_ends(range), spec))
            }
            (None, None, Some((max, _)), None, None) => {
                Ok(self.int((quote!(0_i128), quote!((#max) as i128)), spec))
            }
            (None, None, None, Some((bits, span)), Some(_)) => {
                self.bits((bits, *span), (quote!(__tw::AngleSpec), "an angle", ANGLE_BITS), spec)
            }
            (None, None, None, Some((bits, span)), None) if self.seen.kind != Kind::F32 => {
                self.bits((bits, *span), (quote!(__tw::QuatSpec), "a Quat", QUAT_BITS), spec)
            }
            (None, None, None, None, None) => match self.seen.kind.needed() {
                Some(needed) => Err(self.error(&format!("{} needs {needed}", self.seen.name()))),
                None => Ok(self.constant(spec, &quote!(__tw::Plain), &quote!(__tw::Plain))),
            },
            _ => Err(self.error(&self.mismatch())),
        }
    }

    fn mismatch(&self) -> String {
        match self.seen.kind.needed() {
            Some(needed) => {
                format!("{} needs {needed}, and nothing else of these", self.seen.name())
            }
            None if self.seen.kind == Kind::Int => {
                "give either `range = a..=b` or `max = n`".to_owned()
            }
            None => "these attributes do not go together".to_owned(),
        }
    }

    /// `range` without `step` is an integer's; an alias may be one.
    fn may_be_int(&self) -> bool {
        matches!(self.seen.kind, Kind::Int | Kind::Other)
    }

    fn constant(
        &self,
        spec: &Ident,
        ty: &TokenStream,
        value: &TokenStream,
    ) -> (TokenStream, TokenStream) {
        (ty.clone(), quote!(const #spec: #ty = #value;))
    }

    fn float(&self, range: &ExprRange, step: &Expr, spec: &Ident) -> (TokenStream, TokenStream) {
        let (start, end) = (&range.start, &range.end);
        let inclusive = matches!(range.limits, RangeLimits::Closed(_));
        let ty = quote!(__tw::FloatSpec);
        let what = self.what;
        let step_low = format!("{what}: `step` must be above 0");
        let empty = format!("{what}: `range` is empty");
        let wide = format!("{what}: range / step needs more than 32 bits; allowed are 24");
        let fine = format!(
            "{what}: f32 cannot tell these steps apart: the range may reach at most 8388608 steps from 0"
        );
        let checks = quote_spanned! {self.blame=>
            const _: () = {
                let (start, end, step) = ((#start) as f64, (#end) as f64, (#step) as f64);
                if !(step > 0.0) {
                    ::core::panic!(#step_low);
                }
                if !(start < end) {
                    ::core::panic!(#empty);
                }
                if !(__tw::float_levels(start, end, step, #inclusive) <= 4_294_967_296.0) {
                    ::core::panic!(#wide);
                }
                if !__tw::is_representable(start, end, step) {
                    ::core::panic!(#fine);
                }
            };
        };
        let value = quote! {
            __tw::float_spec((#start) as f64, (#end) as f64, (#step) as f64, #inclusive)
        };
        let (ty, constant) = self.constant(spec, &ty, &value);
        (ty, quote!(#checks #constant))
    }

    fn int(
        &self,
        (low, high): (TokenStream, TokenStream),
        spec: &Ident,
    ) -> (TokenStream, TokenStream) {
        let what = self.what;
        let inner = self.seen.inner;
        let empty = format!("{what}: `range` is empty");
        let outside = format!("{what}: the bounds do not fit in its type");
        let wide = format!("{what}: the bounds need more than 32 bits, or lie beyond 2^53");
        let checks = quote_spanned! {self.blame=>
            const _: () = {
                let (low, high) = (#low, #high);
                if low > high {
                    ::core::panic!(#empty);
                }
                if low < <#inner as __tw::BoundedInt>::MIN
                    || high > <#inner as __tw::BoundedInt>::MAX
                {
                    ::core::panic!(#outside);
                }
                if !__tw::IntSpec::fits_column(low, high) {
                    ::core::panic!(#wide);
                }
            };
        };
        let value = quote!(__tw::IntSpec::new(#low, #high));
        let (ty, constant) = self.constant(spec, &quote!(__tw::IntSpec), &value);
        (ty, quote!(#checks #constant))
    }

    fn bits(
        &self,
        (bits, span): (&Expr, Span),
        (ty, of, allowed): (TokenStream, &str, RangeInclusive<u32>),
        spec: &Ident,
    ) -> Result<(TokenStream, TokenStream)> {
        let (least, most) = (*allowed.start(), *allowed.end());
        let message = format!("{}: `bits` of {of} must be {least} to {most}", self.what);
        if let Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) = bits
            && !literal.base10_parse().is_ok_and(|bits| allowed.contains(&bits))
        {
            return Err(Error::new(span, message));
        }
        let checks = quote_spanned! {self.blame=>
            const _: () = ::core::assert!((#bits) >= #least && (#bits) <= #most, #message);
        };
        let (ty, constant) = self.constant(spec, &ty, &quote!(#ty { bits: #bits }));
        Ok((ty, quote!(#checks #constant)))
    }
}

/// Bits that an angle and a rotation's component may have, as the wire can carry them.
const ANGLE_BITS: RangeInclusive<u32> = 1..=22;
const QUAT_BITS: RangeInclusive<u32> = 2..=16;

/// Lowest and highest value of an integer's range.
fn range_ends(range: &ExprRange) -> (TokenStream, TokenStream) {
    let (start, end) = (&range.start, &range.end);
    match range.limits {
        RangeLimits::Closed(_) => (quote!((#start) as i128), quote!((#end) as i128)),
        RangeLimits::HalfOpen(_) => (quote!((#start) as i128), quote!((#end) as i128 - 1)),
    }
}
