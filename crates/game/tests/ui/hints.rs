use tickwire_game::{Quat, Row, Vec2};

#[derive(Clone, Row)]
struct Ship {
    #[net(range = 0.0..1.0, step = 0.1, keeps_length)]
    mass: f32,
    #[net(range = -1.0..1.0, step = 0.1, follows = mass)]
    vel: Vec2,
    #[net(bits = 8, usual = 0.1)]
    pose: Quat,
    #[net(skip, usual = 1.0)]
    hidden: f32,
}

fn main() {}
