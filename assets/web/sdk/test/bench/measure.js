// What it takes to decode a stream of many moving entities; runs under node and in a browser.

import { parseSchema } from '../../schema.js';
import { StreamDecoder } from '../../stream.js';
import { StreamLayout } from '../../stream/layout.js';
import { loadShippedPrior } from '../../stream/shipped.js';

/** Snapshots per second that a client decodes. */
const SNAPSHOTS_HZ = 30;
/** Times that the stream is decoded before and while time is taken: engines compile what runs often. */
const WARM_UP = 3;
const PASSES = 8;

/** @param {string} text @returns {Uint8Array} */
function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Of the processor alone, where that is known: node on a machine that does other things too. @returns {number} milliseconds */
function nowMs() {
  const usage = /** @type {any} */ (globalThis).process?.cpuUsage();
  return usage === undefined ? performance.now() : (usage.user + usage.system) / 1000;
}

/**
 * @param {any} load what `js-load` wrote
 * @param {import('../../messages.js').Level} level
 * @returns {Promise<object>} the figures
 */
export async function measure(load, level) {
  if (level !== 'packed') await loadShippedPrior();
  const { keyframe: first, deltas: rest, hash } = load.levels[level];
  const keyframe = fromHex(first);
  const deltas = rest.map((/** @type {[number, number, string]} */ [base, tick, hex]) => ({ base, tick, bytes: fromHex(hex) }));
  const decoder = new StreamDecoder(new StreamLayout(parseSchema(load.schema), level));
  const pass = () => {
    decoder.keyframe(1, keyframe);
    const start = nowMs();
    for (const { base, tick, bytes } of deltas) decoder.delta(base, tick, bytes);
    const took = nowMs() - start;
    if (decoder.hash() !== hash) throw new Error(`${level}: the last state is another than the server's`);
    return (took * 1000) / deltas.length;
  };
  for (let i = 0; i < WARM_UP; i += 1) pass();
  const micros = Array.from({ length: PASSES }, pass).sort((a, b) => a - b);
  const mean = micros.reduce((sum, us) => sum + us, 0) / PASSES;
  return {
    scene: load.scene,
    entities: Math.round(load.entities_mean),
    level,
    snapshots: deltas.length * PASSES,
    bytes_per_snapshot: Math.round(deltas.reduce((/** @type {number} */ sum, /** @type {any} */ { bytes }) => sum + bytes.length, 0) / deltas.length),
    us_per_snapshot: Number(mean.toFixed(1)),
    us_per_snapshot_best_pass: Number(micros[0].toFixed(1)),
    percent_of_a_core_at_30_per_s: Number(((mean * SNAPSHOTS_HZ) / 10_000).toFixed(2)),
  };
}
