import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError, DesyncError } from '../errors.js';
import { parseSchema } from '../schema.js';
import { SnapshotDecoder } from '../snapshot.js';
import { StreamDecoder } from '../stream.js';
import { StreamLayout } from '../stream/layout.js';
import { StreamEncoder, snapshotMessage } from './encoder.js';
import { Random, fromHex, vectors } from './vectors.js';

const schemas = vectors('codec').schemas.map((/** @type {any} */ { json }) => parseSchema(json));

/** Valid random cells of a shape. @param {import('../shape.js').Shape} shape @param {Random} random @param {Uint32Array} cells @param {number} at */
function randomCells(shape, random, cells, at) {
  switch (shape.type) {
    case 'unit':
      return;
    case 'wide':
      cells[at] = random.bits();
      cells[at + 1] = random.bits();
      return;
    case 'quat':
      cells[at] = random.below(4);
      for (let i = 1; i < 4; i += 1) cells[at + i] = random.bits() & shape.max;
      return;
    case 'enum':
      cells.fill(0, at, at + shape.columns);
      cells[at] = random.below(shape.variants.length);
      for (const field of shape.variants[cells[at]].fields) randomCells(field.shape, random, cells, at + field.offset);
      return;
    case 'struct':
      for (const field of shape.fields) randomCells(field.shape, random, cells, at + field.offset);
      return;
    case 'option':
      cells.fill(0, at, at + shape.columns);
      cells[at] = random.below(2);
      if (cells[at]) randomCells(shape.of, random, cells, at + 1);
      return;
    case 'array':
      for (let i = 0; i < shape.len; i += 1) randomCells(shape.of, random, cells, at + i * shape.of.columns);
      return;
    case 'list':
      cells.fill(0, at, at + shape.columns);
      cells[at] = random.below(shape.max + 1);
      for (let i = 0; i < cells[at]; i += 1) randomCells(shape.of, random, cells, at + 1 + i * shape.of.columns);
      return;
    case 'text':
      cells.fill(0, at, at + shape.columns);
      cells[at] = random.below(shape.max + 1);
      for (let i = 0; i < cells[at]; i += 1) cells[at + 1 + (i >> 2)] |= (97 + random.below(26)) << ((i & 3) * 8);
      return;
    default:
      for (let i = 0; i < shape.columns; i += 1) cells[at + i] = shape.max === 0xffffffff ? random.bits() : random.bits() % (shape.max + 1);
  }
}

/** The next state: some rows leave, some enter, some change in some fields. @param {any} schema @param {any} state @param {Random} random */
function evolve(schema, state, random) {
  return state.map((/** @type {Map<number, Uint32Array>} */ rows, /** @type {number} */ t) => {
    const layout = schema.tables[t];
    const next = new Map();
    for (const [id, cells] of rows) {
      if (!layout.single && random.below(8) === 0) continue;
      const copy = cells.slice();
      for (const { shape, offset } of layout.publicFields) if (random.below(3) === 0) randomCells(shape, random, copy, offset);
      next.set(id, copy);
    }
    for (let n = layout.single && next.size === 0 ? 1 : layout.single ? 0 : random.below(6); n > 0; n -= 1) {
      const cells = new Uint32Array(layout.width);
      for (const { shape, offset } of layout.publicFields) randomCells(shape, random, cells, offset);
      next.set(layout.single ? 1 : 1 + random.below(500), cells);
    }
    return new Map([...next].sort(([a], [b]) => a - b));
  });
}

