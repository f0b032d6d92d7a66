//! f32 functions that give the same bits on every machine, and in the JavaScript SDK's `math.js`.
//!
//! `std`'s `sin`, `cos`, `atan2`, `powf`, … are free to differ between platforms; a game uses these
//! instead. `+ - * /` and `sqrt` are exact everywhere, as are `abs`, `floor`, `min`, `max`,
//! `clamp`.

pub use std::f32::consts::{FRAC_PI_2, PI, TAU};

/// Sine of an angle in radians.
pub fn sin(angle: f32) -> f32 {
    libm::sinf(angle)
}

/// Cosine of an angle in radians.
pub fn cos(angle: f32) -> f32 {
    libm::cosf(angle)
}

/// Sine and cosine of an angle in radians.
pub fn sin_cos(angle: f32) -> (f32, f32) {
    (sin(angle), cos(angle))
}

/// The angle of the vector (x, y), in radians in [-π, π].
pub fn atan2(y: f32, x: f32) -> f32 {
    libm::atan2f(y, x)
}

/// Square root.
pub fn sqrt(value: f32) -> f32 {
    libm::sqrtf(value)
}

/// Length of the vector (x, y): the root of the sum of squares, taken in f64 and rounded once.
pub fn hypot(x: f32, y: f32) -> f32 {
    let (x, y) = (f64::from(x), f64::from(y));
    libm::sqrt(x * x + y * y) as f32
}

/// The same angle in [-π, π): `angle` less whole turns, in f64 and rounded once. What is not finite
/// gives 0.
pub fn wrap_angle(angle: f32) -> f32 {
    if !angle.is_finite() {
        return 0.0;
    }
    let angle = f64::from(angle);
    let turn = std::f64::consts::TAU;
    (angle - libm::floor(angle / turn + 0.5) * turn) as f32
}

/// From `a` to `b` as `t` goes from 0 to 1.
pub fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// The unit vector of an angle in radians.
pub fn direction(angle: f32) -> glam::Vec2 {
    glam::Vec2::new(cos(angle), sin(angle))
}
