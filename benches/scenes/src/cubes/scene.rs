//! The physics of the scene.

use rapier3d::prelude::{
    ColliderBuilder, ColliderHandle, PhysicsWorld, RigidBodyBuilder, RigidBodyHandle, Rotation,
    Vector,
};

use super::layout::{Layout, Start};
use super::script::{Keys, Script};
use super::{BODIES, CUBE_EDGE, FLAT_MAX, HZ, QUAT_BITS, RECORD, UNITS_PER_METRE};
use crate::dice::Dice;
use crate::rounding::smallest_three;

/// Metres along an edge of the player's cube.
const PLAYER_EDGE: f32 = 1.5;
/// Metres above the ground at which the player begins.
const PLAYER_HEIGHT: f32 = 10.0;
/// Metres between the middle and the ground's edges: beyond the range of a position.
const GROUND: f32 = 200.0;
/// Metres per second squared that a full push gives the player when nothing clings to it.
const PUSH: f32 = 46.0;
/// Metres per second beyond which a push in the direction of motion no longer helps.
const TOP_SPEED: f32 = 20.0;
/// Metres from the player's centre within which cubes are drawn or blown.
const REACH: f32 = 2.2;
/// Pull on a cube a metre from the player's centre, in metres per second squared; falls with the square.
const PULL: f32 = 160.0;
/// Highest pull, in metres per second squared.
const MAX_PULL: f32 = 150.0;
/// Push outwards while the player blows, in metres per second squared.
const BLOW: f32 = 45.0;
/// Frames between two cubes that are let go from the air.
const DROP_EVERY: u32 = 5;
/// Seconds for which a body must be nearly still before it sleeps.
const SLEEP_AFTER: f32 = 0.6;

/// Most frames that the cubes get to come to rest before the first one of the trace.
const SETTLE_FRAMES: usize = 600;

/// The world, and who was touched.
pub struct Scene {
    world: PhysicsWorld,
    /// The player, then the cubes.
    bodies: Vec<RigidBodyHandle>,
    /// By index into `bodies`: reached by the player, through others perhaps, and awake since.
    touched: Vec<bool>,
    /// Indices of bodies that still hang in the air.
    hanging: Vec<usize>,
    script: Script,
    frame: u32,
}

impl Scene {
    /// The scene before its first step.
    pub fn new(seed: u64, layout: Layout) -> Self {
        let mut dice = Dice::new(seed);
        let mut world = PhysicsWorld::new();
        // Somewhat different worlds, so that a prior does not learn one gravity by heart.
        world.gravity = Vector::new(0.0, 0.0, -dice.between(9.81, 18.0));
        world.integration_parameters.dt = 1.0 / f32::from(HZ);
        // Recycled contacts would let a body sink a tenth of its edge before it is seen to touch.
        world.integration_parameters.contact_recycling = false;
        let friction = dice.between(0.5, 0.9);
        let restitution = dice.between(0.0, 0.25);
        let cube = |edge: f32| {
            ColliderBuilder::cuboid(edge / 2.0, edge / 2.0, edge / 2.0)
                .friction(friction)
                .restitution(restitution)
                .density(1.0)
        };
        let ground = ColliderBuilder::cuboid(GROUND, GROUND, 1.0)
            .translation(Vector::new(0.0, 0.0, -1.0))
            .friction(friction);
        world.insert_collider(ground, None);
        let player = RigidBodyBuilder::dynamic()
            .translation(Vector::new(0.0, 0.0, PLAYER_HEIGHT))
            .linear_damping(0.3)
            .angular_damping(0.3)
            .enabled(false)
            .can_sleep(false);
        let mut bodies = vec![world.insert(player, cube(PLAYER_EDGE).user_data(0)).0];
        let mut hanging = Vec::new();
        for Start { pos, rotation, hangs } in layout.starts(&mut dice) {
            let [x, y, z, w] = rotation;
            let mut body = RigidBodyBuilder::dynamic()
                .translation(Vector::from_array(pos))
                .linear_damping(0.15)
                .angular_damping(0.15)
                .enabled(!hangs)
                .build();
            body.set_rotation(Rotation::from_xyzw(x, y, z, w), false);
            body.activation_mut().time_until_sleep = SLEEP_AFTER;
            if hangs {
                hanging.push(bodies.len());
            }
            bodies.push(world.insert(body, cube(CUBE_EDGE).user_data(bodies.len() as u128)).0);
        }
        debug_assert_eq!(bodies.len(), BODIES);
        let mut touched = vec![false; BODIES];
        touched[0] = true;
        settle(&mut world, &bodies);
        world.bodies[bodies[0]].set_enabled(true);
        let script = Script::new(dice);
        Self { world, bodies, touched, hanging, script, frame: 0 }
    }