test('random states arrive as they were, whether followed from the start or joined', () => {
  schemas.forEach((/** @type {any} */ schema, /** @type {number} */ s) => {
    const random = new Random(11 + s);
    const encoder = new StreamEncoder(schema);
    let state = evolve(schema, encoder.now, random);
    encoder.advance(1, state);
    const follower = new StreamDecoder(new StreamLayout(schema));
    follower.keyframe(1, encoder.keyframe());
    for (let tick = 2; tick < 120; tick += 1) {
      const joiner = new StreamDecoder(new StreamLayout(schema));
      joiner.keyframe(tick - 1, encoder.keyframe());
      state = evolve(schema, state, random);
      const delta = encoder.advance(tick, state);
      for (const decoder of [follower, joiner]) {
        decoder.delta(tick - 1, tick, delta);
        assert.equal(decoder.hash(), encoder.hash());
        state.forEach((/** @type {Map<number, Uint32Array>} */ rows, /** @type {number} */ t) => {
          const table = decoder.tables[t];
          assert.deepEqual([...table.ids.subarray(0, table.count)], [...rows.keys()]);
          assert.deepEqual([...table.cells.subarray(0, table.count * table.width)], [...rows.values()].flatMap((cells) => [...cells]));
        });
      }
      assert.deepEqual(follower.tables.map((t) => [...t.last.subarray(0, t.count * t.width)]), joiner.tables.map((t) => [...t.last.subarray(0, t.count * t.width)]));
    }
  });
});

test('rows of several streams are shown together, those of a higher stream first, and go with their stream', () => {
  const schema = schemas[0];
  const random = new Random(5);
  const empty = () => schema.tables.map(() => new Map());
  const row = () => {
    const cells = new Uint32Array(schema.tables[1].width);
    for (const { shape, offset } of schema.tables[1].publicFields) randomCells(shape, random, cells, offset);
    return cells;
  };
  const a = new StreamEncoder(schema);
  const b = new StreamEncoder(schema);
  const [one, two, shared, four] = [row(), row(), row(), row()];
  const low = empty();
  low[1] = new Map([[1, one], [3, row()]]);
  low[2] = new Map([[1, new Uint32Array(schema.tables[2].width)]]);
  const high = empty();
  high[1] = new Map([[2, two], [3, shared], [4, four]]);
  a.advance(10, low);
  b.advance(10, high);
  const decoder = new SnapshotDecoder(schema, 1);
  const keyframes = [{ kind: 1, stream: 900, bytes: b.keyframe() }, { kind: 1, stream: 0, bytes: a.keyframe() }];
  decoder.apply(snapshotMessage({ tick: 10, whole: true, chunks: keyframes }).subarray(1));
  const shown = () => [...decoder.tables[1].ids.subarray(0, decoder.tables[1].count)];
  assert.deepEqual(shown(), [1, 2, 3, 4]);
  const width = schema.tables[1].width;
  assert.deepEqual([...decoder.tables[1].cells.subarray(0, 4 * width)], [one, two, shared, four].flatMap((cells) => [...cells]));
  assert.equal(decoder.tables[2].count, 1);
  decoder.apply(snapshotMessage({ tick: 11, chunks: [{ kind: 3, stream: 900 }] }).subarray(1));
  assert.deepEqual(shown(), [1, 3]);
  assert.throws(() => decoder.apply(snapshotMessage({ tick: 12, chunks: [{ kind: 0, stream: 900 }] }).subarray(1)), DesyncError);
  assert.throws(() => decoder.apply(snapshotMessage({ tick: 12, chunks: [{ kind: 0, stream: 0, base: 1, from: 2 }] }).subarray(1)), DesyncError);
  decoder.startOver();
  assert.deepEqual(shown(), [1, 3], 'a new connection still shows the old rows until its first snapshot');
  assert.throws(() => decoder.apply(snapshotMessage({ tick: 13, chunks: [...keyframes, ...keyframes] }).subarray(1)), /two state chunks/);
});

