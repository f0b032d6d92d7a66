//! Rooms whose costs are known, on a clock that does not exist: one judgement is one window.

use super::*;

/// A shard whose rooms need so much for their ticks and for their snapshots at the full rate.
struct World {
    shedding: Shedding,
    rooms: Vec<(Cost, Relief)>,
    steps: Steps,
}

impl World {
    fn new(rooms: &[(f64, f64)]) -> Self {
        let room = |&(ticks, snapshots): &(f64, f64)| {
            (Cost { whole: ticks + snapshots, snapshots }, Relief::default())
        };
        Self {
            shedding: Shedding::default(),
            rooms: rooms.iter().map(room).collect(),
            steps: Steps::default(),
        }
    }

    /// What the rooms cost now, with what they save.
    fn subjects(&self) -> Vec<Subject> {
        let subject = |(index, (cost, relief)): (usize, &(Cost, Relief))| {
            let snapshots = cost.snapshots / f64::from(relief.snapshot_every);
            let whole = cost.whole - cost.snapshots + snapshots;
            let cost = Cost { whole, snapshots };
            Subject { key: Key::from_u64(index as u64), cost, relief: *relief }
        };
        self.rooms.iter().enumerate().map(subject).collect()
    }

    fn demand(&self) -> f64 {
        self.subjects().iter().map(|room| room.cost.whole).sum()
    }

    /// One window; returns of how many snapshots each room makes one after it.
    fn window(&mut self) -> Vec<u32> {
        let demand = self.demand();
        let busy = Busy { share: demand.min(1.0), is_behind: demand > 1.0, load: 0.0 };
        let mut subjects = self.subjects();
        let steps = self.shedding.judge(&busy, &mut subjects);
        self.steps.thinned += steps.thinned;
        self.steps.restored += steps.restored;
        for subject in subjects {
            self.rooms[subject.key.index()].1 = subject.relief;
        }
        self.every()
    }

    fn windows(&mut self, count: usize) -> Vec<u32> {
        (0..count).for_each(|_| {
            self.window();
        });
        self.every()
    }

    fn every(&self) -> Vec<u32> {
        self.rooms.iter().map(|(_, relief)| relief.snapshot_every).collect()
    }
}

#[test]
fn a_shard_with_time_to_spare_leaves_everybody_alone() {
    let mut world = World::new(&[(0.2, 0.2), (0.2, 0.2)]);
    assert_eq!(world.windows(100), [1, 1]);
    assert_eq!(world.steps, Steps::default());
}

#[test]
fn one_busy_window_is_no_overload_two_are() {
    let mut world = World::new(&[(0.3, 0.66)]);
    assert_eq!(world.window(), [1]);
    assert_eq!(world.window(), [2]);
}

#[test]
fn rooms_that_fall_behind_are_thinned_at_once_unless_the_machine_stood_still() {
    let mut rooms = World::new(&[(0.3, 0.2)]).subjects();
    let stalled = Busy { share: 0.4, is_behind: true, load: 0.0 };
    assert_eq!(Shedding::default().judge(&stalled, &mut rooms), Steps::default());
    let behind = Busy { share: 0.9, is_behind: true, load: 0.0 };
    assert_eq!(Shedding::default().judge(&behind, &mut rooms).thinned, 1);
}

#[test]
fn the_costliest_room_is_thinned_first_and_as_few_as_it_takes() {
    let mut world = World::new(&[(0.01, 0.04), (0.2, 0.7), (0.01, 0.04), (0.01, 0.04)]);
    assert_eq!(world.windows(20), [1, 2, 1, 1]);
    let mut world = World::new(&[(0.05, 0.05), (0.4, 0.75), (0.05, 0.05)]);
    assert_eq!(world.windows(20), [1, 3, 1]);
}

#[test]
fn equal_rooms_share_the_loss() {
    let mut world = World::new(&[(0.05, 0.1); 10]);
    let every = world.windows(20);
    assert!(every.iter().all(|every| (2..=3).contains(every)), "{every:?}");
    assert!(world.demand() < HIGH, "{}", world.demand());
}

#[test]
fn cheap_rooms_follow_only_where_it_saves_ticks() {
    // The costly room alone needs more than there is: the others keep all they have.
    let mut world = World::new(&[(1.4, 0.1), (0.05, 0.1), (0.05, 0.1)]);
    assert_eq!(world.windows(40), [3, 1, 1]);
    // Here their snapshots make up for it.
    let mut world = World::new(&[(0.6, 0.1), (0.05, 0.15), (0.05, 0.15)]);
    let every = world.windows(40);
    assert!(every[0] == 3 && every[1] > 1 && every[2] > 1, "{every:?}");
    assert!(world.demand() < HIGH, "{}", world.demand());
}

#[test]
fn no_room_is_thinned_for_work_that_is_no_rooms() {
    let mut rooms = World::new(&[(0.001, 0.002), (0.001, 0.001), (0.002, 0.004)]).subjects();
    let flooded = Busy { share: 0.99, is_behind: true, load: 0.0 };
    let mut shedding = Shedding::default();
    for _ in 0..10 {
        assert_eq!(shedding.judge(&flooded, &mut rooms), Steps::default());
    }
}

#[test]
fn what_was_taken_is_given_back_once_it_fits_and_never_swings() {
    let mut world = World::new(&[(0.2, 0.7), (0.01, 0.1)]);
    assert_eq!(world.windows(100), [2, 1]);
    assert_eq!(world.steps, Steps { thinned: 1, restored: 0 }, "half of 0.7 more does not fit");
    world.rooms[0].0 = Cost { whole: 0.5, snapshots: 0.3 };
    assert_eq!(world.windows(CALM_WINDOWS as usize + 1), [1, 1]);
    assert_eq!(world.windows(100), [1, 1]);
    assert_eq!(world.steps, Steps { thinned: 1, restored: 1 });
}

#[test]
fn no_load_makes_it_swing() {
    for tenths in 1..30 {
        for count in [1, 3, 20] {
            let whole = f64::from(tenths) / 10.0 / f64::from(count);
            for snapshots in [0.1, 0.5, 0.9] {
                let room = (whole * (1.0 - snapshots), whole * snapshots);
                let mut world = World::new(&vec![room; count as usize]);
                let settled = world.windows(50);
                assert_eq!(world.windows(200), settled, "{count} rooms of {room:?}");
            }
        }
    }
}

#[test]
fn a_hopeless_room_does_not_try_to_catch_up() {
    let mut world = World::new(&[(1.5, 0.1), (0.5, 0.9)]);
    world.windows(3);
    let catch_up = |world: &World| [0, 1].map(|room: usize| world.rooms[room].1.catch_up_ticks);
    assert_eq!(catch_up(&world), [1, MAX_CATCH_UP_TICKS], "one snapshot for three ticks is help");
    world.rooms[0].0 = Cost { whole: 0.95, snapshots: 0.0 };
    world.windows(3);
    assert_eq!(catch_up(&world)[0], 1);
    world.rooms[0].0 = Cost { whole: 0.5, snapshots: 0.0 };
    world.windows(3);
    assert_eq!(catch_up(&world)[0], MAX_CATCH_UP_TICKS);
}
