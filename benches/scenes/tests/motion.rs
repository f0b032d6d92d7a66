//! That things move as their scene says they do.

use std::collections::BTreeSet;

use tickwire_scenes::{asteroids, orbits, projectiles, vehicles};
use tickwire_wire::columns::StateColumns;

/// Mean over rows and ticks of how far `predicted` is from the first two columns of table 1.
fn mean_miss(states: &[StateColumns], predicted: impl Fn(&[u32], &[u32]) -> [f64; 2]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for three in states.windows(3) {
        for (id, now) in three[2].tables[1].iter() {
            let last = three[1].tables[1].get(id);
            let before = three[0].tables[1].get(id);
            let (Some(last), Some(before)) = (last, before) else { continue };
            for (axis, guess) in predicted(last, before).into_iter().enumerate() {
                sum += (guess - f64::from(now[axis])).abs();
                count += 1;
            }
        }
    }
    sum / f64::from(count.max(1))
}

fn hold(last: &[u32], _: &[u32]) -> [f64; 2] {
    [f64::from(last[0]), f64::from(last[1])]
}

fn linear(last: &[u32], before: &[u32]) -> [f64; 2] {
    [0, 1].map(|axis| 2.0 * f64::from(last[axis]) - f64::from(before[axis]))
}

#[test]
fn asteroids_keep_within_their_bounds_and_their_size() {
    let mut scene = asteroids::Scene::new(8);
    let scales = scene.scales().to_vec();
    for _ in 0..120 {
        scene.step();
        for record in scene.frame().as_chunks::<7>().0 {
            let inside = |&raw: &i32| (raw - 3200).abs() <= 3150;
            assert!(record[4..].iter().all(inside), "{record:?}");
            assert!(record[0] < 4 && record[1..4].iter().all(|part| (0..1024).contains(part)));
        }
    }
    assert_eq!(scene.scales(), scales);
    let motion = scene.motion();
    assert_eq!(motion.frames, 120);
    assert!((1.5..3.5).contains(&motion.speed), "{motion:?}");
    assert!((0.001..0.1).contains(&motion.velocity_change), "{motion:?}");
    assert!((10.0..=45.1).contains(&motion.degrees), "{motion:?}");
    assert!(motion.collisions > 0.5 && motion.wall_hits > 0.5, "{motion:?}");
}

#[test]
fn cars_go_where_their_velocity_says() {
    let states = vehicles::states(3, 600);
    // Steps: 64 a metre, velocities 16 a m/s from -32 m/s on, 30 ticks a second.
    let through = |last: &[u32], _: &[u32]| {
        let gone = |axis: usize| (f64::from(last[axis + 2]) / 16.0 - 32.0) / 30.0 * 64.0;
        [f64::from(last[0]) + gone(0), f64::from(last[1]) + gone(1)]
    };
    let (held, by_velocity) = (mean_miss(&states, hold), mean_miss(&states, through));
    assert!(held > 8.0, "{held}");
    assert!(by_velocity < 0.8, "{by_velocity}");
    let braking = |state: &StateColumns| state.tables[1].iter().any(|(_, row)| row[5] == 1);
    assert!(states.iter().any(braking));
}

#[test]
fn orbits_are_smooth_curves() {
    let states = orbits::states(3, 400);
    let (held, linear) = (mean_miss(&states, hold), mean_miss(&states, linear));
    assert!(held > 10.0, "{held}");
    assert!(linear < held / 8.0, "{linear} after {held}");
}

#[test]
fn shells_come_and_go_and_none_comes_back() {
    let states = projectiles::states(3, 900);
    let mut gone: BTreeSet<u32> = BTreeSet::new();
    let mut all: BTreeSet<u32> = BTreeSet::new();
    for pair in states.windows(2) {
        let [was, is] = [&pair[0], &pair[1]].map(|state| &state.tables[2]);
        gone.extend(was.ids.iter().copied().filter(|&id| is.find(id).is_none()));
        all.extend(&is.ids);
        assert!(is.ids.iter().all(|id| !gone.contains(id)), "a shell came back");
    }
    assert!(gone.len() > 50 && all.len() > gone.len(), "{} of {}", gone.len(), all.len());
    let last = &states.last().unwrap().tables[2];
    assert!((5..400).contains(&last.len()), "{} in the air", last.len());
}
