// The page's movement against vectors that `cargo test -p tickwire-skirmish` writes and `cargo xtask bless` renews.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readTiled } from '../arena.js';
import { BALANCE, predictor } from '../predict.js';

const read = (/** @type {string} */ path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const vectors = read('./predict-vectors.json');
const f = Math.fround;

/** @param {string[]} rows `#` solid */
function wallsOf(rows) {
  return { solid: (/** @type {number} */ x, /** @type {number} */ y) => (rows[y]?.[x] ?? '#') === '#' };
}

/** Raw state columns as the row object that the SDK gives. @param {number[]} raw */
function rowOf([x, y, vx, vy, aim]) {
  return {
    alive: true,
    pos: { x: f(x / 128), y: f(y / 128) },
    vel: { x: f(-15 + (vx * 15) / 64), y: f(-15 + (vy * 15) / 64) },
    aim: f(aim * ((2 * Math.PI) / 256)),
  };
}

/** @param {ReturnType<typeof rowOf>} row @returns {number[]} the raw columns it travels as */
function columnsOf(row) {
  const grid = (/** @type {number} */ v, /** @type {number} */ min, /** @type {number} */ step) => Math.floor((v - min) / step + 0.5);
  const aim = Math.floor((row.aim / (2 * Math.PI)) * 256 + 0.5) & 255;
  return [grid(row.pos.x, 0, 1 / 128), grid(row.pos.y, 0, 1 / 128), grid(row.vel.x, -15, 15 / 64), grid(row.vel.y, -15, 15 / 64), aim];
}

test('the balance is that of the rules', () => {
  const { radius, vel_step, top_speed, acceleration, friction, diagonal } = vectors.constants;
  assert.deepEqual({ ...BALANCE }, { radius, velStep: vel_step, topSpeed: top_speed, acceleration, friction, diagonal });
});

test('every run ends each tick on the same bits as in Rust', () => {
  assert.deepEqual(vectors.input_columns.slice(0, 3), ['move_x', 'move_y', 'aim']);
  const { step } = predictor(() => wallsOf(vectors.map.rows));
  let ticks = 0;
  for (const [number, run] of vectors.runs.entries()) {
    let state = run.start;
    for (const [tick, [moveX, moveY, aim]] of run.inputs.entries()) {
      const row = rowOf(state);
      step(row, { move_x: moveX - 1, move_y: moveY - 1, aim: f(aim * ((2 * Math.PI) / 1024)) }, f(vectors.dt));
      state = columnsOf(row);
      assert.deepEqual(state, run.states[tick], `run ${number}, tick ${tick}`);
      ticks++;
    }
  }
  assert.ok(ticks > 1000, `${ticks} ticks compared`);
});

test('the map as the page reads it has the walls of the rules', () => {
  const plan = readTiled(read(`../../../maps/${vectors.map.name}.json`));
  const rows = [];
  for (let y = 0; y < plan.height; y++) {
    rows.push(plan.walls.slice(y * plan.width, (y + 1) * plan.width).map((kind) => (kind ? '#' : '.')).join(''));
  }
  assert.deepEqual(rows, vectors.map.rows);
});
