// Which rows left a table and which entered it.

import { DecodeError } from '../errors.js';
import { readPlain } from '../plain.js';
import { Budget } from './record.js';

/** @typedef {import('../plain.js').BitSource} BitSource */
/** @typedef {import('./record.js').StreamTable} StreamTable */

/** Rice parameter of the gaps between row ids. */
const ID_GAP = 4;
/** Rice parameter of the gaps between rows that left. */
const LEFT_GAP = 3;

/**
 * Builds the rows to come: those that stay as they were at the base.
 * @param {StreamTable} table
 * @param {BitSource} source
 * @param {Budget} budget
 */
export function readMembers(table, source, budget) {
  table.startChange();
  const leaving = source.gamma();
  for (let i = 0, next = 0; i < leaving; i += 1) {
    const index = readIndex(next, LEFT_GAP, table.count, source);
    table.left[i] = index;
    next = index + 1;
  }
  const { entered, layout } = table;
  const room = new Budget();
  const entering = source.gamma();
  for (let i = 0, id = 0; i < entering; i += 1) {
    id = readId(id, source);
    room.takeRow(i, layout.width);
    readRow(layout, source, entered, id);
    source.check();
  }
  merge(table, leaving, budget);
}

/**
 * Puts the rows that stay and those that enter in the order of their ids.
 * @param {StreamTable} table
 * @param {number} leaving
 * @param {Budget} budget
 */
function merge(table, leaving, budget) {
  const { entered, width, count } = table;
  let gone = 0;
  let fresh = 0;
  for (let index = 0; index < count; index += 1) {
    if (gone < leaving && table.left[gone] === index) {
      gone += 1;
      continue;
    }
    const id = table.ids[index];
    for (; fresh < entered.count && entered.ids[fresh] < id; fresh += 1) {
      budget.takeRow(table.nextCount, width);
      table.enters(fresh);
    }
    if (fresh < entered.count && entered.ids[fresh] === id) throw new DecodeError(`row ${id} entered ${table.layout.name} twice`);
    budget.takeRow(table.nextCount, width);
    table.stays(index);
  }
  for (; fresh < entered.count; fresh += 1) {
    budget.takeRow(table.nextCount, width);
    table.enters(fresh);
  }
}

/**
 * Appends a row in plain encoding.
 * @param {import('../schema.js').TableLayout} layout
 * @param {BitSource} source
 * @param {import('../table.js').Table} table
 * @param {number} id
 */
export function readRow({ publicFields }, source, table, id) {
  const at = table.push(id); // may move the cells: only now they are looked at
  for (const field of publicFields) readPlain(field.shape, source, table.cells, at + field.offset);
}

/**
 * Reads a row id as its distance from the previous one.
 * @param {number} previous
 * @param {BitSource} source
 * @returns {number}
 */
export function readId(previous, source) {
  const id = previous + source.rice(ID_GAP) + 1;
  if (id > 0xffffffff) throw new DecodeError('a row id does not fit in 32 bits');
  return id;
}

/**
 * Reads a row index as its distance from the lowest possible one.
 * @param {number} lowest
 * @param {number} k
 * @param {number} rows
 * @param {BitSource} source
 * @returns {number} below `rows`
 */
export function readIndex(lowest, k, rows, source) {
  const index = lowest + source.rice(k);
  if (index >= rows) throw new DecodeError(`row ${index} of ${rows}`);
  return index;
}
