use tickwire_game::{Row, Vec2};

#[derive(Clone, Row)]
struct Ship {
    #[net(range = 0.0..1.0, step = 0.1, velocity = speed)]
    pos: Vec2,
    #[net(range = 0.0..1.0, step = 0.1, velocity = turn)]
    heading: f32,
    #[net(range = 0.0..1.0, step = 0.1)]
    turn: Vec2,
    #[net(range = 0.0..1.0, step = 0.1, velocity = hidden)]
    height: f32,
    #[net(skip)]
    hidden: f32,
}

fn main() {}
