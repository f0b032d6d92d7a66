use tickwire_game::{List, Row, Wire};

#[derive(Clone, Row)]
struct Ship {
    name: String,
    crew: Vec<u8>,
    mass: f64,
    count: Option<usize>,
    tags: List<Option<f32>, 3>,
}

#[derive(Wire)]
enum Nothing {}

#[derive(Clone, Row)]
struct Generic<T> {
    value: T,
}

#[derive(Clone, Row)]
enum Either {
    A,
}

fn main() {}
