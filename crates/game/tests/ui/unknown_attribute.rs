use tickwire_game::{PlayerId, Row, Vec2, Wire};

#[derive(Clone, Row)]
struct Ship {
    #[net(range = 0.0..1.0, stepp = 0.1)]
    pos: Vec2,
    #[net(lerp)]
    player: PlayerId,
    #[net(rewind)]
    hull: u8,
}

#[derive(Wire)]
struct Input {
    #[net(sticky)]
    jump: u8,
    #[net(to = owner)]
    fire: bool,
}

fn main() {}
