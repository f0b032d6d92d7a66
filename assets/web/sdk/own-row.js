// One predicted row: its cells after each of the newest inputs, and the error still shown.

import { readValue, writeValue } from './value.js';

/** @typedef {import('./schema.js').Field} Field */
/** @typedef {import('./schema.js').TableLayout} TableLayout */
/** @typedef {Record<string, any>} Row */

/** Inputs that are remembered; more than the server takes ahead of time. */
export const KEPT = 128;
/** Errors beyond this share of a field's range are not smoothed: the row was put elsewhere. */
const SNAP_SHARE = 1 / 32;

const AXES = /** @type {const} */ (['x', 'y', 'z']);

/**
 * Reads all fields of a row, public and private, as fresh values.
 * @param {TableLayout} layout
 * @param {Uint32Array} cells public columns, then private ones
 * @param {number} at
 * @returns {Row}
 */
function readRow(layout, cells, at) {
  /** @type {Row} */
  const row = {};
  for (const field of layout.fields) row[field.name] = readValue(field.shape, cells, at + columnOf(layout, field));
  return row;
}

/** @param {TableLayout} layout @param {Field} field @returns {number} first column among public and private ones */
function columnOf(layout, field) {
  return field.owned ? layout.width + field.offset : field.offset;
}

/** Predictions of one row, by input number. */
export class OwnRow {
  /**
   * @param {TableLayout} layout
   * @param {number} id
   */
  constructor(layout, id) {
    this.layout = layout;
    this.id = id;
    this.width = layout.width + layout.privateWidth;
    /** Cells after input n, at slot n % KEPT. */
    this.cells = new Uint32Array(KEPT * this.width);
    /** Which input number a slot holds; -1: none. */
    this.numbers = new Float64Array(KEPT).fill(-1);
    /** Fields that the step was seen to write: only these can be mispredicted. @type {Set<Field>} */
    this.predicted = new Set();
    /** Visual error per smoothed number: drawn = predicted + error. */
    this.smoothed = layout.publicFields.filter((field) => field.lerp && ['vector', 'float', 'angle'].includes(field.shape.type));
    this.errors = new Float64Array(this.smoothed.reduce((sum, field) => sum + field.shape.columns, 0));
  }

  /**
   * Takes the server's row after input `number`.
   * @param {number} number
   * @param {Uint32Array} cells public columns
   * @param {number} at
   * @param {Uint32Array | null} privates private columns
   * @param {number} privateAt
   * @returns {boolean} whether the prediction for it was wrong in a predicted field
   */
  confirm(number, cells, at, privates, privateAt) {
    const slot = (number % KEPT) * this.width;
    const known = this.numbers[number % KEPT] === number;
    let wrong = false;
    for (const field of this.layout.fields) {
      const to = slot + columnOf(this.layout, field);
      const from = (field.owned ? privateAt : at) + field.offset;
      const source = field.owned ? privates : cells;
      for (let c = 0; c < field.shape.columns; c += 1) {
        const cell = source === null ? 0 : source[from + c];
        if (this.cells[to + c] !== cell && known && this.predicted.has(field)) wrong = true;
        this.cells[to + c] = cell;
      }
    }
    this.numbers[number % KEPT] = number;
    return wrong;
  }

  /**
   * Predicts the row after input `number` from the one before it. What the step leaves behind is
   * quantised, as the server's state is after every tick.
   * @param {number} number
   * @param {(row: Row) => Row | void} step
   * @returns {boolean} false when the row before it is not known
   */
  advance(number, step) {
    const before = ((number - 1) % KEPT) * this.width;
    const slot = (number % KEPT) * this.width;
    if (this.numbers[(number - 1) % KEPT] !== number - 1) return false;
    const given = readRow(this.layout, this.cells, before);
    const row = step(given) ?? given;
    for (const field of this.layout.fields) {
      const column = columnOf(this.layout, field);
      writeValue(field.shape, row[field.name], this.cells, slot + column);
      if (this.predicted.has(field)) continue;
      for (let c = column; c < column + field.shape.columns; c += 1) {
        if (this.cells[slot + c] !== this.cells[before + c]) this.predicted.add(field);
      }
    }
    this.numbers[number % KEPT] = number;
    return true;
  }

  /**
   * The row to draw: blended between the newest two predictions, visual error included.
   * @param {number} number input whose effect is being shown
   * @param {number} share of the way from the row before it, 0..1
   * @returns {Row | null} fresh values; null when nothing is known
   */
  draw(number, share) {
    if (this.numbers[number % KEPT] !== number) return null;
    const row = readRow(this.layout, this.cells, (number % KEPT) * this.width);
    const hasBefore = this.numbers[(number - 1) % KEPT] === number - 1;
    const before = hasBefore ? readRow(this.layout, this.cells, ((number - 1) % KEPT) * this.width) : row;
    let e = 0;
    for (const field of this.smoothed) {
      if (field.shape.type === 'vector') {
        const far = jumps(field, before[field.name], row[field.name]);
        for (let i = 0; i < field.shape.columns; i += 1, e += 1) {
          const axis = AXES[i];
          const from = far ? row[field.name][axis] : before[field.name][axis];
          row[field.name][axis] = from + (row[field.name][axis] - from) * share + this.errors[e];
        }
      } else {
        const change = difference(field, row[field.name], before[field.name]);
        row[field.name] = before[field.name] + change * share + this.errors[e++];
      }
    }
    return row;
  }

  /**
   * Keeps what is drawn where it was: the correction becomes visual error, unless it is too large.
   * @param {Row} before what was drawn
   * @param {Row} after what would be drawn now
   * @returns {number} size of the correction of vectors, in their units
   */
  absorb(before, after) {
    let e = 0;
    let size = 0;
    for (const field of this.smoothed) {
      const { shape, name } = field;
      if (shape.type !== 'vector') {
        this.errors[e] = limited(field, this.errors[e] + difference(field, before[name], after[name]));
        e += 1;
        continue;
      }
      const moved = Math.hypot(...AXES.slice(0, shape.columns).map((axis) => before[name][axis] - after[name][axis]));
      const far = jumps(field, before[name], after[name]);
      size = Math.max(size, moved);
      for (let i = 0; i < shape.columns; i += 1, e += 1) {
        this.errors[e] = far ? 0 : this.errors[e] + before[name][AXES[i]] - after[name][AXES[i]];
      }
    }
    return size;
  }
}

/** @param {Field} field a vector @param {Row} a @param {Row} b */
function jumps(field, a, b) {
  const shape = /** @type {import('./shape.js').VectorShape} */ (field.shape);
  const reach = shape.max * shape.step * SNAP_SHARE;
  return AXES.slice(0, shape.columns).some((axis) => Math.abs(a[axis] - b[axis]) > reach);
}

/** @param {Field} field a float or angle @param {number} a @param {number} b @returns {number} a - b, of angles the short way */
function difference(field, a, b) {
  const turn = 2 * Math.PI;
  return field.shape.type === 'angle' ? a - b - Math.round((a - b) / turn) * turn : a - b;
}

/** @param {Field} field a float or angle @param {number} error */
function limited(field, error) {
  if (field.shape.type !== 'float') return error;
  return Math.abs(error) > field.shape.max * field.shape.step * SNAP_SHARE ? 0 : error;
}