    /// One frame on.
    pub fn step(&mut self) {
        self.frame += 1;
        let pos = self.world.bodies[self.bodies[0]].translation();
        let keys = self.script.next([pos.x, pos.y]);
        self.drive(keys);
        if keys.katamari || keys.blow {
            self.draw_or_blow(keys.katamari);
        }
        if self.frame.is_multiple_of(DROP_EVERY)
            && let Some(index) = self.hanging.pop()
        {
            self.world.bodies[self.bodies[index]].set_enabled(true);
        }
        self.world.step();
        self.spread_touch();
    }

    /// The player's own forces.
    fn drive(&mut self, keys: Keys) {
        let player = &mut self.world.bodies[self.bodies[0]];
        let mass = player.mass();
        player.reset_forces(true);
        player.reset_torques(true);
        let push = Vector::new(keys.push[0], keys.push[1], 0.0);
        let speed = player.linvel().dot(push);
        let left = (1.0 - speed / TOP_SPEED).clamp(0.0, 1.0);
        player.add_force(push * (PUSH * keys.strength * left * mass), true);
        if keys.lift {
            // Rises to about 3 m and tumbles on the way.
            let rise = (3.5 - player.translation().z).max(0.0) * 14.0;
            player.add_force(Vector::Z * (rise * mass), true);
            player.add_torque(Vector::new(push.y, -push.x, 0.6) * (4.0 * mass), true);
        }
    }

    /// Forces on the cubes around the player, which count as touched by them.
    fn draw_or_blow(&mut self, draws: bool) {
        let centre = self.world.bodies[self.bodies[0]].translation();
        for (index, &handle) in self.bodies.iter().enumerate().skip(1) {
            let body = &mut self.world.bodies[handle];
            let away = body.translation() - centre;
            let distance = away.length();
            if !(0.1..=REACH).contains(&distance) {
                continue;
            }
            let strength = if draws {
                -(PULL / (distance * distance)).min(MAX_PULL)
            } else {
                BLOW * (1.0 - distance / REACH)
            };
            // An impulse, not a force: forces stay on a body until they are taken away.
            let impulse = away / distance * (strength * body.mass() / f32::from(HZ));
            body.apply_impulse(impulse, true);
            self.touched[index] = true;
        }
    }

    /// Who touches a touched body is touched; who sleeps no longer is.
    fn spread_touch(&mut self) {
        let index_of = |world: &PhysicsWorld, handle: ColliderHandle| {
            let collider = &world.colliders[handle];
            collider.parent().map(|_| collider.user_data as usize)
        };
        for pair in self.world.contact_pairs() {
            if !pair.has_any_active_contact() {
                continue;
            }
            let ends = [pair.collider1, pair.collider2].map(|end| index_of(&self.world, end));
            if let [Some(a), Some(b)] = ends
                && self.touched[a] != self.touched[b]
            {
                self.touched[a] = true;
                self.touched[b] = true;
            }
        }
        for (touched, &handle) in self.touched.iter_mut().zip(&self.bodies).skip(1) {
            *touched &= !self.world.bodies[handle].is_sleeping();
        }
    }

    /// The records of all bodies as they are now.
    pub fn frame(&self) -> Vec<i32> {
        let mut frame = Vec::with_capacity(BODIES * RECORD);
        for (&handle, &touched) in self.bodies.iter().zip(&self.touched) {
            let body = &self.world.bodies[handle];
            frame.extend(smallest_three(body.rotation().to_array(), QUAT_BITS));
            frame.extend(body.translation().to_array().map(|metres| {
                let units = (f64::from(metres) * f64::from(UNITS_PER_METRE) + 0.5).floor();
                // A saturating cast; bodies that were thrown out of the range wait at its end.
                (units as i32).clamp(-FLAT_MAX, FLAT_MAX - 1)
            }));
            frame.push(i32::from(touched));
        }
        frame
    }
}

/// Lets the cubes come to rest, so that a trace does not begin with all of them moving.
fn settle(world: &mut PhysicsWorld, bodies: &[RigidBodyHandle]) {
    for _ in 0..SETTLE_FRAMES {
        world.step();
        let rests = |&handle: &RigidBodyHandle| {
            let body = &world.bodies[handle];
            body.is_sleeping() || !body.is_enabled()
        };
        if bodies.iter().all(rests) {
            break;
        }
    }
}
