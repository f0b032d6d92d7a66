use tickwire_game::{Replicate, Table};

#[derive(Clone)]
struct Order;

#[derive(Clone, Replicate)]
struct State {
    count: u32,
}

#[derive(Clone, Replicate)]
struct Other {
    orders: Table<Order>,
}

fn main() {}
