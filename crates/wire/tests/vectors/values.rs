//! Vectors of single values: bits, hashes, quantisation, plain encoding, inputs.

use serde_json::{Value, json};
use tickwire_wire::bits::{BitSink, BitWriter};
use tickwire_wire::hash::Murmur3;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::plain::write_plain;
use tickwire_wire::quant::{FloatSpec, angle_raw, angle_value, quat_raw, quat_value};
use tickwire_wire::shape::Shape;
use tickwire_wire::varint::write_varint;

use crate::hex;
use crate::schemas::every_shape;
use crate::worlds::{self, Dice};

fn written(write: impl FnOnce(&mut BitWriter<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = BitWriter::new(&mut bytes);
    write(&mut writer);
    writer.finish();
    bytes
}

/// Each: `ops` as [name, (k or n), value], and all of them written one after the other.
pub(crate) fn bits() -> Value {
    let mut dice = Dice(11);
    let mut all = Vec::new();
    for _ in 0..12 {
        let mut ops = Vec::new();
        let bytes = written(|writer| {
            for _ in 0..24 {
                let value = (dice.next() >> (32 + dice.below(32))) as u32;
                match dice.below(3) {
                    0 => {
                        let n = 32 - value.leading_zeros();
                        writer.push(value, n);
                        ops.push(json!(["bits", n, value]));
                    }
                    1 => {
                        let k = dice.below(25) as u32;
                        writer.push_rice(value, k);
                        ops.push(json!(["rice", k, value]));
                    }
                    _ => {
                        let value = value.min(u32::MAX - 1);
                        writer.push_gamma(value);
                        ops.push(json!(["gamma", value]));
                    }
                }
            }
        });
        all.push(json!({"ops": ops, "hex": hex(&bytes)}));
    }
    // The edges of each code.
    let edges = [(0, 0), (15, 0), (16, 0), (u32::MAX, 0), (u32::MAX, 24), (255, 4), (256, 4)];
    let ops: Vec<Value> = edges.iter().map(|(v, k)| json!(["rice", k, v])).collect();
    let bytes = written(|writer| edges.iter().for_each(|&(v, k)| writer.push_rice(v, k)));
    all.push(json!({"ops": ops, "hex": hex(&bytes)}));
    let edges = [0, 1, 2, u32::MAX - 1];
    let ops: Vec<Value> = edges.iter().map(|v| json!(["gamma", v])).collect();
    let bytes = written(|writer| edges.iter().for_each(|&v| writer.push_gamma(v)));
    all.push(json!({"ops": ops, "hex": hex(&bytes)}));
    Value::Array(all)
}

/// Each: [value, hex].
pub(crate) fn varints() -> Value {
    let values = [0, 1, 127, 128, 300, 16_383, 16_384, 1 << 21, (1 << 28) - 1, 1 << 28, u32::MAX];
    let entry = |value: u32| {
        let mut bytes = Vec::new();
        write_varint(&mut bytes, value);
        json!([value, hex(&bytes)])
    };
    values.into_iter().map(entry).collect()
}

/// Each: [words, hash].
pub(crate) fn murmurs() -> Value {
    let mut dice = Dice(12);
    let entry = |len: usize| {
        let words: Vec<u32> = (0..len).map(|_| dice.next() as u32).collect();
        let mut hash = Murmur3::default();
        words.iter().for_each(|&word| hash.push(word));
        json!([words, hash.finish()])
    };
    [0, 1, 2, 3, 10, 100].into_iter().map(entry).collect()
}

/// Each: `spec`, `cases` as [value, raw, value of that raw].
pub(crate) fn floats() -> Value {
    let mut dice = Dice(13);
    let specs = [
        FloatSpec::half_open(0.0, 64.0, 1.0 / 64.0),
        FloatSpec::half_open(-2048.0, 2048.0, 1.0 / 32.0),
        FloatSpec::half_open(-1.0, 1.0, 0.1),
        FloatSpec::half_open(10.0, 20.0, 0.3),
        FloatSpec { min: -1e6, step: 1.0, max_raw: 2_000_000 },
        FloatSpec { min: 0.0, step: 0.001, max_raw: 8_000_000 },
    ];
    let mut entry = |spec: FloatSpec| {
        let end = spec.value(spec.max_raw);
        let mut values = vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1e30, -1e30];
        values.extend([spec.value(0), end, end + spec.step as f32]);
        for _ in 0..30 {
            let span = f64::from(spec.max_raw) * spec.step;
            let part = dice.below(1 << 24) as f64 / f64::from(1 << 24);
            values.push((spec.min + (part * 1.2 - 0.1) * span) as f32);
            // Half-way between two steps.
            let raw = f64::from(dice.up_to(spec.max_raw)) + 0.5;
            values.push((spec.min + raw * spec.step) as f32);
        }
        let case = |value: f32| {
            let raw = spec.raw(value);
            json!([value.to_bits(), raw, spec.value(raw).to_bits()])
        };
        json!({"spec": spec, "cases": values.into_iter().map(case).collect::<Value>()})
    };
    specs.into_iter().map(&mut entry).collect()
}

