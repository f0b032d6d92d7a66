//! `#[derive(Wire)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DataEnum, DeriveInput, Error, Fields, Result};

use crate::coding::{CodedField, Place};
use crate::outside::{Errors, derived_path, refuse_generics};

/// Most variants of an enum, as `tickwire_wire::limits` has it.
const MAX_VARIANTS: usize = 256;

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    refuse_generics(input, "Wire")?;
    match &input.data {
        Data::Struct(data) => {
            let fields = read_fields(&data.fields, &mut 0, Place::Struct)?;
            Ok(generate_struct(&input.ident, &fields))
        }
        Data::Enum(data) => {
            let variants = read_variants(input, data)?;
            Ok(generate_enum(&input.ident, &variants))
        }
        Data::Union(_) => Err(Error::new_spanned(&input.ident, "Wire needs a struct or an enum")),
    }
}

/// Reads the fields of a struct or variant. `slot` numbers the fields of the whole type.
fn read_fields<'a>(
    fields: &'a Fields,
    slot: &mut usize,
    place: Place,
) -> Result<Vec<CodedField<'a>>> {
    let mut errors = Errors::default();
    let mut read = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        read.extend(errors.keep(CodedField::read(field, index, *slot, place)));
        *slot += 1;
    }
    errors.finish()?;
    Ok(read)
}

struct WireVariant<'a> {
    ident: &'a Ident,
    fields: Vec<CodedField<'a>>,
}

fn read_variants<'a>(input: &DeriveInput, data: &'a DataEnum) -> Result<Vec<WireVariant<'a>>> {
    let count = data.variants.len();
    if !(1..=MAX_VARIANTS).contains(&count) {
        let message = format!("Wire needs 1 to {MAX_VARIANTS} variants, this enum has {count}");
        return Err(Error::new_spanned(&input.ident, message));
    }
    let mut errors = Errors::default();
    let mut slot = 0;
    let mut variants = Vec::new();
    for variant in &data.variants {
        let fields = read_fields(&variant.fields, &mut slot, Place::Variant);
        if let Some(fields) = errors.keep(fields) {
            variants.push(WireVariant { ident: &variant.ident, fields });
        }
    }
    errors.finish()?;
    Ok(variants)
}

/// Wraps an implementation with what it needs in scope.
fn wrap<'a>(
    name: &Ident,
    fields: impl Iterator<Item = &'a CodedField<'a>>,
    constants: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let derived = derived_path();
    let declarations = fields.map(|field| &field.declaration);
    quote! {
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, unused, reason = "generated code")]
        const _: () = {
            use #derived as __tw;
            #(#declarations)*
            #constants
            #[automatically_derived]
            impl __tw::Wire for #name {
                #body
            }
        };
    }
}

