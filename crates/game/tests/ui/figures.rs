use tickwire_game::{Row, Vec2};

const BITS: u32 = 40;

#[derive(Clone, Row)]
struct Ship {
    #[net(range = -2048.0..2048.0, step = 0.0000001)]
    wide: Vec2,
    #[net(range = 0.0..100000.0, step = 0.001)]
    fine: f32,
    #[net(range = 1.0..1.0, step = 0.1)]
    empty: f32,
    #[net(range = 0.0..1.0, step = -0.1)]
    back: f32,
    #[net(angle, bits = BITS)]
    heading: f32,
    #[net(max = 300)]
    hull: u8,
    #[net(range = 5..=4)]
    level: i8,
    #[net(range = 0..0x2_0000_0000)]
    score: u64,
}

fn main() {}
