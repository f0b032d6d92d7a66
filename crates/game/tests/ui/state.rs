use tickwire_game::{PlayerId, Replicate, Row, Single, Table, Team, Vec2};

#[derive(Clone, Row)]
struct Order {
    #[net(owner)]
    player: PlayerId,
    team: Team,
    #[net(range = 0.0..1.0, step = 0.1)]
    at: Vec2,
    #[net(to = owner)]
    secret: Team,
    size: u8,
}

#[derive(Clone, Replicate)]
struct State {
    #[net(audience = tem)]
    missing: Table<Order>,
    #[net(audience = size)]
    wrong: Table<Order>,
    #[net(audience = secret)]
    private: Table<Order>,
    #[net(audience = team)]
    single: Single<Order>,
    #[net(at = team)]
    nowhere: Table<Order>,
    #[net(at = at, audience = team)]
    fine: Table<Order>,
}

fn main() {}
