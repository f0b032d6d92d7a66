use tickwire_game::{Replicate, Row, Table};

#[derive(Clone, Row)]
struct Order {
    size: u8,
}

#[derive(Clone, Replicate)]
struct State {
    players: Table<Order>,
    #[net(skip, rewind)]
    orders: Table<Order>,
    #[net(lerp)]
    more: Table<Order>,
}

fn main() {}
