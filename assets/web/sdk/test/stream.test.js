import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError, DesyncError } from '../errors.js';
import { parseSchema } from '../schema.js';
import { SnapshotDecoder } from '../snapshot.js';
import { StreamDecoder } from '../stream.js';
import { StreamLayout } from '../stream/layout.js';
import { readValue } from '../value.js';
import { fromHex, vectors } from './vectors.js';

const codec = vectors('codec');
const schemas = codec.schemas.map((/** @type {any} */ { json }) => parseSchema(json));

/** @param {readonly import('../table.js').Table[]} tables */
function plainTables(tables) {
  return tables.map(({ count, ids, cells, width }) => ({
    ids: [...ids.subarray(0, count)],
    rows: Array.from({ length: count }, (_, row) => [...cells.subarray(row * width, (row + 1) * width)]),
  }));
}

codec.streams.forEach((/** @type {any} */ { schema, part, steps }, /** @type {number} */ index) => {
  test(`stream ${index} (schema ${schema}${part ? ', part of the rows' : ''})`, () => {
    const decoder = new StreamDecoder(new StreamLayout(schemas[schema]));
    const joiner = new StreamDecoder(new StreamLayout(schemas[schema]));
    let joined = false;
    for (const { tick, kind, base, hex, hash, tables } of steps) {
      if (kind === 'keyframe') {
        decoder.keyframe(tick, fromHex(hex));
        joiner.keyframe(tick, fromHex(hex));
        joined = true;
      } else if (kind === 'delta') {
        decoder.delta(base, tick, fromHex(hex));
        joiner.delta(base, tick, fromHex(hex));
      }
      if (kind === 'unchanged') continue; // nothing is sent
      assert.equal(decoder.tick, tick);
      assert.deepEqual(plainTables(decoder.tables), tables);
      assert.equal(decoder.hash(), hash);
      assert.equal(joiner.hash(), hash);
    }
    assert.ok(joined);
  });
});

codec.snapshots.forEach((/** @type {any} */ { schema: which, player, messages }, /** @type {number} */ index) => {
  test(`snapshots ${index}`, () => {
    const schema = schemas[which];
    const decoder = new SnapshotDecoder(schema, player);
    for (const message of messages) {
      const bytes = fromHex(message.hex);
      assert.equal(bytes[0], 0x82);
      const snapshot = decoder.apply(bytes.subarray(1));
      assert.equal(snapshot.tick, message.tick);
      assert.equal(decoder.tick, message.tick);
      assert.equal(snapshot.ackedLow, message.acked_input);
      assert.equal(snapshot.margin, message.input_margin === -128 ? null : message.input_margin / 8);
      assert.equal(snapshot.reliableReceived, message.reliable_received);
      assert.deepEqual(snapshot.counters && [snapshot.counters.late, snapshot.counters.starved], message.counters);
      assert.equal(snapshot.keyframe, message.keyframe);
      const events = message.events.map(([tick, columns]) => ({ tick, event: readValue(schema.event, Uint32Array.from(columns), 0) }));
      assert.deepEqual(snapshot.events, events);
      assert.deepEqual(plainTables(decoder.tables), message.tables);
      for (const { index: t, privateWidth } of schema.tables) {
        if (privateWidth > 0) assert.deepEqual(plainTables([decoder.privates.tables[t]])[0], message.private[t]);
      }
    }
  });
});

test('the schemas of the vectors compile, broken ones are refused with their place', () => {
  const json = JSON.parse(codec.schemas[0].json);
  const broken = (/** @type {(schema: any) => void} */ change) => {
    const copy = structuredClone(json);
    change(copy);
    return () => parseSchema(JSON.stringify(copy));
  };
  assert.throws(() => parseSchema('{'), DecodeError);
  assert.throws(() => parseSchema('[]'), DecodeError);
  assert.throws(broken((s) => (s.protocol = 2)), /protocol 2/);
  assert.throws(broken((s) => (s.tables[0].fields[0].shape.type = 'blob')), /players\.name.*"blob"/);
  assert.throws(broken((s) => (s.tables[1].owner = 99)), /owner/);
  assert.throws(broken((s) => (s.tables[0].fields[0].shape = { type: 'list', max: 9, of: { type: 'unit' } })), /without columns/);
  assert.throws(broken((s) => (s.tables[0].fields[0].shape = { type: 'array', len: 1000, of: { type: 'wide' } })), /columns/);
  const ships = schemas[0].tables[1].fields;
  assert.deepEqual([ships[1].velocity, ships[1].usual, ships[2].keepsLength, ships[3].follows], [ships[2], 2, true, ships[2]]);
  assert.throws(broken((s) => (s.tables[1].fields[1].velocity = 0)), /ships\.pos\.velocity/);
  assert.throws(broken((s) => (s.tables[1].fields[3].follows = 0)), /ships\.heading\.follows/);
  assert.throws(broken((s) => (s.tables[1].fields[2].to = 'owner')), /ships\.pos\.velocity/);
  assert.throws(broken((s) => (s.tables[1].fields[3].usual = 1e9)), /ships\.heading\.usual/);
  let deep = { type: 'bool' };
  for (let i = 0; i < 40; i += 1) deep = /** @type {any} */ ({ type: 'option', of: deep });
  assert.throws(broken((s) => (s.input = deep)), /deep/);
});

test('a delta from another base is a desync, and the stream is unusable until a keyframe', () => {
  const { schema, steps } = codec.streams[0];
  const decoder = new StreamDecoder(new StreamLayout(schemas[schema]));
  const [first, second] = steps;
  assert.throws(() => decoder.delta(first.tick, second.tick, fromHex(second.hex)), DesyncError);
  decoder.keyframe(first.tick, fromHex(first.hex));
  assert.throws(() => decoder.delta(first.tick + 1, second.tick, fromHex(second.hex)), DesyncError);
  assert.throws(() => decoder.delta(first.tick, second.tick, fromHex(second.hex)), DesyncError);
  decoder.keyframe(first.tick, fromHex(first.hex));
  decoder.delta(first.tick, second.tick, fromHex(second.hex));
  assert.equal(decoder.hash(), second.hash);
});

test('a wrong hash is a desync', () => {
  const { schema, player, messages } = codec.snapshots.find((/** @type {any} */ s) => (parseInt(s.messages[0].hex.slice(2, 4), 16) & 8) !== 0);
  const bytes = fromHex(messages[0].hex);
  const counters = (bytes[1] & 4) !== 0;
  assert.equal(counters, false);
  const at = 1 + 1 + 4 + 2 + 1 + 1; // kind, flags, tick, acknowledged input, margin, count of the hashes
  bytes[at] ^= 1;
  assert.throws(() => new SnapshotDecoder(schemas[schema], player).apply(bytes.subarray(1)), DesyncError);
});
