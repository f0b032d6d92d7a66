use tickwire_game::Row;

#[derive(Clone)]
struct Helm;

type Metres = f32;

#[derive(Clone, Row)]
struct Ship {
    helm: Helm,
    depth: Metres,
}

fn main() {}