/// Each: `bits`, `cases` as [radians, raw, value of that raw].
pub(crate) fn angles() -> Value {
    let mut dice = Dice(14);
    let mut entry = |bits: u32| {
        let mut values =
            vec![f32::NAN, f32::INFINITY, 0.0, -0.0, 3.5, -1.0, 6.283_185_5, 1e9, -3e38];
        for _ in 0..30 {
            values.push((dice.below(1 << 20) as f32 - 524_288.0) / 32_768.0);
            values.push(angle_value(dice.below(1 << bits) as u32, bits));
        }
        let case = |value: f32| {
            let raw = angle_raw(value, bits);
            json!([value.to_bits(), raw, angle_value(raw, bits).to_bits()])
        };
        json!({"bits": bits, "cases": values.into_iter().map(case).collect::<Value>()})
    };
    [1, 8, 10, 16, 22].into_iter().map(&mut entry).collect()
}

/// Each: `bits`, `cases` as [[x, y, z, w], raw, value of that raw].
pub(crate) fn quats() -> Value {
    let mut dice = Dice(15);
    let mut entry = |bits: u32| {
        let mut values = vec![
            [0.0, 0.0, 0.0, 1.0],
            [0.0; 4],
            [f32::NAN, 0.0, 0.0, 1.0],
            [0.5, 0.5, 0.5, 0.5],
            [-0.5, 0.5, -0.5, 0.5],
            [1.0, 1.0, 0.0, 0.0],
            [0.0, 0.0, -3.0, 3.0],
            [0.7, 0.700_01, 0.0, 0.14],
        ];
        for _ in 0..20 {
            let mut part = || dice.below(1 << 12) as f32 / 2048.0 - 1.0;
            let (x, y, z) = (part(), part(), part());
            values.push([x, y, z, part()]);
            values.push([x, x + part() / 1000.0, z / 10.0, y / 10.0]);
        }
        let bits_of = |quat: [f32; 4]| quat.map(f32::to_bits);
        let case = |quat: [f32; 4]| {
            let raw = quat_raw(quat, bits);
            json!([bits_of(quat), raw, bits_of(quat_value(raw, bits))])
        };
        json!({"bits": bits, "cases": values.into_iter().map(case).collect::<Value>()})
    };
    [2, 9, 16].into_iter().map(&mut entry).collect()
}

/// Each: `shape`, `columns`, `hex`.
pub(crate) fn plain() -> Value {
    let mut dice = Dice(16);
    let mut all = Vec::new();
    let random = (0..20).map(|seed| worlds::shape(&mut Dice(seed), 3));
    for shape in every_shape().into_iter().chain(random.filter(|shape| shape.columns() < 100)) {
        for _ in 0..4 {
            let mut columns = Vec::new();
            worlds::value(&mut dice, &shape, &mut columns);
            let bytes = written(|writer| write_plain(&shape, &columns, writer));
            all.push(json!({"shape": shape, "columns": columns, "hex": hex(&bytes)}));
        }
    }
    Value::Array(all)
}

/// Each: `shape`, `hex`: bytes that a decoder must refuse.
pub(crate) fn invalid_plain() -> Value {
    let text = Shape::Text { max: 10 };
    let cases = [
        ("a column above its maximum", Shape::Int { min: 0, max: 5 }, vec![6]),
        ("no such variant", worlds_enum(), vec![3]),
        ("a text longer than its maximum", text.clone(), vec![0x6B; 12]),
        ("a text that is not UTF-8", text.clone(), written_text(&[0xC3, 0x28])),
        ("a text with a surrogate", text.clone(), written_text(&[0xED, 0xA0, 0x80])),
        ("a text with an overlong form", text.clone(), written_text(&[0xC0, 0x80])),
        ("a text cut short", text, written_text(b"abc")[..2].to_vec()),
        ("the end is missing", Shape::Wide { signed: false }, vec![0; 7]),
        ("bytes after the end", Shape::Bool, vec![1, 0]),
        ("padding that is not 0", Shape::Bool, vec![3]),
    ];
    cases
        .into_iter()
        .map(|(why, shape, bytes)| json!({"why": why, "shape": shape, "hex": hex(&bytes)}))
        .collect()
}

fn worlds_enum() -> Shape {
    let variants = ["A", "B", "C"]
        .map(|name| tickwire_wire::shape::Variant { name: name.to_owned(), fields: Vec::new() });
    Shape::Enum { name: "Three".to_owned(), variants: variants.to_vec() }
}

/// A text of at most 10 bytes, given as bytes.
fn written_text(text: &[u8]) -> Vec<u8> {
    written(|writer| {
        writer.push(text.len() as u32, 4);
        text.iter().for_each(|&byte| writer.push(byte.into(), 8));
    })
}

/// Each: `shape`, the fields of the message with `inputs` as columns, `hex` of the whole message.
pub(crate) fn inputs() -> Value {
    let mut dice = Dice(17);
    let mut all = Vec::new();
    for count in [0, 1, 2, 5, 15] {
        let shape = worlds::shape(&mut Dice(100 + count), 2);
        let first = 1000 + count as u32;
        let mut message = InputsMessage::new(dice.next() as u32, dice.next() as u32, first);
        let mut columns = Vec::new();
        for index in 0..count {
            if index == 0 || dice.chance(50) {
                columns.clear();
                worlds::value(&mut dice, &shape, &mut columns);
            }
            message.push(&columns);
        }
        let mut bytes = Vec::new();
        message.write(&shape, &mut bytes);
        let inputs: Vec<&[u32]> = message.iter().map(|(_, columns)| columns).collect();
        all.push(json!({
            "shape": shape,
            "reliable_received": message.reliable_received,
            "drawn": message.drawn,
            "first": first,
            "inputs": inputs,
            "hex": hex(&bytes),
        }));
    }
    Value::Array(all)
}
