//! How a walker moves: the part of the game that clients predict.
//!
//! Only `+ - * /`, `sqrt` and `floor` on `f32`, written out in scalars, so that a client in another
//! language can do the same operations in the same order and get the same bits.

use tickwire_game::{Vec2, math};

use crate::balance::{ACCELERATION, DIAGONAL, FRICTION, RADIUS, TOP_SPEED, VEL_STEP};
use crate::map::Map;

/// A walker's place (m) and velocity (m/s).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Body {
    /// Centre.
    pub pos: Vec2,
    /// Velocity.
    pub vel: Vec2,
}

/// Moves a walker for one tick of `dt` seconds in the held direction (each of -1, 0, 1).
///
/// Every operation rounds to `f32`:
///
/// 1. **Wanted velocity**: `speed` = `TOP_SPEED`, times `DIAGONAL` when both directions are held;
///    wanted = (`move_x` × speed, `move_y` × speed).
/// 2. **Acceleration**: d = wanted - vel; step = (`ACCELERATION`, or `FRICTION` when no direction is
///    held) × dt; d² = d.x × d.x + d.y × d.y. When d² <= step × step: vel = wanted. Else share = step /
///    sqrt(d²), vel = vel + d × share.
/// 3. **Velocity grid**: each component becomes floor(v / `VEL_STEP` + 0.5) × `VEL_STEP`.
/// 4. **Motion**: pos = pos + vel × dt.
/// 5. **Walls**: [`collide`].
///
/// The state is snapped to wire precision after the tick, so the next step starts from snapped
/// values on both sides.
pub fn step(map: &Map, body: Body, move_x: i8, move_y: i8, dt: f32) -> Body {
    let diagonal = move_x != 0 && move_y != 0;
    let speed = if diagonal { TOP_SPEED * DIAGONAL } else { TOP_SPEED };
    let wanted = Vec2::new(f32::from(move_x) * speed, f32::from(move_y) * speed);
    let rate = if move_x == 0 && move_y == 0 { FRICTION } else { ACCELERATION };
    let vel = approach(body.vel, wanted, rate * dt);
    let vel = Vec2::new(on_grid(vel.x), on_grid(vel.y));
    let pos = Vec2::new(body.pos.x + vel.x * dt, body.pos.y + vel.y * dt);
    collide(map, Body { pos, vel })
}

/// `vel` moved towards `wanted` by at most `step`.
fn approach(vel: Vec2, wanted: Vec2, step: f32) -> Vec2 {
    let dx = wanted.x - vel.x;
    let dy = wanted.y - vel.y;
    let squared = dx * dx + dy * dy;
    if squared <= step * step {
        return wanted;
    }
    let share = step / math::sqrt(squared);
    Vec2::new(vel.x + dx * share, vel.y + dy * share)
}

/// The nearest multiple of [`VEL_STEP`].
fn on_grid(v: f32) -> f32 {
    (v / VEL_STEP + 0.5).floor() * VEL_STEP
}

/// Pushes a walker out of the walls and takes away the velocity into them.
///
/// A tile is (floor(x), floor(y)); outside the map everything is solid. First the four faces, then
/// the four corners, each seeing what the ones before it did:
///
/// 1. tile (tx, ty) of the centre.
/// 2. **right**: column c = floor(x + `RADIUS`); when c ≠ tx and tile (c, ty) is solid: x = c - `RADIUS`,
///    and vel.x = 0 if it was above 0.
/// 3. **left**: column c = floor(x - `RADIUS`) with the x of step 2; when c ≠ tx and tile (c, ty) is solid:
///    x = c + 1 + `RADIUS`, and vel.x = 0 if it was below 0.
/// 4. **down**, 5. **up**: the same with y, rows and vel.y, in column tx (that of step 1).
/// 6. **corners**, in the order (tx-1, ty-1), (tx+1, ty-1), (tx-1, ty+1), (tx+1, ty+1), when solid: the
///    tile's corner c nearest to the centre: c.x = tx for the left ones, tx + 1 for the right ones,
///    c.y likewise. d = pos - c; d² = d.x × d.x + d.y × d.y. When 0 < d² < `RADIUS` × `RADIUS`: length = sqrt(d²),
///    n = d / length, pos = c + n × `RADIUS`; into = vel.x × n.x + vel.y × n.y; when into < 0: vel = vel - n × into.
///
/// A step is far shorter than the radius, so a centre never gets into a wall.
pub fn collide(map: &Map, body: Body) -> Body {
    let Body { mut pos, mut vel } = body;
    let (tx, ty) = Map::tile(pos);

    let right = (pos.x + RADIUS).floor();
    if right as i32 != tx && map.solid(right as i32, ty) {
        pos.x = right - RADIUS;
        if vel.x > 0.0 {
            vel.x = 0.0;
        }
    }
    let left = (pos.x - RADIUS).floor();
    if left as i32 != tx && map.solid(left as i32, ty) {
        pos.x = left + 1.0 + RADIUS;
        if vel.x < 0.0 {
            vel.x = 0.0;
        }
    }
    let down = (pos.y + RADIUS).floor();
    if down as i32 != ty && map.solid(tx, down as i32) {
        pos.y = down - RADIUS;
        if vel.y > 0.0 {
            vel.y = 0.0;
        }
    }
    let up = (pos.y - RADIUS).floor();
    if up as i32 != ty && map.solid(tx, up as i32) {
        pos.y = up + 1.0 + RADIUS;
        if vel.y < 0.0 {
            vel.y = 0.0;
        }
    }

    let mut body = Body { pos, vel };
    for (dx, dy) in [(-1, -1), (1, -1), (-1, 1), (1, 1)] {
        if map.solid(tx + dx, ty + dy) {
            let corner_x = (if dx < 0 { tx } else { tx + 1 }) as f32;
            let corner_y = (if dy < 0 { ty } else { ty + 1 }) as f32;
            body = clear_corner(body, corner_x, corner_y);
        }
    }
    body
}