test('deltas find their streams by order: each goes on, stays, or is restated by a chunk', () => {
  const schema = schemas[0];
  const random = new Random(21);
  const numbers = [0, 5, 9, 700];
  const encoders = numbers.map(() => new StreamEncoder(schema));
  let states = encoders.map(({ now }) => evolve(schema, now, random));
  encoders.forEach((encoder, i) => encoder.advance(10, states[i]));
  const decoder = new SnapshotDecoder(schema, 1);
  const keyframes = numbers.map((stream, i) => ({ kind: 1, stream, bytes: encoders[i].keyframe() }));
  decoder.apply(snapshotMessage({ tick: 10, whole: true, chunks: keyframes.reverse() }).subarray(1));
  for (let tick = 11; tick < 60; tick += 1) {
    const ways = numbers.map(() => random.below(4));
    /** @type {any[]} */
    const chunks = [];
    /** @type {(Uint8Array | null)[]} */
    const deltas = [];
    encoders.forEach((encoder, i) => {
      const stream = numbers[i];
      const past = encoder.tick;
      if (ways[i] === 0) return deltas.push(null);
      states[i] = evolve(schema, encoder.now, random);
      const delta = encoder.advance(tick, states[i]);
      if (ways[i] === 1) chunks.push({ kind: 0, stream, from: tick - past, bytes: encoder.catchUp() });
      else if (ways[i] === 2) chunks.push({ kind: 1, stream, bytes: encoder.keyframe() });
      else deltas.push(delta);
    });
    const any = deltas.some((delta) => delta !== null);
    decoder.apply(snapshotMessage({ tick, chunks, deltas: any ? deltas : [] }).subarray(1));
    encoders.forEach((encoder, i) => assert.equal(decoder.streams.get(numbers[i])?.hash(), encoder.hash(), `stream ${numbers[i]}, tick ${tick}`));
  }
  const apply = (/** @type {any} */ parts) => () => decoder.apply(snapshotMessage({ tick: 60, ...parts }).subarray(1));
  assert.throws(apply({ deltas: [null, null, null, null] }), /no deltas/);
  decoder.startOver();
  assert.throws(apply({ deltas: [new Uint8Array([1])] }), /no deltas/);
});

/** Runs `decode`; anything but DecodeError fails. @param {() => void} decode @returns {boolean} whether it was refused */
function refuses(decode) {
  try {
    decode();
    return false;
  } catch (error) {
    if (error instanceof DecodeError) return true;
    throw error;
  }
}

test('random and damaged bytes are refused with DecodeError, quickly, and a keyframe heals', () => {
  const codec = vectors('codec');
  const random = new Random(99);
  const started = performance.now();
  let refused = 0;
  for (let round = 0; round < 4000; round += 1) {
    const { schema: s, messages, player } = codec.snapshots[round % codec.snapshots.length];
    const decoder = new SnapshotDecoder(schemas[s], player);
    const first = fromHex(messages[0].hex).subarray(1);
    if (round % 5 !== 0) decoder.apply(first);
    const bytes = round % 2 === 0 ? random.bytes(random.below(200)) : fromHex(messages[random.below(messages.length)].hex).subarray(1);
    if (round % 2 === 1) for (let i = random.below(4); i >= 0; i -= 1) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    if (refuses(() => decoder.apply(bytes.subarray(0, round % 3 === 0 ? random.below(bytes.length + 1) : bytes.length)))) refused += 1;
    decoder.startOver();
    decoder.apply(first);
  }
  assert.ok(refused > 2000, `${refused} refused`);
  assert.ok(performance.now() - started < 20_000);
});

test('hostile counts neither hang nor fill the memory', () => {
  const schema = schemas[0];
  const decoder = new StreamDecoder(new StreamLayout(schema));
  const huge = new Uint8Array(64).fill(0);
  huge[3] = 0x80; // a gamma code of 31 zeros: two thousand million rows
  assert.ok(refuses(() => decoder.keyframe(1, huge)));
  const zeros = new Uint8Array(1 << 20);
  assert.ok(refuses(() => decoder.keyframe(1, zeros)));
  const ones = new Uint8Array(1 << 20).fill(255);
  assert.ok(refuses(() => decoder.keyframe(1, ones)));
});

test('random schemas are refused or compile, never anything else', () => {
  const random = new Random(3);
  const json = vectors('codec').schemas[1].json;
  for (let round = 0; round < 3000; round += 1) {
    const bytes = new TextEncoder().encode(json);
    for (let i = random.below(6); i >= 0; i -= 1) bytes[random.below(bytes.length)] = 32 + random.below(95);
    refuses(() => parseSchema(new TextDecoder().decode(bytes)));
  }
});
