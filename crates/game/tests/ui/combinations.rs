use tickwire_game::{Row, Vec2};

#[derive(Clone, Row)]
struct Ship {
    #[net(range = 0.0..1.0)]
    pos: Vec2,
    #[net(range = 0..5, max = 4)]
    hull: u8,
    #[net(angle, bits = 4, range = 0.0..1.0, step = 0.1)]
    heading: f32,
    #[net(skip, lerp)]
    height: f32,
    #[net(range = 5)]
    shield: u8,
    #[net(max = 5, max = 6)]
    fuel: u8,
}

fn main() {}
