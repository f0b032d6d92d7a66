//! The physics of the scene.

use std::f32::consts::FRAC_PI_4;
use std::sync::atomic::{AtomicU64, Ordering};

use rapier3d::prelude::{
    ActiveEvents, ColliderBuilder, ColliderSet, CollisionEvent, ContactPair, EventHandler,
    PhysicsWorld, Real, RigidBodyBuilder, RigidBodyHandle, RigidBodySet, Rotation, SoftBodySet,
    SoftBodyTearEvent, Vector,
};
use tickwire_wire::quant::quat_raw;

use super::{BODIES, BOUNDS, HZ, QUAT_BITS, RECORD, pos_spec, scale_spec};
use crate::dice::Dice;

/// Physics steps of a frame: collisions look right at 60 Hz.
const SUBSTEPS: u32 = 2;
/// Pull of the attractor times square metres, in m³/s²: bodies halfway out circle at about 2 m/s.
const ATTRACTION: f32 = 60.0;
/// Metres that soften the pull near the middle: with less of it the bodies end in one clump there.
const SOFTENING: f32 = 8.0;
/// Metres of thickness of a wall.
const WALL: f32 = 5.0;
/// Highest angular speed, in radians a second. Without a limit the boxes would soon turn three times as fast.
const MAX_SPIN: f32 = FRAC_PI_4;
/// Share of the speed that survives a collision: all of it, else the scene would come to rest.
const RESTITUTION: f32 = 1.0;

/// How much happens in a scene, so that others can judge how hard it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Motion {
    /// Frames after the first.
    pub frames: u32,
    /// Mean speed of a body, in m/s.
    pub speed: f64,
    /// Mean change of a body's velocity from frame to frame, in m/s.
    pub velocity_change: f64,
    /// Mean angular speed, in degrees a second.
    pub degrees: f64,
    /// Collisions of two bodies a second.
    pub collisions: f64,
    /// Collisions of a body with a wall a second.
    pub wall_hits: f64,
}

/// Counts contacts that begin.
#[derive(Default)]
struct Counter {
    bodies: AtomicU64,
    walls: AtomicU64,
}

