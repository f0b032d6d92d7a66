use tickwire_game::{Row, Vec2, Wire};

#[derive(Clone, Row)]
struct Ship {
    pos: Vec2,
    #[net(lerp)]
    height: f32,
    health: u8,
}

#[derive(Wire)]
struct Input {
    aim: f32,
}

fn main() {}
