use tickwire_game::Row;

#[derive(Clone, Row)]
struct Ship {
    #[net(range = 0.0..1.0, step = 0.1, usual = 0.0)]
    mass: f32,
    #[net(usual = 3)]
    cargo: u64,
}

fn main() {}
