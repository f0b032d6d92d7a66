import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Predictor } from '../predictor.js';
import { Table } from '../table.js';
import { readValue, writeValue } from '../value.js';
import { SCHEMA, step } from './server.js';
import { Random } from './vectors.js';

const SHIPS = SCHEMA.tables[1];
const DT = Math.fround(1 / 30);

/** The server's row: quantised after every tick. */
class Truth {
  constructor() {
    this.row = { player: 1, pos: { x: 30, y: 20 }, vel: { x: 0, y: 0 }, heading: 0, hull: 100, ammo: 200 };
    this.public = new Table(SHIPS.width);
    this.own = new Table(SHIPS.privateWidth);
    this.write();
  }

  write() {
    this.public.count = this.own.count = 0;
    const at = this.public.push(7);
    const ownAt = this.own.push(7);
    for (const { name, shape, offset, owned } of SHIPS.fields) {
      const [cells, to] = owned ? [this.own.cells, ownAt] : [this.public.cells, at];
      writeValue(shape, /** @type {any} */ (this.row)[name], cells, to + offset);
      /** @type {any} */ (this.row)[name] = readValue(shape, cells, to + offset);
    }
  }

  /** @param {any} input */
  tick(input) {
    step(this.row, input, DT);
    this.write();
  }

  /** @returns {{tick: number, public: Table, own: Table}} a snapshot as of now */
  snapshot(/** @type {number} */ tick) {
    const copy = { tick, public: new Table(SHIPS.width), own: new Table(SHIPS.privateWidth) };
    copy.public.copyFrom(this.public);
    copy.own.copyFrom(this.own);
    return copy;
  }
}

const newPredictor = (/** @type {object} */ more = {}) =>
  new Predictor(SCHEMA, { table: 'ships', step, ...more }, { tables: {}, options: {}, player: 1 });

const inputAt = (/** @type {number} */ tick) => ({ move_x: [1, 1, 0, -1][Math.floor(tick / 7) % 4], fire: tick % 11 === 0 });

test('a prediction is bit for bit what the server computes, through the delay of the line', () => {
  const predictor = newPredictor();
  const truth = new Truth();
  const ahead = 6;
  predictor.confirm(100, truth.public, truth.own, 100);
  for (let tick = 101; tick <= 100 + ahead; tick += 1) predictor.input(tick, inputAt(tick));
  for (let tick = 101; tick < 500; tick += 1) {
    truth.tick(inputAt(tick));
    predictor.confirm(tick, truth.public, truth.own, tick + ahead);
    predictor.input(tick + ahead + 1, inputAt(tick + ahead + 1));
  }
  assert.equal(predictor.mispredictions, 0);
  const drawn = predictor.sample(499 + ahead + 2, 0).get(7);
  const row = truth.row;
  for (let tick = 500; tick <= 499 + ahead + 1; tick += 1) truth.tick(inputAt(tick));
  assert.deepEqual(drawn, row);
});

test('a push of the server is a misprediction, once; the prediction converges and the error fades', () => {
  const predictor = newPredictor({ smoothMs: 80 });
  const truth = new Truth();
  const ahead = 4;
  predictor.confirm(0, truth.public, truth.own, 0);
  for (let tick = 1; tick <= ahead; tick += 1) predictor.input(tick, { move_x: 1, fire: false });
  let before = 0;
  for (let tick = 1; tick < 60; tick += 1) {
    truth.tick({ move_x: 1, fire: false });
    if (tick === 30) {
      truth.row.pos.x += 0.5;
      truth.write();
      before = predictor.sample(tick + ahead, tick * 33).get(7).pos.x;
    }
    predictor.confirm(tick, truth.public, truth.own, tick + ahead);
    if (tick === 30) {
      const after = predictor.sample(tick + ahead, tick * 33).get(7).pos.x;
      assert.ok(Math.abs(after - before) < 0.01, `the drawn row jumped from ${before} to ${after}`);
      assert.ok(Math.abs(predictor.correction - 0.5) < 0.05);
    }
    predictor.input(tick + ahead + 1, { move_x: 1, fire: false });
  }
  assert.equal(predictor.mispredictions, 1);
  const shown = predictor.sample(59 + ahead + 2, 59 * 33 + 2000).get(7);
  for (let tick = 60; tick <= 59 + ahead + 1; tick += 1) truth.tick({ move_x: 1, fire: false });
  assert.ok(Math.abs(shown.pos.x - truth.row.pos.x) < 1e-6);
});

