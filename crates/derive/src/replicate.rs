//! `#[derive(Replicate)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{DeriveInput, Error, Field, Ident, Result, Type};

use crate::attributes::Attributes;
use crate::outside::{Errors, derived_path, named_fields};

/// What the fields of a state may have.
const ALLOWED: &[&str] = &["at", "audience", "rewind", "skip"];

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let fields = named_fields(input, "Replicate")?;
    let mut errors = Errors::default();
    let fields: Vec<StateField<'_>> =
        fields.named.iter().filter_map(|field| errors.keep(StateField::read(field))).collect();
    errors.finish()?;
    Ok(generate(&input.ident, &fields))
}

/// A field of a state: a table, or skipped.
struct StateField<'a> {
    member: &'a Ident,
    name: String,
    ty: &'a Type,
    attributes: Attributes,
}

impl<'a> StateField<'a> {
    fn read(field: &'a Field) -> Result<Self> {
        let Some(member) = &field.ident else {
            return Err(Error::new_spanned(field, "a state has named fields"));
        };
        let name = member.unraw().to_string();
        let attributes = Attributes::read(&field.attrs, &format!("table `{name}`"), ALLOWED)?;
        let Attributes { at, audience, rewind, skip, .. } = &attributes;
        if skip.is_some() && (at.is_some() || audience.is_some() || rewind.is_some()) {
            let message = format!("table `{name}`: `skip` stands alone: the field never travels");
            return Err(Error::new(member.span(), message));
        }
        if skip.is_none() && name == "players" {
            let message = "table `players`: this name is the built-in table's; choose another";
            return Err(Error::new(member.span(), message));
        }
        Ok(Self { member, name, ty: &field.ty, attributes })
    }

    fn is_skipped(&self) -> bool {
        self.attributes.skip.is_some()
    }

    /// `<Type as TableField>`, blamed on the field's type.
    fn table(&self) -> TokenStream {
        let ty = self.ty;
        quote_spanned!(syn::spanned::Spanned::span(ty)=> <#ty as __tw::TableField>)
    }

    fn row(&self) -> TokenStream {
        let table = self.table();
        quote!(<#table::Row as __tw::Row>)
    }

    /// Declares `name`, the index of the row's field that an attribute names. Checked by the
    /// compiler: `test` says whether `index` will do.
    fn index_of(
        &self,
        name: &Ident,
        field: &Ident,
        test: &TokenStream,
        problem: &str,
    ) -> TokenStream {
        let row = self.row();
        let wanted = field.unraw().to_string();
        let message = format!("table `{}`: {problem}", self.name);
        quote_spanned! {field.span()=>
            const #name: usize = {
                let index = __tw::field_index(#row::FIELDS, #wanted);
                ::core::assert!(#test, #message);
                index
            };
        }
    }

    /// The constants that [`schema`](Self::schema) and [`info`](Self::info) use.
    fn declarations(&self) -> TokenStream {
        let (table, row) = (self.table(), self.row());
        let audience = self.attributes.audience.as_ref().map(|field| {
            let problem = format!(
                "`audience = {field}` needs a Table whose rows have a public field `{field}` of type Team or PlayerId"
            );
            let test = quote!(!#table::SINGLE && __tw::is_audience(#row::FIELDS, index));
            self.index_of(&self.constant("AUDIENCE"), field, &test, &problem)
        });
        let at = self.attributes.at.as_ref().map(|field| {
            let problem = format!(
                "`at = {field}` needs rows with a public field `{field}` of type Vec2 or Vec3"
            );
            let test = quote!(__tw::is_place(#row::FIELDS, index));
            self.index_of(&self.constant("AT"), field, &test, &problem)
        });
        quote!(#audience #at)
    }

    fn constant(&self, what: &str) -> Ident {
        format_ident!("__{what}_{}", self.name)
    }

    fn schema(&self) -> TokenStream {
        let (table, name) = (self.table(), &self.name);
        let audience = match &self.attributes.audience {
            Some(_) => {
                let index = self.constant("AUDIENCE");
                quote!(__tw::Audience::Field(#index))
            }
            None => quote!(__tw::Audience::Everyone),
        };
        quote!(#table::schema(#name, #audience))
    }

    fn info(&self) -> TokenStream {
        let (row, name) = (self.row(), &self.name);
        let at = match &self.attributes.at {
            Some(_) => {
                let index = self.constant("AT");
                quote!(::core::option::Option::Some(#index))
            }
            None => quote!(::core::option::Option::None),
        };
        let rewind = self.attributes.rewind.is_some();
        quote!(__tw::TableInfo { name: #name, row_type: #row::NAME, at: #at, rewind: #rewind })
    }
}

fn generate(state: &Ident, fields: &[StateField<'_>]) -> TokenStream {
    let derived = derived_path();
    let tables: Vec<_> = fields.iter().filter(|field| !field.is_skipped()).collect();
    let declarations = tables.iter().map(|field| field.declarations());
    let schemas = tables.iter().map(|field| field.schema());
    let infos = tables.iter().map(|field| field.info());
    let members: Vec<_> = tables.iter().map(|field| field.member).collect();
    let types: Vec<_> = tables.iter().map(|field| field.table()).collect();
    let from_columns = from_columns(fields);
    let saving = saving(fields);
    quote! {
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, unused, reason = "generated code")]
        const _: () = {
            use #derived as __tw;
            #(#declarations)*
            #[automatically_derived]
            impl __tw::Replicate for #state {
                fn tables() -> ::std::vec::Vec<__tw::TableSchema> {
                    ::std::vec![#(#schemas),*]
                }

                fn table_infos() -> ::std::vec::Vec<__tw::TableInfo> {
                    ::std::vec![#(#infos),*]
                }

                fn extract(&self, out: &mut __tw::Extract) {
                    #(#types::extract(&self.#members, out);)*
                }

                fn snap(&mut self) {
                    #(#types::snap(&mut self.#members);)*
                }

                fn clear_private(&mut self, viewer: __tw::PlayerId) {
                    #(#types::clear_private(&mut self.#members, viewer);)*
                }

                fn refused_rows(&self) -> u64 {
                    0 #(+ #types::refused_rows(&self.#members))*
                }

                #from_columns
                #saving
            }
        };
    }
}

fn from_columns(fields: &[StateField<'_>]) -> TokenStream {
    let mut index = 0_usize;
    let values = fields.iter().map(|field| {
        let member = field.member;
        if field.is_skipped() {
            return quote!(#member: ::core::default::Default::default());
        }
        let (table, offset) = (field.table(), index);
        index += 1;
        quote!(#member: #table::from_columns(columns, first + #offset))
    });
    quote! {
        fn from_columns(columns: &__tw::Extract, first: usize) -> Self {
            Self { #(#values),* }
        }
    }
}

fn saving(fields: &[StateField<'_>]) -> TokenStream {
    let save = fields.iter().map(|field| {
        let member = field.member;
        if field.is_skipped() {
            return quote!(__tw::put_skipped(&self.#member, out););
        }
        let table = field.table();
        quote!(#table::save(&self.#member, out);)
    });
    let load = fields.iter().map(|field| {
        let member = field.member;
        if field.is_skipped() {
            return quote!(#member: bytes.skipped()?);
        }
        let table = field.table();
        quote!(#member: #table::load(bytes)?)
    });
    quote! {
        fn save(&self, out: &mut ::std::vec::Vec<u8>) {
            #(#save)*
        }

        fn load(
            bytes: &mut __tw::ByteReader<'_>,
        ) -> ::core::result::Result<Self, __tw::LoadError> {
            ::core::result::Result::Ok(Self { #(#load),* })
        }
    }
}
