// Keyframes and catch-ups: everything that later deltas may read, from nothing or from the columns of an earlier
// state. The same bits at every level.

import { DecodeError } from '../errors.js';
import { readPlain } from '../plain.js';
import { Coding } from '../schema.js';
import { HISTORY_WORDS } from './history.js';
import { readId, readIndex, readMembers, readRow } from './members.js';
import { applied, unzigzag } from './residual.js';

/** @typedef {import('../bits.js').BitReader} BitReader */
/** @typedef {import('./record.js').Budget} Budget */
/** @typedef {import('./record.js').StreamTable} StreamTable */

/** The id of the row of a `single` table. */
const SINGLE_ID = 1;
/** Rice parameter of the gaps between rows that differ. */
const CHANGED_GAP = 1;

/**
 * @param {StreamTable} table overwritten
 * @param {BitReader} bits
 * @param {Budget} budget
 */
export function readKeyframe(table, bits, budget) {
  const { layout } = table;
  table.count = 0;
  const rows = layout.single ? bits.bit() : bits.gamma(); // streams other than 0 may lack the row of a single
  for (let row = 0, id = 0; row < rows; row += 1) {
    id = layout.single ? SINGLE_ID : readId(id, bits);
    budget.takeRow(row, table.width);
    readRow(layout, bits, table, id);
    readPast(table, row, bits);
  }
}

/**
 * @param {StreamTable} table whose rows are the base; moved on
 * @param {BitReader} bits
 * @param {Budget} budget
 */
export function readCatchUp(table, bits, budget) {
  if (bits.bit() === 1) {
    if (table.layout.single) throw new DecodeError(`rows of ${table.layout.name}, which has one, come and go`);
    readMembers(table, bits, budget);
  } else {
    budget.takeCells(table.count * table.width);
    table.stay();
  }
  table.codec.residuals.start();
  table.adopt();
  const rows = table.count;
  const news = bits.gamma();
  let next = 0;
  for (let i = 0; i < news; i += 1) {
    const index = readIndex(next, CHANGED_GAP, rows, bits);
    table.rest(next, index);
    if (table.oldOf(index) >= 0) readChanges(table, index * table.width, bits);
    readPast(table, index, bits);
    next = index + 1;
  }
  table.rest(next, rows);
}

/**
 * Reads what is held of a row beside its columns now: those of the snapshot before, and its history.
 * @param {StreamTable} table
 * @param {number} row
 * @param {BitReader} bits
 */
function readPast(table, row, bits) {
  const { historyBits } = table.codec.motion;
  table.rest(row, row + 1);
  if (bits.bit() === 1) {
    const at = row * table.width;
    for (const { shape, offset } of table.layout.publicFields) {
      if (bits.bit() === 1) readPlain(shape, bits, table.last, at + offset);
    }
  }
  if (historyBits[0] + historyBits[1] === 0 || bits.bit() === 0) return;
  for (let word = 0; word < HISTORY_WORDS; word += 1) {
    table.history[row * HISTORY_WORDS + word] = bits.bits(historyBits[word]);
  }
}

/**
 * Reads which fields of a row differ, then how.
 * @param {StreamTable} table
 * @param {number} at first cell of the row, which is as at the base
 * @param {BitReader} bits
 */
function readChanges({ cells, codec, layout }, at, bits) {
  const { publicFields } = layout;
  const { differs } = codec;
  for (let f = 0; f < publicFields.length; f += 1) differs[f] = bits.bit();
  for (let f = 0; f < publicFields.length; f += 1) {
    if (differs[f] === 1) readChange(publicFields[f], f, cells, at, bits, codec.residuals);
  }
}

/**
 * @param {import('../schema.js').Field} field
 * @param {number} f its index
 * @param {Uint32Array} cells
 * @param {number} at first cell of the row
 * @param {BitReader} bits
 * @param {import('./adaptive.js').Adaptive} residuals
 */
function readChange({ coding, shape, offset }, f, cells, at, bits, residuals) {
  if (coding === Coding.WHOLE) return readPlain(shape, bits, cells, at + offset);
  if (coding === Coding.FLIP) {
    cells[at + offset] ^= 1;
    return undefined;
  }
  const { max } = /** @type {import('../shape.js').FloatShape} */ (shape);
  for (let i = at + offset; i < at + offset + shape.columns; i += 1) {
    const zigzag = bits.rice(residuals.k(f));
    residuals.learn(f, zigzag);
    cells[i] = applied(cells[i], unzigzag(zigzag), max, coding === Coding.ANGLE);
  }
  return undefined;
}
