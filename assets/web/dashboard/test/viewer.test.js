import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../field-text.js';
import { WorldView, drawnTables } from '../world-view.js';

const vector = { type: 'vector', n: 2, min: 0, step: 0.1, max_raw: 1000 };
const field = (/** @type {string} */ name, /** @type {object} */ shape, /** @type {object} */ more = {}) => ({ name, shape, lerp: false, velocity: null, ...more });
const schema = {
  tables: [
    { name: 'players', single: false, owner: null, fields: [field('name', { type: 'text', max: 24 })] },
    { name: 'ships', single: false, owner: 0, fields: [field('player', { type: 'player' }), field('vel', vector), field('pos', vector, { lerp: true, velocity: 1 }), field('aim', { type: 'angle', bits: 8 })] },
    { name: 'shots', single: false, owner: null, fields: [field('by', { type: 'player' }), field('at', vector)] },
  ],
};

test('finds what of a table can be drawn: its position, not its velocity', () => {
  const [ships, shots] = drawnTables(schema);
  assert.deepEqual([ships.name, ships.position, ships.velocity, ships.angle, ships.owner], ['ships', 'pos', 'vel', 'aim', 'player']);
  assert.deepEqual([shots.name, shots.position, shots.velocity, shots.angle, shots.owner], ['shots', 'at', null, null, 'by']);
  assert.notEqual(ships.colour, shots.colour);
});

test('the mouse points from the player, with y up or down', () => {
  const canvas = { clientWidth: 200, clientHeight: 100, getContext: () => null };
  const world = new WorldView(/** @type {any} */ (canvas), schema);
  Object.assign(world, { frame: { x: 0, y: 0, width: 20, height: 10 }, scale: 10, me: { x: 15, y: 5 } });
  assert.deepEqual(world.toScreen({ x: 15, y: 6 }), [150, 60]);
  assert.deepEqual(world.toward({ x: 160, y: 70 }), { x: 1, y: 2 });
  world.yUp = true;
  assert.deepEqual(world.toScreen({ x: 15, y: 6 }), [150, 40]);
  assert.deepEqual(world.toward({ x: 160, y: 70 }), { x: 1, y: -2 });
});

test('values as texts', () => {
  assert.equal(textOf({ x: 1, y: 2.345 }), '1.00, 2.35');
  assert.equal(textOf({ type: 'Potion', kind: 'Red', n: 2 }), 'Potion · kind Red, n 2');
  assert.equal(textOf([true, null, 'a', 2n ** 63n]), '[yes, –, a, 9223372036854775808]');
});