test('a respawn elsewhere is shown at once', () => {
  const predictor = newPredictor();
  const truth = new Truth();
  predictor.confirm(0, truth.public, truth.own, 0);
  predictor.input(1, { move_x: 0, fire: false });
  truth.tick({ move_x: 0, fire: false });
  truth.row.pos = { x: 5, y: 5 };
  truth.write();
  predictor.confirm(1, truth.public, truth.own, 1);
  assert.equal(predictor.sample(1, 0).get(7).pos.x, 5);
});

test('fields that the step does not write are the server\'s, and are no mispredictions', () => {
  const predictor = newPredictor();
  const truth = new Truth();
  predictor.confirm(0, truth.public, truth.own, 0);
  for (let tick = 1; tick < 40; tick += 1) {
    predictor.input(tick, { move_x: 1, fire: false });
    truth.tick({ move_x: 1, fire: false });
    truth.row.hull -= 1;
    truth.write();
    predictor.confirm(tick, truth.public, truth.own, tick);
  }
  assert.equal(predictor.mispredictions, 0);
  assert.equal(predictor.sample(39, 0).get(7).hull, truth.row.hull);
});

test('between two inputs the row is blended', () => {
  const predictor = newPredictor();
  const truth = new Truth();
  truth.row.vel.x = 8;
  truth.write();
  predictor.confirm(10, truth.public, truth.own, 10);
  predictor.input(11, { move_x: 1, fire: false });
  const xs = [11, 11.25, 11.5, 11.75, 12].map((at) => predictor.sample(at, 0).get(7).pos.x);
  assert.equal(xs[0], 30);
  for (let i = 1; i < 5; i += 1) assert.ok(Math.abs(xs[i] - xs[i - 1] - (xs[4] - xs[0]) / 4) < 1e-6);
  assert.equal(predictor.sample(13, 0).get(7).pos.x, xs[4], 'never beyond what was predicted');
});

test('ticks without an input of their own go on with the one before, as on the server', () => {
  const predictor = newPredictor();
  const truth = new Truth();
  predictor.confirm(10, truth.public, truth.own, 10);
  predictor.input(11, { move_x: 1, fire: false });
  predictor.input(14, { move_x: -1, fire: false }); // 12 and 13 were never sampled
  for (const move_x of [1, 1, 1, -1]) truth.tick({ move_x, fire: false });
  assert.deepEqual(predictor.sample(15, 0).get(7), truth.row);
});

test('rows come and go with their owner', () => {
  const predictor = newPredictor();
  const truth = new Truth();
  predictor.confirm(1, truth.public, truth.own, 1);
  assert.equal(predictor.sample(1, 0).size, 1);
  truth.own.count = 0;
  predictor.confirm(2, truth.public, truth.own, 2);
  assert.equal(predictor.sample(2, 0).size, 0);
});

test('numbers out of all proportion neither hang nor break it', () => {
  const random = new Random(1);
  const predictor = newPredictor();
  const truth = new Truth();
  const started = performance.now();
  for (let round = 0; round < 300; round += 1) {
    const number = [0, 5, 4e9, random.bits()][random.below(4)];
    if (random.below(2) === 0) predictor.confirm(number, truth.public, truth.own, random.bits());
    else predictor.input(number, { move_x: 1, fire: false });
    predictor.sample(random.bits(), round);
  }
  assert.ok(performance.now() - started < 5000);
});

test('a table that cannot be predicted is named', () => {
  assert.throws(() => new Predictor(SCHEMA, { table: 'boats', step }, { tables: {}, options: {}, player: 1 }), /boats/);
  assert.throws(() => new Predictor(SCHEMA, { table: 'players', step }, { tables: {}, options: {}, player: 1 }), /no owner/);
});
