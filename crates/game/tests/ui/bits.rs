use tickwire_game::{Quat, Row};

#[derive(Clone, Row)]
struct Ship {
    #[net(angle, bits = 0)]
    heading: f32,
    #[net(angle, bits = 33)]
    turret: f32,
    #[net(bits = 17)]
    pose: Quat,
    #[net(angle)]
    mast: f32,
}

fn main() {}
