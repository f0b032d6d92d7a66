//! What the derives know of the crate they are used in: the path to the game crate, and what kinds
//! of types are theirs to handle.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, FieldsNamed, Result};

/// The path of the module that the generated code is written against: through `tickwire-game` where
/// the crate depends on it, else through `tickwire`.
pub(crate) fn derived_path() -> TokenStream {
    let named = |found, itself: &str| match found {
        FoundCrate::Itself => Ident::new(itself, Span::call_site()),
        FoundCrate::Name(name) => Ident::new(&name, Span::call_site()),
    };
    if let Ok(found) = crate_name("tickwire-game") {
        let game = named(found, "tickwire_game");
        return quote!(::#game::derived);
    }
    match crate_name("tickwire") {
        Ok(found) => {
            let tickwire = named(found, "tickwire");
            quote!(::#tickwire::game::derived)
        }
        // Neither is a dependency: rustc will say so, by the name people know.
        Err(_) => quote!(::tickwire::game::derived),
    }
}

/// The fields of a struct with named fields and without parameters; other types are an error.
pub(crate) fn named_fields<'a>(input: &'a DeriveInput, derive: &str) -> Result<&'a FieldsNamed> {
    refuse_generics(input, derive)?;
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields),
            _ => Err(Error::new_spanned(
                &input.ident,
                format!("{derive} needs a struct with named fields"),
            )),
        },
        _ => Err(Error::new_spanned(&input.ident, format!("{derive} needs a struct"))),
    }
}

/// Type parameters have no place in a schema.
pub(crate) fn refuse_generics(input: &DeriveInput, derive: &str) -> Result<()> {
    if input.generics.params.is_empty() {
        return Ok(());
    }
    Err(Error::new_spanned(&input.generics, format!("{derive} cannot have parameters")))
}

/// All errors as one, so that the author sees every wrong field at once.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Keeps an error; gives the value when there is none.
    pub(crate) fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(error);
                None
            }
        }
    }

    /// Keeps an error.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The errors kept.
    pub(crate) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
