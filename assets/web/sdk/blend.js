// Blending the cells of one field between two snapshots, or past the newest one.

import { angleValue, floatValue, readQuat } from './quant.js';
import { readField } from './rows.js';

/** @typedef {import('./schema.js').Field} Field */
/** @typedef {import('./shape.js').Shape} Shape */
/** @typedef {import('./rows.js').Row} Row */

/** How many times its own speed a row may cover before it counts as teleported. */
const SPEED_FACTOR = 3;
/** Share of a field's range that it may always cover between two snapshots. */
const FREE_SHARE = 1 / 256;
/** The same for vectors without a velocity, and for floats, which need not be positions at all. */
const FREE_SHARE_VECTOR = 1 / 64;
const FREE_SHARE_FLOAT = 1 / 8;

const AXES = /** @type {const} */ (['x', 'y', 'z']);
const quatA = { x: 0, y: 0, z: 0, w: 1 };
const quatB = { x: 0, y: 0, z: 0, w: 1 };

/**
 * The cells of one row in up to three snapshots.
 * @typedef {object} Cells
 * @property {Uint32Array} from
 * @property {number} fromAt first cell of the row
 * @property {Uint32Array} to
 * @property {number} toAt
 * @property {Uint32Array | null} before the snapshot before `from`
 * @property {number} beforeAt
 * @property {number} seconds from `from` to `to`
 */

/**
 * Writes a field's value at `share` (0..1) of the way; a teleport stays where it was until it has happened.
 * @param {Row} row
 * @param {Field} field
 * @param {Cells} cells
 * @param {number} share
 */
export function blend(row, field, cells, share) {
  const { shape, offset, name } = field;
  const { from, to } = cells;
  const a = cells.fromAt + offset;
  const b = cells.toAt + offset;
  switch (shape.type) {
    case 'vector':
      readField(row, field, from, a);
      if (jumped(field, cells)) return;
      for (let i = 0; i < shape.columns; i += 1) {
        const difference = (to[b + i] - from[a + i]) * shape.step;
        row[name][AXES[i]] += difference * share;
      }
      return;
    case 'float':
      row[name] = floatValue(from[a], shape.min, shape.step);
      if (!jumped(field, cells)) row[name] += (to[b] - from[a]) * shape.step * share;
      return;
    case 'int':
      row[name] = shape.min + from[a] + (to[b] - from[a]) * share;
      return;
    case 'angle': {
      const turn = shape.max + 1;
      const half = turn / 2;
      const difference = ((((to[b] - from[a] + half) % turn) + turn) % turn) - half; // the short way
      const raw = from[a] + difference * share;
      row[name] = angleValue(raw - Math.floor(raw / turn) * turn, shape.width);
      return;
    }
    case 'quat':
      readQuat(from, a, shape.max, quatA);
      readQuat(to, b, shape.max, quatB);
      row[name] = blendQuats(share);
      return;
    default:
      readField(row, field, from, a);
  }
}

/** @param {number} share of the way from quatA to quatB, along the shorter arc */
function blendQuats(share) {
  const dot = quatA.x * quatB.x + quatA.y * quatB.y + quatA.z * quatB.z + quatA.w * quatB.w;
  const toward = dot < 0 ? -share : share;
  const x = quatA.x * (1 - share) + quatB.x * toward;
  const y = quatA.y * (1 - share) + quatB.y * toward;
  const z = quatA.z * (1 - share) + quatB.z * toward;
  const w = quatA.w * (1 - share) + quatB.w * toward;
  const length = Math.sqrt(x * x + y * y + z * z + w * w) || 1;
  return { x: x / length, y: y / length, z: z / length, w: w / length };
}

/**
 * Whether a float or vector moved further than it can have moved by itself.
 * @param {Field} field
 * @param {Cells} cells
 * @returns {boolean}
 */
function jumped(field, cells) {
  const shape = /** @type {import('./shape.js').VectorShape} */ (field.shape);
  const moved = distance(shape, cells.from, cells.fromAt + field.offset, cells.to, cells.toAt + field.offset);
  const range = shape.max * shape.step;
  if (field.velocity !== null) {
    const speed = Math.max(length(field.velocity, cells.from, cells.fromAt), length(field.velocity, cells.to, cells.toAt));
    return moved > SPEED_FACTOR * speed * cells.seconds + range * FREE_SHARE;
  }
  const free = range * (field.shape.type === 'vector' ? FREE_SHARE_VECTOR : FREE_SHARE_FLOAT);
  if (cells.before === null) return moved > free;
  const step = distance(shape, cells.before, cells.beforeAt + field.offset, cells.from, cells.fromAt + field.offset);
  return moved > SPEED_FACTOR * step + free;
}

/** @param {import('./shape.js').VectorShape} shape @param {Uint32Array} a @param {number} at @param {Uint32Array} b @param {number} bt */
function distance(shape, a, at, b, bt) {
  let squares = 0;
  for (let i = 0; i < shape.columns; i += 1) squares += (b[bt + i] - a[at + i]) ** 2;
  return Math.sqrt(squares) * shape.step;
}

/** @param {Field} field a float or vector @param {Uint32Array} cells @param {number} at first cell of the row */
function length(field, cells, at) {
  const { shape, offset } = field;
  if (shape.type !== 'vector' && shape.type !== 'float') return 0;
  let squares = 0;
  for (let i = 0; i < shape.columns; i += 1) squares += floatValue(cells[at + offset + i], shape.min, shape.step) ** 2;
  return Math.sqrt(squares);
}

/**
 * Writes where a field is some time after the newest snapshot, `cells.to`: by its velocity field,
 * else by its last step. Angles, rotations and integers stay.
 * @param {Row} row
 * @param {Field} field
 * @param {Cells} cells
 * @param {number} aheadS seconds after `to`
 */
export function extrapolate(row, field, cells, aheadS) {
  const { shape, offset, name, velocity } = field;
  readField(row, field, cells.to, cells.toAt + offset);
  if (shape.type !== 'vector' && shape.type !== 'float') return;
  const vector = shape.type === 'vector';
  const steady = velocity === null && !jumped(field, cells);
  for (let i = 0; i < shape.columns; i += 1) {
    let rate = 0;
    if (velocity !== null && velocity.shape.type === shape.type) {
      rate = floatValue(cells.to[cells.toAt + velocity.offset + i], velocity.shape.min, velocity.shape.step);
    } else if (steady && cells.seconds > 0) {
      rate = ((cells.to[cells.toAt + offset + i] - cells.from[cells.fromAt + offset + i]) * shape.step) / cells.seconds;
    }
    const max = shape.min + shape.max * shape.step;
    const there = (vector ? row[name][AXES[i]] : row[name]) + rate * aheadS;
    const value = Math.min(Math.max(there, shape.min), max);
    if (vector) row[name][AXES[i]] = value;
    else row[name] = value;
  }
}
