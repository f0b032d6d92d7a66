//! Tag, a whole game: whoever is touched is "it" next.
use tickwire::*;

/// The game.
pub struct Tag;

/// All that changes.
#[derive(Clone, Replicate)]
pub struct Yard {
    runners: Table<Runner>,
}

/// A player in the yard.
#[derive(Clone, Row)]
pub struct Runner {
    #[net(owner)]
    player: PlayerId,
    #[net(range = 0.0..32.0, step = 1.0/64.0, lerp)]
    pos: Vec2,
    it: bool,
}

/// Where to run.
#[derive(Clone, Default, Wire)]
pub struct Run {
    #[net(angle, bits = 6)]
    heading: f32,
    go: bool,
}

impl Game for Tag {
    const NAME: &'static str = "tag";
    type Options = ();
    type Fixed = ();
    type State = Yard;
    type Input = Run;
    type Command = ();
    type Event = ();
    type Effect = ();
    fn settings(_: &()) -> Settings {
        Settings { tick_hz: 20, seats: 12, ..Settings::default() }
    }
    fn load(_: &(), _: &mut AssetReader<'_>) -> Result<(), Refusal> {
        Ok(())
    }
    fn create(_: &(), _: &mut Cx<'_, Tag>) -> Result<Yard, Refusal> {
        Ok(Yard { runners: Table::new() })
    }
    fn enter(y: &mut Yard, me: PlayerId, _: &Profile, _: &mut Cx<'_, Tag>) -> Result<(), Refusal> {
        y.runners.insert(Runner { player: me, pos: Vec2::splat(16.0), it: false });
        Ok(())
    }
    fn leave(yard: &mut Yard, me: PlayerId, _: LeaveReason, _: &mut Cx<'_, Tag>) {
        yard.runners.retain(|_, runner| runner.player != me);
    }
    fn tick(yard: &mut Yard, inputs: &Inputs<'_, Tag>, cx: &mut Cx<'_, Tag>) {
        inputs.iter().for_each(|(player, run)| Tag::predict(yard, player, run, cx));
        let it = yard.runners.find(|one| one.it).map(|(_, it)| it.pos);
        let is_next = |one: &Runner| it.is_none_or(|pos| !one.it && one.pos.distance(pos) < 1.0);
        let Some((next, _)) = yard.runners.find(is_next) else { return };
        yard.runners.iter_mut().for_each(|(id, one)| one.it = id == next);
        let mut dice = cx.dice(0);
        let away = Vec2::new(dice.range(1.0..31.0), dice.range(1.0..31.0));
        yard.runners.get_mut(next).into_iter().for_each(|it| it.pos = away);
    }
    fn predict(yard: &mut Yard, me: PlayerId, run: &Run, cx: &mut Cx<'_, Tag>) {
        let Some((_, own)) = yard.runners.owned_by_mut(me).filter(|_| run.go) else { return };
        let speed = if own.it { 7.0 } else { 6.0 };
        own.pos += math::direction(run.heading) * speed * cx.dt();
        own.pos = own.pos.clamp(Vec2::splat(0.5), Vec2::splat(31.5));
    }
    fn bot(yard: &Yard, me: PlayerId, _: &(), dice: &mut Dice) -> Run {
        let Some((_, own)) = yard.runners.owned_by(me) else { return Run::default() };
        let other = yard.runners.find(|one| one.player != me && (own.it || one.it));
        let way = other.map_or(Vec2::ZERO, |(_, one)| one.pos - own.pos);
        let way = if own.it { way } else { -way };
        Run { heading: math::atan2(way.y, way.x) + dice.range(-0.8..0.8), go: true }
    }
}