impl EventHandler for Counter {
    fn handle_collision_event(
        &self,
        _: &RigidBodySet,
        colliders: &ColliderSet,
        event: CollisionEvent,
        _: Option<&ContactPair>,
    ) {
        if let CollisionEvent::Started(a, b, _) = event {
            let both = [a, b].iter().all(|&end| colliders[end].parent().is_some());
            let counter = if both { &self.bodies } else { &self.walls };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn handle_contact_force_event(
        &self,
        _: Real,
        _: &RigidBodySet,
        _: &ColliderSet,
        _: &ContactPair,
        _: Real,
    ) {
    }

    fn handle_soft_body_tear_event(&self, _: &SoftBodySet, _: &SoftBodyTearEvent) {}
}

/// The world, and what was counted in it.
pub struct Scene {
    world: PhysicsWorld,
    bodies: Vec<RigidBodyHandle>,
    /// Raw scale of each body.
    scales: Vec<u32>,
    counter: Counter,
    frames: u32,
    /// Sums over bodies and frames: speed, change of velocity, angular speed.
    sums: [f64; 3],
}

impl Scene {
    /// The scene before its first step.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut world = PhysicsWorld::new();
        world.gravity = Vector::ZERO;
        world.integration_parameters.dt = 1.0 / (f32::from(HZ) * SUBSTEPS as f32);
        for (axis, side) in (0..3).flat_map(|axis| [(axis, -1.0), (axis, 1.0)]) {
            let mut half = [BOUNDS + WALL * 2.0; 3];
            let mut middle = [0.0; 3];
            half[axis] = WALL;
            middle[axis] = side * (BOUNDS + WALL);
            let [x, y, z] = half;
            let wall = ColliderBuilder::cuboid(x, y, z)
                .translation(Vector::from_array(middle))
                .restitution(1.0);
            world.insert_collider(wall, None);
        }
        let mut bodies = Vec::with_capacity(BODIES);
        let mut scales = Vec::with_capacity(BODIES);
        for index in 0..BODIES {
            // As it arrives, so that the physics has the size that is seen.
            let scale = scale_spec().raw(dice.between(0.25, 1.0));
            let size = scale_spec().value(scale);
            let collider = match index % 2 {
                0 => ColliderBuilder::ball(size),
                _ => ColliderBuilder::cuboid(size, size, size),
            };
            let collider = collider
                .restitution(RESTITUTION)
                .friction(0.1)
                .active_events(ActiveEvents::COLLISION_EVENTS);
            let inside = BOUNDS - 2.0;
            let pos = [(); 3].map(|()| dice.between(-inside, inside));
            let [x, y, z, w] = dice.rotation();
            let velocity = Vector::from_array(dice.direction()) * dice.between(1.0, 4.0);
            let spin = Vector::from_array(dice.direction()) * dice.between(0.0, MAX_SPIN);
            let mut body = RigidBodyBuilder::dynamic()
                .translation(Vector::from_array(pos))
                .linvel(velocity)
                .angvel(spin)
                .can_sleep(false)
                .build();
            body.set_rotation(Rotation::from_xyzw(x, y, z, w), false);
            bodies.push(world.insert(body, collider).0);
            scales.push(scale);
        }
        Self { world, bodies, scales, counter: Counter::default(), frames: 0, sums: [0.0; 3] }
    }

    /// One frame on.
    pub fn step(&mut self) {
        let before: Vec<Vector> =
            self.bodies.iter().map(|&body| self.world.bodies[body].linvel()).collect();
        for _ in 0..SUBSTEPS {
            self.attract();
            self.world.step_with_events(&(), &self.counter);
            self.limit_spin();
        }
        self.frames += 1;
        for (&handle, before) in self.bodies.iter().zip(before) {
            let body = &self.world.bodies[handle];
            let parts = [body.linvel(), body.linvel() - before, body.angvel()];
            for (sum, part) in self.sums.iter_mut().zip(parts) {
                *sum += f64::from(part.length());
            }
        }
    }

    fn attract(&mut self) {
        for &handle in &self.bodies {
            let body = &mut self.world.bodies[handle];
            let pos = body.translation();
            let distance = pos.length();
            let square = distance * distance + SOFTENING * SOFTENING;
            let pull = ATTRACTION / square * body.mass() / distance.max(SOFTENING);
            body.reset_forces(true);
            body.add_force(-pos * pull, true);
        }
    }

    fn limit_spin(&mut self) {
        for &handle in &self.bodies {
            let body = &mut self.world.bodies[handle];
            let spin = body.angvel();
            let speed = spin.length();
            if speed > MAX_SPIN {
                body.set_angvel(spin * (MAX_SPIN / speed), true);
            }
        }
    }

    /// The raw scale of each body.
    pub fn scales(&self) -> &[u32] {
        &self.scales
    }

    /// A record for each body as it is now: quaternion, x, y, z, as raw as they travel.
    pub fn frame(&self) -> Vec<i32> {
        let mut frame = Vec::with_capacity(BODIES * RECORD);
        let spec = pos_spec();
        for &handle in &self.bodies {
            let body = &self.world.bodies[handle];
            let rotation = quat_raw(body.rotation().to_array(), QUAT_BITS);
            let pos = body.translation().to_array().map(|metres| spec.raw(metres));
            frame.extend(rotation.iter().chain(&pos).map(|&raw| raw as i32));
        }
        frame
    }

    /// What happened so far.
    pub fn motion(&self) -> Motion {
        let each = f64::from(self.frames.max(1)) * BODIES as f64;
        let seconds = f64::from(self.frames.max(1)) / f64::from(HZ);
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64 / seconds;
        Motion {
            frames: self.frames,
            speed: self.sums[0] / each,
            velocity_change: self.sums[1] / each,
            degrees: (self.sums[2] / each).to_degrees(),
            collisions: count(&self.counter.bodies),
            wall_hits: count(&self.counter.walls),
        }
    }
}
