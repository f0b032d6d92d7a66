//! Vectors shared with the JavaScript SDK's tests: `codec.json` and `streams.json` in
//! `assets/web/sdk/test/vectors`.
//!
//! With `TICKWIRE_UPDATE_VECTORS=1` (`cargo xtask bless`) the files are written anew; else they must
//! be what the encoder gives.
#![allow(clippy::unwrap_used, missing_docs)] // a failing test may panic

#[path = "../codec/worlds.rs"]
#[allow(dead_code)] // shared with the codec tests, which use all of it
mod worlds;

mod levels;
mod schemas;
mod stage;
mod states;
mod values;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

const FOLDER: &str = "../../assets/web/sdk/test/vectors";
const MOST_BYTES: usize = 600 * 1024;
const ABOUT: &str = "The bit codec (PROTOCOL sections 2 to 4, 6 and 7), written by `cargo xtask bless` \
    from crates/wire/tests/vectors. Floats are given as the 32 bits of the f32, as an unsigned \
    integer. Columns are unsigned integers.";

/// Each entry of a list on a line of its own: differences stay readable.
fn text_of(sections: &[(&str, Value)]) -> String {
    let mut text = String::from("{\n");
    for (index, (name, section)) in sections.iter().enumerate() {
        write!(text, " {}: ", json!(name)).unwrap();
        match section {
            Value::Array(entries) => {
                let lines: Vec<String> = entries.iter().map(|entry| format!("  {entry}")).collect();
                write!(text, "[\n{}\n ]", lines.join(",\n")).unwrap();
            }
            other => write!(text, "{other}").unwrap(),
        }
        text.push_str(if index + 1 < sections.len() { ",\n" } else { "\n" });
    }
    text.push_str("}\n");
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares a file with what it should be, or writes it.
fn check(name: &str, sections: &[(&str, Value)]) {
    let expected = text_of(sections);
    assert!(expected.len() < MOST_BYTES, "{} bytes are too many for a vector file", expected.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name);
    if std::env::var_os("TICKWIRE_UPDATE_VECTORS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, expected).unwrap();
        return;
    }
    let found: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    for (name, section) in expected.as_object().unwrap() {
        assert!(found[name] == *section, "`{name}` differs: run `cargo xtask bless`");
    }
    assert_eq!(found.as_object().unwrap().len(), expected.as_object().unwrap().len());
}

#[test]
fn the_shared_vectors_are_what_the_codec_gives() {
    let sections = [
        ("about", json!(ABOUT)),
        ("bits", values::bits()),
        ("varint", values::varints()),
        ("murmur", values::murmurs()),
        ("float", values::floats()),
        ("angle", values::angles()),
        ("quat", values::quats()),
        ("plain", values::plain()),
        ("invalid_plain", values::invalid_plain()),
        ("inputs", values::inputs()),
        ("schemas", schemas::all()),
        ("streams", states::streams()),
        ("snapshots", states::snapshots()),
    ];
    check("codec.json", &sections);
}

#[test]
fn the_shared_streams_are_what_the_codec_gives() {
    let sections = [
        ("about", json!(levels::ABOUT)),
        ("schemas", levels::schemas()),
        ("prior", levels::prior()),
        ("streams", levels::streams()),
    ];
    check("streams.json", &sections);
}
