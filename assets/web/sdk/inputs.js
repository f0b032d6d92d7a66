// Inputs messages (PROTOCOL section 6).

import { BitWriter } from './bits.js';
import { MAX_INPUTS } from './limits.js';
import { Kind } from './messages.js';
import { writePlain } from './plain.js';

/**
 * @typedef {object} Inputs
 * @property {number} reliableReceived highest server reliable number delivered
 * @property {number} drawn the tick now drawn, in ticks; 0: nothing drawn yet
 * @property {number} first number of the first input
 * @property {readonly Uint32Array[]} inputs columns of each, for first, first + 1, …; at most 15
 */

/**
 * @param {import('./shape.js').Shape} shape of the schema's input
 * @param {Inputs} message
 * @returns {Uint8Array} the whole message
 */
export function encodeInputs(shape, { reliableReceived, drawn, first, inputs }) {
  if (inputs.length > MAX_INPUTS) throw new RangeError(`${inputs.length} inputs do not fit in one message`);
  const writer = new BitWriter();
  writer.bits(Kind.INPUTS, 8);
  writer.bits(reliableReceived, 32);
  writer.bits(sixteenths(drawn), 32);
  writer.bits(first, 32);
  writer.bits(inputs.length, 4);
  inputs.forEach((cells, i) => {
    const same = i > 0 && cells.every((cell, column) => cell === inputs[i - 1][column]);
    writer.bits(same ? 1 : 0, 1);
    if (!same) writePlain(shape, cells, 0, writer);
  });
  return writer.finish();
}

/**
 * @param {number} drawn ticks
 * @returns {number} sixteenths of a tick, modulo 2^32
 */
function sixteenths(drawn) {
  const units = Math.round(drawn * 16);
  return units - Math.floor(units / 2 ** 32) * 2 ** 32;
}
