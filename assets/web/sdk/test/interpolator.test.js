import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interpolator } from '../interpolator.js';
import { parseSchema } from '../schema.js';
import { Table } from '../table.js';
import { writeValue } from '../value.js';

const position = { type: 'vector', n: 2, min: 0, step: 1 / 64, max_raw: 64 * 64 - 1 };
const field = (/** @type {string} */ name, /** @type {object} */ shape, lerp = true, velocity = /** @type {number | null} */ (null)) => ({
  name, shape, to: 'everyone', lerp, predict: 'hold', velocity, sticky: false,
});
const schema = parseSchema(
  JSON.stringify({
    protocol: 1,
    game: 'g',
    tick_hz: 30,
    send_every: 1,
    tables: [
      { name: 'players', single: false, owner: null, audience: 'everyone', fields: [field('name', { type: 'text', max: 24 }, false)] },
      {
        name: 'ships', single: false, owner: null, audience: 'everyone',
        fields: [
          field('pos', position, true, 1),
          field('vel', { type: 'vector', n: 2, min: -32, step: 1 / 32, max_raw: 2047 }, false),
          field('heading', { type: 'angle', bits: 8 }),
          field('charge', { type: 'float', min: 0, step: 0.01, max_raw: 1000 }),
          field('turn', { type: 'quat', bits: 12 }),
          field('score', { type: 'int', min: 0, max: 999 }),
          field('label', { type: 'text', max: 8 }, false),
        ],
      },
      { name: 'rocks', single: false, owner: null, audience: 'everyone', fields: [field('pos', position)] },
    ],
    input: { type: 'unit' }, sticky: [], command: { type: 'unit' }, event: { type: 'unit' },
  }),
);

const ship = { pos: { x: 10, y: 10 }, vel: { x: 3, y: 0 }, heading: 0, charge: 1, turn: { x: 0, y: 0, z: 0, w: 1 }, score: 0, label: 'a' };

/** @param {Record<string, [number, any][]>} rows by table @returns {Table[]} */
function tables(rows) {
  return schema.tables.map((layout) => {
    const table = new Table(layout.width);
    for (const [id, values] of rows[layout.name] ?? []) {
      const at = table.push(id);
      for (const { name, shape, offset } of layout.fields) writeValue(shape, values[name], table.cells, at + offset);
    }
    return table;
  });
}

/** @param {Interpolator} interpolator @param {number} tick @param {number} [index] */
function rowsAt(interpolator, tick, index = 1) {
  assert.ok(interpolator.seek(tick));
  return interpolator.table(index, null);
}

const near = (/** @type {number} */ a, /** @type {number} */ b, within = 0.02) => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);

test('fields marked lerp are blended, others keep the older value', () => {
  const interpolator = new Interpolator(schema);
  interpolator.push(100, tables({ ships: [[1, ship]] }));
  const half = Math.SQRT1_2;
  interpolator.push(101, tables({ ships: [[1, { ...ship, pos: { x: 10.25, y: 10 }, charge: 2, turn: { x: 0, y: 0, z: half, w: half }, score: 10, label: 'b' }]] }));
  interpolator.push(102, tables({ ships: [[1, { ...ship, pos: { x: 10.5, y: 10 }, charge: 2 }]] }));
  const row = rowsAt(interpolator, 100.5).get(1);
  near(row.pos.x, 10.125);
  near(row.charge, 1.5);
  near(row.score, 5);
  assert.equal(row.label, 'a');
  near(row.turn.z, Math.sin(Math.PI / 8));
  near(row.turn.w, Math.cos(Math.PI / 8));
  assert.equal(rowsAt(interpolator, 101).get(1), row, 'the same object, updated');
  assert.equal(row.label, 'b');
  near(row.pos.x, 10.25);
});

test('angles go the short way, also over 0', () => {
  const interpolator = new Interpolator(schema);
  interpolator.push(1, tables({ ships: [[1, { ...ship, heading: 6.2 }]] }));
  interpolator.push(2, tables({ ships: [[1, { ...ship, heading: 0.2 }]] }));
  interpolator.push(3, tables({ ships: [[1, { ...ship, heading: 6.2 }]] }));
  const middle = rowsAt(interpolator, 1.5).get(1).heading;
  assert.ok(middle > 6.25 || middle < 0.2, `${middle}`);
  const back = rowsAt(interpolator, 2.5).get(1).heading;
  assert.ok(back > 6.25 || back < 0.2, `${back}`);
});

test('rotations go the short way', () => {
  const interpolator = new Interpolator(schema);
  const a = { x: 0, y: 0, z: Math.sin(1.5), w: Math.cos(1.5) };
  const b = { x: 0, y: 0, z: -Math.sin(1.7), w: -Math.cos(1.7) }; // the same side, written with the other sign
  interpolator.push(1, tables({ ships: [[1, { ...ship, turn: a }]] }));
  interpolator.push(2, tables({ ships: [[1, { ...ship, turn: b }]] }));
  interpolator.push(3, tables({ ships: [[1, { ...ship, turn: b }]] }));
  const { turn } = rowsAt(interpolator, 1.5).get(1);
  near(Math.abs(turn.z), Math.sin(1.6));
});

test('a row appears with its first snapshot and goes with the first that lacks it', () => {
  const interpolator = new Interpolator(schema);
  interpolator.push(1, tables({ ships: [[1, ship]] }));
  interpolator.push(2, tables({ ships: [[1, ship], [2, ship]] }));
  interpolator.push(3, tables({ ships: [[2, ship]] }));
  interpolator.push(4, tables({ ships: [[2, ship]] }));
  assert.deepEqual([...rowsAt(interpolator, 1.9).keys()], [1]);
  assert.deepEqual([...rowsAt(interpolator, 2.1).keys()], [1, 2]);
  assert.deepEqual([...rowsAt(interpolator, 3).keys()], [2]);
});

