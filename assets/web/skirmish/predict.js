// How an avatar moves: the same steps, in the same order, as `crates/skirmish/src/movement.rs`, each rounded to
// f32, so that what the page predicts is bit for bit what the server computes. `test/predict.test.js` holds it to
// vectors that the Rust tests write.

const f = Math.fround;

/** The numbers of `balance.rs`, as f32; compared with the vectors' own copy by the test. */
export const BALANCE = Object.freeze({
  radius: f(0.4375),
  velStep: f(15 / 64),
  topSpeed: f(30 * (15 / 64)),
  acceleration: f(60),
  friction: f(45),
  diagonal: f(Math.SQRT1_2),
});

/**
 * @typedef {{x: number, y: number}} Vec
 * @typedef {{solid(x: number, y: number): boolean}} Walls outside the map everything is solid
 */

/**
 * Moves a walker by one tick of `dt` seconds; `pos` and `vel` are changed in place.
 * @param {Walls} walls @param {Vec} pos metres @param {Vec} vel m/s
 * @param {number} moveX -1, 0, 1 @param {number} moveY -1, 0, 1 @param {number} dt seconds, an f32
 */
export function step(walls, pos, vel, moveX, moveY, dt) {
  const { topSpeed, diagonal, acceleration, friction } = BALANCE;
  const speed = moveX !== 0 && moveY !== 0 ? f(topSpeed * diagonal) : topSpeed;
  const rate = moveX === 0 && moveY === 0 ? friction : acceleration;
  approach(vel, f(moveX * speed), f(moveY * speed), f(rate * dt));
  vel.x = onGrid(vel.x);
  vel.y = onGrid(vel.y);
  pos.x = f(pos.x + f(vel.x * dt));
  pos.y = f(pos.y + f(vel.y * dt));
  collide(walls, pos, vel);
}

/** @param {Vec} vel @param {number} wantedX @param {number} wantedY @param {number} most change of speed, m/s */
function approach(vel, wantedX, wantedY, most) {
  const dx = f(wantedX - vel.x);
  const dy = f(wantedY - vel.y);
  const squared = f(f(dx * dx) + f(dy * dy));
  if (squared <= f(most * most)) {
    vel.x = wantedX;
    vel.y = wantedY;
    return;
  }
  const share = f(most / f(Math.sqrt(squared)));
  vel.x = f(vel.x + f(dx * share));
  vel.y = f(vel.y + f(dy * share));
}

/** @param {number} v m/s @returns {number} the nearest multiple of the velocity step */
function onGrid(v) {
  return f(Math.floor(f(f(v / BALANCE.velStep) + 0.5)) * BALANCE.velStep);
}

/** Pushes a walker out of the walls: four faces, then four corners. @param {Walls} walls @param {Vec} pos @param {Vec} vel */
function collide(walls, pos, vel) {
  const { radius } = BALANCE;
  const tx = Math.floor(pos.x);
  const ty = Math.floor(pos.y);
  const right = Math.floor(f(pos.x + radius));
  if (right !== tx && walls.solid(right, ty)) {
    pos.x = f(right - radius);
    if (vel.x > 0) vel.x = 0;
  }
  const left = Math.floor(f(pos.x - radius));
  if (left !== tx && walls.solid(left, ty)) {
    pos.x = f(f(left + 1) + radius);
    if (vel.x < 0) vel.x = 0;
  }
  const down = Math.floor(f(pos.y + radius));
  if (down !== ty && walls.solid(tx, down)) {
    pos.y = f(down - radius);
    if (vel.y > 0) vel.y = 0;
  }
  const up = Math.floor(f(pos.y - radius));
  if (up !== ty && walls.solid(tx, up)) {
    pos.y = f(f(up + 1) + radius);
    if (vel.y < 0) vel.y = 0;
  }
  for (const dy of [-1, 1]) {
    for (const dx of [-1, 1]) {
      if (walls.solid(tx + dx, ty + dy)) clearCorner(pos, vel, dx < 0 ? tx : tx + 1, dy < 0 ? ty : ty + 1);
    }
  }
}

/** @param {Vec} pos @param {Vec} vel @param {number} cornerX @param {number} cornerY */
function clearCorner(pos, vel, cornerX, cornerY) {
  const { radius } = BALANCE;
  const dx = f(pos.x - cornerX);
  const dy = f(pos.y - cornerY);
  const squared = f(f(dx * dx) + f(dy * dy));
  if (squared === 0 || squared >= f(radius * radius)) return;
  const length = f(Math.sqrt(squared));
  const nx = f(dx / length);
  const ny = f(dy / length);
  pos.x = f(cornerX + f(nx * radius));
  pos.y = f(cornerY + f(ny * radius));
  const into = f(f(vel.x * nx) + f(vel.y * ny));
  if (into < 0) {
    vel.x = f(vel.x - f(nx * into));
    vel.y = f(vel.y - f(ny * into));
  }
}

/**
 * What the SDK's predictor needs to run own avatars ahead of the server.
 * @param {() => Walls | null} getWalls null until the map is loaded: nothing is predicted then
 */
export function predictor(getWalls) {
  return {
    table: 'avatars',
    /** @param {Record<string, any>} row @param {Record<string, any>} input @param {number} dt seconds, an f32 */
    step(row, input, dt) {
      const walls = getWalls();
      if (!walls) return;
      if (!row.alive) return;
      row.aim = input.aim;
      step(walls, row.pos, row.vel, input.move_x, input.move_y, dt);
    },
  };
}
