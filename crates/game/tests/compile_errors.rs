//! Wrong attributes are compile errors that name the field and what is allowed.
//!
//! The `.stderr` files are what rustc prints; `TRYBUILD=overwrite` rewrites them after a change of wording.

#[test]
fn wrong_attributes_say_what_is_allowed() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