test('a teleport is not blended: with a velocity, and without one', () => {
  const interpolator = new Interpolator(schema);
  for (let tick = 1; tick <= 3; tick += 1) {
    const x = tick < 3 ? 10 + tick * 0.1 : 40;
    interpolator.push(tick, tables({ ships: [[1, { ...ship, pos: { x, y: 10 } }]], rocks: [[1, { pos: { x, y: 10 } }]] }));
  }
  near(rowsAt(interpolator, 2.9).get(1).pos.x, 10.2);
  near(rowsAt(interpolator, 2.9, 2).get(1).pos.x, 10.2);
  near(rowsAt(interpolator, 3).get(1).pos.x, 40);
  near(rowsAt(interpolator, 1.5, 2).get(1).pos.x, 10.15);
});

test('a fast row is blended, not taken for a teleport', () => {
  const interpolator = new Interpolator(schema);
  for (let tick = 1; tick <= 4; tick += 1) {
    interpolator.push(tick, tables({ ships: [[1, { ...ship, vel: { x: 30, y: 0 }, pos: { x: 10 + tick, y: 10 } }]], rocks: [[1, { pos: { x: 10 + tick, y: 10 } }]] }));
  }
  near(rowsAt(interpolator, 2.5).get(1).pos.x, 12.5);
  near(rowsAt(interpolator, 2.5, 2).get(1).pos.x, 12.5);
});

test('past the newest snapshot rows go on for 200 ms, then they stop', () => {
  const interpolator = new Interpolator(schema);
  interpolator.push(1, tables({ ships: [[1, ship]], rocks: [[1, { pos: { x: 10, y: 10 } }]] }));
  interpolator.push(2, tables({ ships: [[1, { ...ship, pos: { x: 10.1, y: 10 } }]], rocks: [[1, { pos: { x: 10.1, y: 10 } }]] }));
  near(rowsAt(interpolator, 5).get(1).pos.x, 10.1 + 3 * 0.1);
  near(rowsAt(interpolator, 5, 2).get(1).pos.x, 10.1 + 3 * 0.1, 0.05);
  const stopped = 10.1 + 3 * 0.2;
  near(rowsAt(interpolator, 9).get(1).pos.x, stopped);
  near(rowsAt(interpolator, 99).get(1).pos.x, stopped);
});

test('extrapolation stays within the range of the field', () => {
  const interpolator = new Interpolator(schema);
  interpolator.push(1, tables({ ships: [[1, { ...ship, pos: { x: 63.9, y: 10 }, vel: { x: 30, y: 0 } }]] }));
  interpolator.push(2, tables({ ships: [[1, { ...ship, pos: { x: 63.95, y: 10 }, vel: { x: 30, y: 0 } }]] }));
  assert.ok(rowsAt(interpolator, 8).get(1).pos.x < 64);
});

test('what stood still before snapshots were left out does not creep', () => {
  const interpolator = new Interpolator(schema);
  const at = (/** @type {number} */ x) => tables({ ships: [[1, { ...ship, vel: { x: 0, y: 0 }, pos: { x, y: 10 } }]] });
  interpolator.push(1, at(10));
  interpolator.push(2, at(10)); // still: the server sends nothing until something moves
  interpolator.push(16, at(10.2));
  near(rowsAt(interpolator, 9).get(1).pos.x, 10, 0.001);
  near(rowsAt(interpolator, 15.5).get(1).pos.x, 10.1);
});

test('what moved when snapshots were lost is blended over the gap', () => {
  const interpolator = new Interpolator(schema);
  const at = (/** @type {number} */ x) => tables({ ships: [[1, { ...ship, pos: { x, y: 10 } }]] });
  interpolator.push(1, at(10));
  interpolator.push(2, at(10.1));
  interpolator.push(6, at(10.5));
  near(rowsAt(interpolator, 4).get(1).pos.x, 10.3);
});

test('the past is bounded, and an older tick starts it anew', () => {
  const interpolator = new Interpolator(schema);
  for (let tick = 1; tick < 500; tick += 1) interpolator.push(tick, tables({ ships: [[1, ship]] }));
  assert.ok(interpolator.history.frames.length <= 30);
  interpolator.push(7, tables({}));
  assert.equal(interpolator.history.frames.length, 1);
  assert.equal(rowsAt(interpolator, 3).size, 0);
  interpolator.clear();
  assert.equal(interpolator.seek(7), false);
});

test('private fields of own rows are shown, and those of others are not there', () => {
  const owned = parseSchema(
    JSON.stringify({
      ...schema.json,
      tables: [
        schema.json.tables[0],
        {
          name: 'ships', single: false, owner: 0, audience: 'everyone',
          fields: [field('player', { type: 'player' }, false), { ...field('ammo', { type: 'int', min: 0, max: 99 }, false), to: 'owner' }],
        },
      ],
    }),
  );
  const rows = new Table(1);
  rows.cells[rows.push(1)] = 5;
  rows.cells[rows.push(2)] = 6;
  const own = new Table(1);
  own.cells[own.push(2)] = 42;
  const interpolator = new Interpolator(owned);
  interpolator.push(1, [new Table(owned.tables[0].width), rows]);
  interpolator.seek(1);
  assert.deepEqual([...interpolator.table(1, own)], [[1, { player: 5 }], [2, { player: 6, ammo: 42 }]]);
});
