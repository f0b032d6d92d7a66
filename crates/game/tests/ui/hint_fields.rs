use tickwire_game::{PlayerId, Row, Vec2, Vec3};

#[derive(Clone, Row)]
struct Ship {
    #[net(owner)]
    player: PlayerId,
    #[net(angle, bits = 8, follows = drift)]
    heading: f32,
    #[net(range = -1.0..1.0, step = 0.1)]
    drift: Vec3,
    #[net(angle, bits = 8, follows = wake)]
    turret: f32,
    #[net(range = 0.0..1.0, step = 0.1, follows = vel)]
    speed: f32,
    #[net(range = -1.0..1.0, step = 0.1)]
    vel: Vec2,
    #[net(angle, bits = 8, follows = plan)]
    nose: f32,
    #[net(range = -1.0..1.0, step = 0.1, to = owner)]
    plan: Vec2,
}

fn main() {}