fn shape_fields(fields: &[CodedField<'_>]) -> TokenStream {
    let fields = fields.iter().map(|field| {
        let (name, shape) = (&field.name, field.shape());
        quote!(__tw::ShapeField { name: #name.into(), shape: #shape })
    });
    quote!(::std::vec![#(#fields),*])
}

fn generate_struct(name: &Ident, fields: &[CodedField<'_>]) -> TokenStream {
    let type_name = name.unraw().to_string();
    let shape = shape_fields(fields);
    let columns = fields.iter().map(CodedField::columns);
    let members: Vec<_> = fields.iter().map(|field| &field.member).collect();
    let put = fields.iter().zip(&members).map(|(field, member)| field.put(&quote!(&self.#member)));
    let get = fields.iter().map(|field| field.get(&quote!(columns)));
    let snap =
        fields.iter().zip(&members).map(|(field, member)| field.snap(&quote!(&mut self.#member)));
    let sticky = fields.iter().map(|field| {
        let (coded, columns) = (field.coded(), field.columns());
        match field.attributes.sticky {
            Some(_) => quote!(out.push(first); first += #columns;),
            None => quote!(#coded::sticky_as(first, out); first += #columns;),
        }
    });
    let body = quote! {
        const COLUMNS: usize = 0 #(+ #columns)*;

        fn shape() -> __tw::Shape {
            __tw::Shape::Struct { name: #type_name.into(), fields: #shape }
        }

        fn put(&self, out: &mut ::std::vec::Vec<u32>) {
            #(#put)*
        }

        fn get(columns: &mut __tw::ColumnReader<'_>) -> Self {
            Self { #(#members: #get),* }
        }

        fn snap(&mut self) {
            #(#snap)*
        }

        fn sticky(mut first: usize, out: &mut ::std::vec::Vec<usize>) {
            #(#sticky)*
        }
    };
    wrap(name, fields.iter(), &TokenStream::new(), &body)
}

fn generate_enum(name: &Ident, variants: &[WireVariant<'_>]) -> TokenStream {
    let type_name = name.unraw().to_string();
    let shapes = variants.iter().map(|variant| {
        let (name, fields) = (variant.ident.unraw().to_string(), shape_fields(&variant.fields));
        quote!(__tw::Variant { name: #name.into(), fields: #fields })
    });
    let widths: Vec<_> = (0..variants.len()).map(|tag| format_ident!("__WIDTH_{tag}")).collect();
    let columns = variants.iter().map(|variant| {
        let columns = variant.fields.iter().map(CodedField::columns);
        quote!(0 #(+ #columns)*)
    });
    let put = variants.iter().enumerate().map(|(tag, variant)| put_arm(tag, variant, &widths));
    let get = variants.iter().enumerate().map(|(tag, variant)| get_arm(tag, variant, &widths));
    let snap = variants.iter().map(snap_arm);
    let body = quote! {
        const COLUMNS: usize = 1 #(+ #widths)*;

        fn shape() -> __tw::Shape {
            __tw::Shape::Enum { name: #type_name.into(), variants: ::std::vec![#(#shapes),*] }
        }

        fn put(&self, out: &mut ::std::vec::Vec<u32>) {
            match self { #(#put)* }
        }

        fn get(columns: &mut __tw::ColumnReader<'_>) -> Self {
            match columns.column() { #(#get)* }
        }

        fn snap(&mut self) {
            match self { #(#snap)* }
        }
    };
    let all_fields = variants.iter().flat_map(|variant| &variant.fields);
    let constants = quote!(#(const #widths: usize = #columns;)*);
    wrap(name, all_fields, &constants, &body)
}

/// The tag, then the columns of all variants: zeros but for the active one's.
fn put_arm(tag: usize, variant: &WireVariant<'_>, widths: &[Ident]) -> TokenStream {
    let (before, after) = (&widths[..tag], &widths[tag + 1..]);
    let (name, number) = (variant.ident, tag as u32);
    let (pattern, bound) = bindings(variant);
    let put = variant.fields.iter().zip(&bound).map(|(field, bound)| field.put(&quote!(#bound)));
    quote! {
        Self::#name #pattern => {
            out.push(#number);
            __tw::put_zeros(0 #(+ #before)*, out);
            #(#put)*
            __tw::put_zeros(0 #(+ #after)*, out);
        }
    }
}

/// The last variant also stands for tags that name none, so that reading is total.
fn get_arm(tag: usize, variant: &WireVariant<'_>, widths: &[Ident]) -> TokenStream {
    let (before, after) = (&widths[..tag], &widths[tag + 1..]);
    let (name, number) = (variant.ident, tag as u32);
    let members = variant.fields.iter().map(|field| &field.member);
    let get = variant.fields.iter().map(|field| field.get(&quote!(columns)));
    let pattern = if after.is_empty() { quote!(_) } else { quote!(#number) };
    quote! {
        #pattern => {
            columns.skip(0 #(+ #before)*);
            let value = Self::#name { #(#members: #get),* };
            columns.skip(0 #(+ #after)*);
            value
        }
    }
}

fn snap_arm(variant: &WireVariant<'_>) -> TokenStream {
    let name = variant.ident;
    let (pattern, bound) = bindings(variant);
    let snap = variant.fields.iter().zip(&bound).map(|(field, bound)| field.snap(&quote!(#bound)));
    quote!(Self::#name #pattern => { #(#snap)* })
}

/// A pattern that binds every field, and the names it binds.
fn bindings(variant: &WireVariant<'_>) -> (TokenStream, Vec<Ident>) {
    let bound: Vec<_> =
        (0..variant.fields.len()).map(|index| format_ident!("__field_{index}")).collect();
    let members = variant.fields.iter().map(|field| &field.member);
    (quote!({ #(#members: #bound),* }), bound)
}
