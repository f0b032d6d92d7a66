//! What a field's type is, as far as its name tells.

use syn::{GenericArgument, PathArguments, Type};

/// What a field holds. Only names are seen here, so an alias is [`Kind::Other`]; the compiler then
/// finds what is wrong, in its own words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Int,
    F32,
    Vec2,
    Vec3,
    Quat,
    Bool,
    Player,
    Team,
    /// A type of std that cannot travel: what to use in its place.
    Refused(&'static str),
    Other,
}

/// A field's type, seen through `Option`, arrays and `List`.
pub(crate) struct Seen<'a> {
    pub(crate) kind: Kind,
    /// The type inside all wrappers.
    pub(crate) inner: &'a Type,
    /// Whether there are wrappers.
    pub(crate) wrapped: bool,
}

impl<'a> Seen<'a> {
    pub(crate) fn of(ty: &'a Type) -> Self {
        match inside(ty) {
            Some(inner) => Self { wrapped: true, ..Self::of(inner) },
            None => Self { kind: Kind::of(ty), inner: ty, wrapped: false },
        }
    }

    /// The inner type's name, for messages.
    pub(crate) fn name(&self) -> String {
        last_segment(self.inner).map(|segment| segment.ident.to_string()).unwrap_or_default()
    }
}

impl Kind {
    fn of(ty: &Type) -> Self {
        let Some(segment) = last_segment(ty) else { return Self::Other };
        match segment.ident.to_string().as_str() {
            "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" => Self::Int,
            "f32" => Self::F32,
            "Vec2" => Self::Vec2,
            "Vec3" => Self::Vec3,
            "Quat" => Self::Quat,
            "bool" => Self::Bool,
            "PlayerId" => Self::Player,
            "Team" => Self::Team,
            "f64" => Self::Refused("use f32"),
            "usize" => Self::Refused("its size differs between machines: use u16 or u32"),
            "isize" => Self::Refused("its size differs between machines: use i16 or i32"),
            "u128" | "i128" => Self::Refused("integers have at most 64 bits"),
            "char" => Self::Refused("use Text<4>"),
            "String" | "str" => Self::Refused("use Text<N>, a text of at most N bytes"),
            "Vec" | "VecDeque" => Self::Refused("use List<T, N>, at most N values"),
            "HashMap" | "HashSet" | "BTreeMap" | "BTreeSet" => {
                Self::Refused("use a Table, or List<T, N>")
            }
            _ => Self::Other,
        }
    }

    /// The precision that a value of this kind cannot do without, as it is written.
    pub(crate) fn needed(self) -> Option<&'static str> {
        match self {
            Self::F32 => Some("#[net(range = a..b, step = s)] or #[net(angle, bits = n)]"),
            Self::Vec2 | Self::Vec3 => Some("#[net(range = a..b, step = s)]"),
            Self::Quat => Some("#[net(bits = n)]"),
            _ => None,
        }
    }
}

/// What an `Option`, array or `List` holds.
fn inside(ty: &Type) -> Option<&Type> {
    if let Type::Array(array) = ty {
        return Some(&array.elem);
    }
    let segment = last_segment(ty)?;
    if segment.ident != "Option" && segment.ident != "List" {
        return None;
    }
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}
