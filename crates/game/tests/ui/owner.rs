use tickwire_game::{PlayerId, Row};

#[derive(Clone, Row)]
struct Ownerless {
    #[net(to = owner)]
    ammo: u16,
}

#[derive(Clone, Row)]
struct Shared {
    #[net(owner)]
    left: PlayerId,
    #[net(owner)]
    right: PlayerId,
}

#[derive(Clone, Row)]
struct Hidden {
    #[net(owner, to = owner)]
    player: PlayerId,
}

#[derive(Clone, Row)]
struct Other {
    #[net(to = everyone)]
    ammo: u16,
}

fn main() {}
