//! `#[derive(Row)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, Ident, Result};

use crate::coding::{CodedField, Place};
use crate::hints;
use crate::kind::Kind;
use crate::outside::{Errors, derived_path, named_fields};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input, "Row")?;
    let mut errors = Errors::default();
    let fields: Vec<CodedField<'_>> = fields
        .named
        .iter()
        .enumerate()
        .filter_map(|(index, field)| errors.keep(CodedField::read(field, index, index, Place::Row)))
        .collect();
    // What one field says of another can only be judged when all could be read.
    errors.finish()?;
    let row = RowFields::new(&fields)?;
    Ok(row.generate(&input.ident))
}

/// The fields of a row, by where they go.
struct RowFields<'a> {
    /// All, as written.
    all: &'a [CodedField<'a>],
    /// Those that travel, in schema order.
    sent: Vec<&'a CodedField<'a>>,
    skipped: Vec<&'a CodedField<'a>>,
    /// Index in `sent`.
    owner: Option<usize>,
}

impl<'a> RowFields<'a> {
    fn new(all: &'a [CodedField<'a>]) -> Result<Self> {
        let (skipped, sent): (Vec<_>, Vec<_>) =
            all.iter().partition(|field| field.attributes.skip.is_some());
        let mut errors = Errors::default();
        let mut owners =
            sent.iter().enumerate().filter(|(_, field)| field.attributes.owner.is_some());
        let owner = owners.next();
        for (_, second) in owners {
            errors.push(field_error(second, "a row has one `owner`, and it has one already"));
        }
        for field in &sent {
            if let Err(error) = check_private(field, owner.is_some()) {
                errors.push(error);
            }
            if let Err(error) = hints::check(field, all) {
                errors.push(error);
            }
        }
        let owner = owner.map(|(index, _)| index);
        errors.finish()?;
        Ok(Self { all, sent, skipped, owner })
    }

    fn generate(&self, row: &Ident) -> TokenStream {
        let derived = derived_path();
        let declarations = self.all.iter().map(|field| &field.declaration);
        let hints = self.sent.iter().map(|field| hints::figures(field));
        let items = [self.constants(row), self.describe(), self.columns(), self.reading()];
        let saving = self.saving();
        let wide = format!(
            "row `{row}`: more than 128 fields or 1024 columns; move some to another table"
        );
        quote! {
            #[doc(hidden)]
            #[allow(clippy::all, clippy::pedantic, unused, reason = "generated code")]
            const _: () = {
                use #derived as __tw;
                #(#declarations)*
                #(#hints)*
                #[automatically_derived]
                impl __tw::Row for #row {
                    #(#items)*
                    #saving
                }
                const _: () = ::core::assert!(__tw::fits_row::<#row>(), #wide);
            };
        }
    }

    fn public(&self) -> impl Iterator<Item = &&'a CodedField<'a>> {
        self.sent.iter().filter(|field| !is_private(field))
    }

    fn private(&self) -> impl Iterator<Item = &&'a CodedField<'a>> {
        self.sent.iter().filter(|field| is_private(field))
    }

    fn constants(&self, row: &Ident) -> TokenStream {
        let name = row.to_string();
        let infos = self.sent.iter().map(|field| {
            let (name, private) = (&field.name, is_private(field));
            let kind = match (field.kind, field.wrapped) {
                (Kind::Player | Kind::Team, false) => quote!(Audience),
                (Kind::Vec2 | Kind::Vec3, false) => quote!(Place),
                _ => quote!(Other),
            };
            quote!(__tw::FieldInfo { name: #name, private: #private, kind: __tw::FieldKind::#kind })
        });
        let public = self.public().map(|field| field.columns());
        let private = self.private().map(|field| field.columns());
        let owner = option(self.owner);
        quote! {
            const NAME: &'static str = ::core::concat!(::core::module_path!(), "::", #name);
            const FIELDS: &'static [__tw::FieldInfo] = &[#(#infos),*];
            const PUBLIC_COLUMNS: usize = 0 #(+ #public)*;
            const PRIVATE_COLUMNS: usize = 0 #(+ #private)*;
            const OWNER: ::core::option::Option<usize> = #owner;
        }
    }

    fn describe(&self) -> TokenStream {
        let fields = self.sent.iter().map(|field| self.field_schema(field));
        let owner = match self.owner {
            Some(index) => {
                let member = &self.sent[index].member;
                quote!(self.#member)
            }
            None => quote!(__tw::PlayerId::NONE),
        };
        quote! {
            fn fields() -> ::std::vec::Vec<__tw::FieldSchema> {
                ::std::vec![#(#fields),*]
            }

            fn owner(&self) -> __tw::PlayerId {
                #owner
            }
        }
    }

    fn field_schema(&self, field: &CodedField<'_>) -> TokenStream {
        let name = &field.name;
        let shape = field.shape();
        let to = if is_private(field) { quote!(Owner) } else { quote!(Everyone) };
        let lerp = field.attributes.lerp.is_some();
        // A field that may be interpolated moves evenly; rotations have no straight line, and
        // private fields are sent whole.
        let is_linear = lerp && field.kind != Kind::Quat && !is_private(field);
        let predict = if is_linear { quote!(Linear) } else { quote!(Hold) };
        let attributes = &field.attributes;
        let place = |name: &Option<Ident>| {
            let name = name.as_ref();
            option(name.and_then(|name| self.sent.iter().position(|f| is_named(f, name))))
        };
        let (velocity, follows) = (place(&attributes.velocity), place(&attributes.follows));
        let keeps_length = attributes.keeps_length.is_some();
        let usual = hints::usual(field);
        quote! {
            __tw::FieldSchema {
                name: #name.into(),
                usual: #usual,
                shape: #shape,
                to: __tw::To::#to,
                lerp: #lerp,
                predict: __tw::Predict::#predict,
                velocity: #velocity,
                keeps_length: #keeps_length,
                follows: #follows,
                sticky: false,
            }
        }
    }

    fn columns(&self) -> TokenStream {
        let put = |field: &&CodedField<'_>| {
            let member = &field.member;
            field.put(&quote!(&self.#member))
        };
        let public = self.public().map(put);
        let private = self.private().map(put);
        let snap = self.sent.iter().map(|field| {
            let member = &field.member;
            field.snap(&quote!(&mut self.#member))
        });
        quote! {
            fn put_public(&self, out: &mut ::std::vec::Vec<u32>) {
                #(#public)*
            }

            fn put_private(&self, out: &mut ::std::vec::Vec<u32>) {
                #(#private)*
            }

            fn snap(&mut self) {
                #(#snap)*
            }
        }
    }

    fn reading(&self) -> TokenStream {
        let get = self.all.iter().map(|field| {
            let member = &field.member;
            let value = if field.attributes.skip.is_some() {
                quote!(::core::default::Default::default())
            } else if is_private(field) {
                field.get(&quote!(private))
            } else {
                field.get(&quote!(public))
            };
            quote!(#member: #value)
        });
        let set_private = self.private().map(|field| {
            let (member, value) = (&field.member, field.get(&quote!(private)));
            quote!(self.#member = #value;)
        });
        quote! {
            fn get(
                public: &mut __tw::ColumnReader<'_>,
                private: &mut __tw::ColumnReader<'_>,
            ) -> Self {
                Self { #(#get),* }
            }

            fn set_private(&mut self, private: &mut __tw::ColumnReader<'_>) {
                #(#set_private)*
            }
        }
    }

    fn saving(&self) -> TokenStream {
        let members: Vec<_> = self.skipped.iter().map(|field| &field.member).collect();
        quote! {
            fn save_skipped(&self, out: &mut ::std::vec::Vec<u8>) {
                #(__tw::put_skipped(&self.#members, out);)*
            }

            fn load_skipped(
                &mut self,
                bytes: &mut __tw::ByteReader<'_>,
            ) -> ::core::result::Result<(), __tw::LoadError> {
                #(self.#members = bytes.skipped()?;)*
                ::core::result::Result::Ok(())
            }
        }
    }
}

fn option(index: Option<usize>) -> TokenStream {
    match index {
        Some(index) => quote!(::core::option::Option::Some(#index)),
        None => quote!(::core::option::Option::None),
    }
}

pub(crate) fn is_private(field: &CodedField<'_>) -> bool {
    field.attributes.to_owner.is_some()
}

pub(crate) fn is_named(field: &CodedField<'_>, name: &Ident) -> bool {
    matches!(&field.member, syn::Member::Named(ident) if ident == name)
}

fn field_error(field: &CodedField<'_>, problem: &str) -> Error {
    Error::new(field.span(), format!("field `{}`: {problem}", field.name))
}

fn check_private(field: &CodedField<'_>, has_owner: bool) -> Result<()> {
    if is_private(field) && field.attributes.owner.is_some() {
        return Err(field_error(field, "who owns a row is public: `owner` excludes `to = owner`"));
    }
    if is_private(field) && !has_owner {
        return Err(field_error(
            field,
            "`to = owner` needs an owner: mark the row's PlayerId with #[net(owner)]",
        ));
    }
    Ok(())
}
