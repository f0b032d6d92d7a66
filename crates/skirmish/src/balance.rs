//! Every number that decides how the game feels, with its unit.
//!
//! Times in ticks assume the fixed rate of [`TICK_HZ`]. The movement numbers are also in
//! `predict-vectors.json`, from which the page's `predict.js` is checked.

/// Ticks per second; a snapshot goes out with each.
pub const TICK_HZ: u16 = 30;

/// Radius of an avatar against walls, metres. A multiple of the position step, so that an avatar
/// that leans on a wall stands exactly on the grid and does not tremble.
pub const RADIUS: f32 = 0.4375;
/// Positions travel in steps of this many metres.
pub const POS_STEP: f64 = 1.0 / 128.0;
/// Avatar velocities travel, and are driven, in steps of this many metres per second: one step for
/// one tick is one step of the position, so steady motion is predicted exactly and costs no bytes.
pub const VEL_STEP: f32 = 15.0 / 64.0;
/// Speed that a walker reaches, m/s: 30 velocity steps.
pub const TOP_SPEED: f32 = 30.0 * VEL_STEP;
/// Change of velocity while a direction is held, m/s².
pub const ACCELERATION: f32 = 60.0;
/// Change of velocity while none is held, m/s².
pub const FRICTION: f32 = 45.0;
/// Share of the top speed along each axis on a diagonal: √½ in `f32`.
pub const DIAGONAL: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Health of a fresh avatar, and the most it can have.
pub const MAX_HEALTH: u8 = 100;
/// The most that a shield holds; a fresh avatar has none.
pub const MAX_SHIELD: u8 = 50;
/// Ticks from death to respawn: 2.5 s.
pub const RESPAWN_TICKS: u8 = 75;

/// Radius that beams and shots test against, metres: a little kinder to the shooter than the body.
pub const HIT_RADIUS: f32 = 0.5;
/// Damage of a rail hit: two kill.
pub const RAIL_DAMAGE: u8 = 55;
/// Ticks between rail shots: 1.2 s.
pub const RAIL_COOLDOWN: u8 = 36;

/// Speed of a blast shot, m/s.
pub const BLAST_SPEED: f32 = 11.0;
/// Damage of a direct blast hit.
pub const BLAST_DAMAGE: u8 = 20;
/// Ticks between blast shots: five a second.
pub const BLAST_COOLDOWN: u8 = 6;
/// Distance from the avatar's centre at which a blast shot appears, metres.
pub const MUZZLE: f32 = 0.55;
/// Reach of the splash around a burst, metres.
pub const SPLASH_RADIUS: f32 = 1.4;
/// Damage of the splash at its centre; it falls linearly to 0 at [`SPLASH_RADIUS`].
pub const SPLASH_DAMAGE: f32 = 10.0;
/// Ticks after which a shot in flight bursts by itself: 2.5 s, 27 m.
pub const SHOT_TICKS: u8 = 75;

/// Blaster cells of a fresh avatar, and the level up to which they recharge.
pub const START_AMMO: u8 = 12;
/// The most cells an avatar can carry.
pub const MAX_AMMO: u8 = 30;
/// Ticks in which one cell recharges: two thirds of a second.
pub const RECHARGE_TICKS: u8 = 20;

/// Distance at which a pick-up is taken, metres.
pub const PICKUP_REACH: f32 = 0.9;
/// Ticks until a taken pick-up is back: 12 s.
pub const PICKUP_TICKS: u16 = 360;
/// Health that a pick-up restores.
pub const PICKUP_HEALTH: u8 = 40;
/// Shield that a pick-up adds.
pub const PICKUP_SHIELD: u8 = 50;
/// Cells that a pick-up adds.
pub const PICKUP_AMMO: u8 = 10;

/// How long the scoreboard of a finished round stays, seconds.
pub const SCOREBOARD_S: u16 = 6;
