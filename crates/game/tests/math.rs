//! The maths that JavaScript must match bit for bit: writes and checks the vectors that the SDK's tests read.
//!
//! Rewritten when `TICKWIRE_UPDATE_VECTORS` is set.

use std::path::PathBuf;

use serde_json::{Value, json};
use tickwire_game::{Dice, math};

/// Angles and lengths that have gone wrong somewhere before: zeros, ends of intervals, huge, tiny, not finite.
const EDGES: [f32; 36] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    1e-30,
    -1e-30,
    f32::MIN_POSITIVE,
    1e-45,
    -1e-45,
    1.2e-4,
    3.4e-4,
    0.78,
    math::FRAC_PI_2,
    -math::FRAC_PI_2,
    math::PI,
    -math::PI,
    3.141_592_5,
    -3.141_592_5,
    math::TAU,
    -math::TAU,
    4.712_389,
    7.068_584,
    100.0,
    -1_000.0,
    65_535.5,
    16_777_216.0,
    268_435_456.0,
    -1e10,
    1e20,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

fn inputs() -> Vec<f32> {
    let mut dice = Dice::new(2, 0, 0);
    let mut inputs = EDGES.to_vec();
    inputs.extend((0..120).map(|_| dice.range(-7.0..7.0)));
    inputs.extend((0..60).map(|_| dice.range(-100.0..100.0)));
    inputs.extend((0..40).map(|_| dice.range(-1e6..1e6)));
    // Any bits at all: subnormal, huge, not numbers.
    inputs.extend((0..60).map(|_| f32::from_bits(dice.bits32())));
    inputs
}

/// Bits; every not-a-number as the one that JavaScript writes.
fn bits(value: f32) -> u32 {
    if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() }
}

fn one(function: fn(f32) -> f32) -> Value {
    inputs().into_iter().map(|x| json!([bits(x), bits(function(x))])).collect()
}

fn two(function: fn(f32, f32) -> f32) -> Value {
    let xs = inputs();
    let near = xs.iter().zip(xs.iter().skip(7).chain(&xs[..7]));
    let edges = EDGES.iter().flat_map(|a| EDGES[..16].iter().map(move |b| (a, b)));
    near.chain(edges).map(|(a, b)| json!([bits(*a), bits(*b), bits(function(*a, *b))])).collect()
}

fn vectors() -> Value {
    json!({
        "about": "f32 bits as u32: [x, f(x)] or [a, b, f(a, b)]; NaN is 2143289344; atan2 is (y, x)",
        "sin": one(math::sin),
        "cos": one(math::cos),
        "sqrt": one(math::sqrt),
        "wrap_angle": one(math::wrap_angle),
        "atan2": two(math::atan2),
        "hypot": two(math::hypot),
    })
}

#[test]
fn the_sdks_vectors_are_what_these_functions_give() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../assets/web/sdk/test/vectors/math.json");
    let vectors = vectors();
    if std::env::var_os("TICKWIRE_UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let lines = vectors.as_object().unwrap().iter();
        let lines: Vec<_> = lines.map(|(name, values)| format!("\"{name}\": {values}")).collect();
        std::fs::write(&path, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    }
    let text = std::fs::read_to_string(&path).expect("the vectors are part of the repository");
    let written: Value = serde_json::from_str(&text).unwrap();
    assert!(written == vectors, "math.json is out of date: TICKWIRE_UPDATE_VECTORS=1 rewrites it");
}

#[test]
fn wrapped_angles_lie_within_half_a_turn() {
    for angle in inputs().into_iter().filter(|angle| angle.abs() < 1e6) {
        let wrapped = math::wrap_angle(angle);
        assert!((-math::PI..=math::PI).contains(&wrapped), "{angle} gives {wrapped}");
        assert!((math::sin(angle) - math::sin(wrapped)).abs() < 1e-3, "{angle} gives {wrapped}");
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "std as a second opinion, not as the measure")]
fn the_functions_mean_what_std_means() {
    for x in inputs().into_iter().filter(|x| x.abs() < 1e6) {
        assert!((math::sin(x) - x.sin()).abs() < 1e-6);
        assert!((math::cos(x) - x.cos()).abs() < 1e-6);
        assert!((math::hypot(x, 3.0) - x.hypot(3.0)).abs() <= x.abs() * 1e-6 + 1e-6);
        assert!((math::atan2(x, 3.0) - x.atan2(3.0)).abs() < 1e-6);
    }
}