/// Pushes a walker away from the corner of a wall.
fn clear_corner(body: Body, corner_x: f32, corner_y: f32) -> Body {
    let dx = body.pos.x - corner_x;
    let dy = body.pos.y - corner_y;
    let squared = dx * dx + dy * dy;
    if squared == 0.0 || squared >= RADIUS * RADIUS {
        return body;
    }
    let length = math::sqrt(squared);
    let (nx, ny) = (dx / length, dy / length);
    let pos = Vec2::new(corner_x + nx * RADIUS, corner_y + ny * RADIUS);
    let into = body.vel.x * nx + body.vel.y * ny;
    let vel = if into < 0.0 {
        Vec2::new(body.vel.x - nx * into, body.vel.y - ny * into)
    } else {
        body.vel
    };
    Body { pos, vel }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DT: f32 = 1.0 / 30.0;

    /// Holds a direction for some ticks.
    fn hold(map: &Map, mut body: Body, (x, y): (i8, i8), ticks: u32) -> Body {
        for _ in 0..ticks {
            body = step(map, body, x, y, DT);
        }
        body
    }

    fn resting(x: f32, y: f32) -> Body {
        Body { pos: Vec2::new(x, y), vel: Vec2::ZERO }
    }

    fn hall() -> Map {
        Map::from_rows(&[
            "############",
            "#..........#",
            "#..........#",
            "#.....#....#",
            "#..........#",
            "############",
        ])
    }

    #[test]
    fn speeds_up_to_the_limit_and_stops() {
        let map = hall();
        let running = hold(&map, resting(1.5, 1.5), (1, 0), 15);
        assert_eq!(running.vel, Vec2::new(TOP_SPEED, 0.0));
        let stopped = hold(&map, running, (0, 0), 6);
        assert_eq!(stopped.vel, Vec2::ZERO);
        assert!(stopped.pos.x - running.pos.x < 0.7, "slides for too long");
    }

    #[test]
    fn diagonals_are_not_faster() {
        let running = hold(&hall(), resting(1.5, 1.5), (1, 1), 8);
        let speed = running.vel.length();
        assert!((speed - TOP_SPEED).abs() < VEL_STEP, "{speed}");
    }

    #[test]
    fn walls_stop_exactly_at_the_radius() {
        let map = hall();
        let right = hold(&map, resting(9.0, 1.5), (1, 0), 30);
        assert_eq!(right, resting(11.0 - RADIUS, 1.5));
        let up = hold(&map, resting(9.0, 2.5), (0, -1), 30);
        assert_eq!(up, resting(9.0, 1.0 + RADIUS));
    }

    #[test]
    fn slides_along_walls() {
        let map = hall();
        let sliding = hold(&map, resting(2.0, 1.0 + RADIUS), (1, -1), 30);
        assert_eq!(sliding.pos.y, 1.0 + RADIUS);
        assert!(sliding.pos.x > 6.0, "hangs on the wall at {}", sliding.pos.x);
        assert!(sliding.vel.x > 4.5 && sliding.vel.y == 0.0);
    }

    #[test]
    fn slips_around_corners() {
        // Walking right into the lower part of the block's corner pushes the walker below it.
        let map = hall();
        let body = hold(&map, resting(4.5, 4.25), (1, 0), 40);
        assert!(body.pos.x > 8.0, "stuck at {}", body.pos);
        assert!(body.pos.y > 4.25);
    }

    #[test]
    fn steady_motion_is_exact_on_the_grid() {
        let map = hall();
        let start = hold(&map, resting(1.5, 1.5), (1, 0), 10);
        let next = step(&map, start, 1, 0, DT);
        let steps = (next.pos.x - start.pos.x) * 128.0;
        assert!((steps - 30.0).abs() < 1e-3, "{steps} steps in a tick");
    }
}
