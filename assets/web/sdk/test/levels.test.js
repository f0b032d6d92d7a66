// Streams at every level, as the server encodes them: the same state, the same record behind it, and the same
// verdict about damaged chunks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError, DesyncError } from '../errors.js';
import { parseSchema } from '../schema.js';
import { StreamDecoder } from '../stream.js';
import { StreamLayout } from '../stream/layout.js';
import { loadShippedPrior } from '../stream/shipped.js';
import { Random, fromHex, vectors } from './vectors.js';

await loadShippedPrior();
const file = vectors('streams');
const schemas = file.schemas.map((/** @type {string} */ json) => parseSchema(json));

/** Everything that the next delta may read. @param {StreamDecoder} decoder */
function recordOf(decoder) {
  return decoder.tables.map(({ count, width, ids, cells, last, history }) => ({
    ids: [...ids.subarray(0, count)],
    cells: [...cells.subarray(0, count * width)],
    last: [...last.subarray(0, count * width)],
    history: [...history.subarray(0, count * 2)],
  }));
}

file.streams.forEach((/** @type {any} */ { schema, level, prior, steps, damaged }, /** @type {number} */ number) => {
  const layout = new StreamLayout(schemas[schema], level, prior ? fromHex(file.prior) : null);

  test(`stream ${number} (schema ${schema}, ${level}${prior ? ', of a prior' : ''}) arrives, whichever way`, () => {
    const follower = new StreamDecoder(layout);
    /** @type {{decoder: StreamDecoder, waits: boolean}[]} who waits skips deltas until a catch-up comes */
    const joiners = [];
    let ways = 0;
    for (const { tick, base, delta, hash, keyframe, from, catch_up: catchUp } of steps) {
      if (hash === undefined) continue; // nothing changed, nothing was sent
      if (delta !== undefined) follower.delta(base, tick, fromHex(delta));
      for (const joiner of joiners) {
        if (!joiner.waits && delta !== undefined) joiner.decoder.delta(base, tick, fromHex(delta));
        if (!joiner.waits || joiner.decoder.tick !== from) continue;
        joiner.decoder.catchUp(from, tick, fromHex(catchUp));
        joiner.waits = false;
        ways += 1;
      }
      if (keyframe !== undefined) {
        const decoder = follower.tick === null ? follower : new StreamDecoder(layout);
        decoder.keyframe(tick, fromHex(keyframe));
        if (decoder !== follower) joiners.push({ decoder, waits: true });
        ways += 1;
      }
      for (const decoder of [follower, ...joiners.map((joiner) => joiner.decoder)]) {
        if (decoder.tick !== tick) continue;
        assert.equal(decoder.hash(), hash);
        assert.deepEqual(recordOf(decoder), recordOf(follower));
      }
      assert.equal(follower.tick, tick);
    }
    assert.ok(ways > 1);
  });

  test(`stream ${number} (schema ${schema}, ${level}${prior ? ', of a prior' : ''}): damaged chunks are refused, or mean the same as to the server`, () => {
    for (const { step, kind, cut, flips, hash } of damaged) {
      const { tick, base, from } = steps[step];
      const bytes = fromHex(steps[step][kind]).slice(0, cut);
      for (const bit of flips) bytes[bit >> 3] ^= 1 << (bit & 7);
      const decoder = new StreamDecoder(layout);
      const until = kind === 'delta' ? base : from;
      for (const past of kind === 'keyframe' ? [] : steps.slice(0, step)) {
        if (past.tick > until) break;
        if (past.delta !== undefined) decoder.delta(past.base, past.tick, fromHex(past.delta));
        else if (past.keyframe !== undefined) decoder.keyframe(past.tick, fromHex(past.keyframe));
      }
      const read = () => {
        if (kind === 'delta') decoder.delta(base, tick, bytes);
        else if (kind === 'catch_up') decoder.catchUp(from, tick, bytes);
        else decoder.keyframe(tick, bytes);
      };
      const what = JSON.stringify({ step, kind, cut, flips });
      if (hash === null) assert.throws(read, DecodeError, what);
      else assert.doesNotThrow(read, what);
      assert.equal(decoder.tick, hash === null ? null : tick);
      if (hash !== null) assert.equal(decoder.hash(), hash, what);
    }
  });
});

test('random deltas are refused with DecodeError, or lead somewhere, quickly', () => {
  const random = new Random(4);
  const started = performance.now();
  let refused = 0;
  for (const { schema, level, steps } of file.streams) {
    const decoder = new StreamDecoder(new StreamLayout(schemas[schema], level));
    const first = fromHex(steps[0].keyframe);
    for (let round = 0; round < 200; round += 1) {
      decoder.keyframe(1, first);
      const bytes = random.bytes(1 + random.below(120));
      if (round % 4 === 0) bytes.fill(random.below(2) * 255);
      const way = round % 2 === 0 ? () => decoder.delta(1, 2, bytes) : () => decoder.catchUp(1, 2, bytes);
      try {
        way();
      } catch (error) {
        assert.ok(error instanceof DecodeError, `${level}: ${error}`);
        assert.equal(decoder.tick, null);
        refused += 1;
      }
    }
  }
  assert.ok(refused > 3000, `${refused} refused`);
  assert.ok(performance.now() - started < 30_000);
});

test('a delta that leads nowhere in time is a desync', () => {
  const { schema, steps } = file.streams[0];
  const decoder = new StreamDecoder(new StreamLayout(schemas[schema]));
  decoder.keyframe(5, fromHex(steps[0].keyframe));
  assert.throws(() => decoder.delta(5, 5, Uint8Array.of(0)), DesyncError);
});
