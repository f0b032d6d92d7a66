// How each field of a table is predicted, worked out once from the schema and the room's rates.

import { LEAN_BITS, RESIDUAL_BITS, takeSlot, trackBits } from './history.js';

/** @typedef {import('../schema.js').Field} Field */
/** @typedef {import('../schema.js').TableLayout} TableLayout */
/** @typedef {import('../shape.js').FloatShape} FloatShape */

/** Bits of the carried fraction of a step, per component. */
export const FRACTION_BITS = 5;
/** Bits of the carried correction of a vector's length. */
export const LENGTH_BITS = 4;

/** How a field moves. */
export const Kind = Object.freeze({
  /** Components that stay or go on as before. */
  LINE: 0,
  /** A place whose rate of change is another vector of the row, coded before. */
  CARRIED: 1,
  /** A vector that turns: what one component loses the other may gain. */
  STEERED: 2,
  /** An angle that stays or goes on turning, or points along a vector of the row. */
  ANGLE: 3,
  /** A rotation as a quaternion. */
  TURN: 4,
});

/** What a field's numbers are like: each class has its own prior. */
export const Class = Object.freeze({
  /** The position of a rigid body. */
  PLACE: 0,
  /** Any other number that stays or goes on. */
  LINE: 1,
  CARRIED: 2,
  STEERED: 3,
  ANGLE: 4,
  TURN: 5,
  /** A counter: it stays, or changes by a little. */
  COUNT: 6,
  /** A position or other number that moves smoothly, by rounding alone off its track. */
  SMOOTH: 7,
  /** A rotation of that kind. */
  SPIN: 8,
});
/** Number of classes. */
export const CLASSES = 9;

/**
 * Rates of a room.
 * @typedef {object} Rates
 * @property {number} tickHz ticks per second
 * @property {number} sendEvery a snapshot every this many ticks
 */

/**
 * Columns of a rigid body.
 * @typedef {object} Body
 * @property {number} place first of three position columns
 * @property {number} turn first of four rotation columns
 * @property {number} top highest raw value of a rotation component
 */

/** One predicted field. All of one hidden class: the steps stay fast. */
export class Moving {
  /**
   * @param {Field} field
   * @param {number} kind
   * @param {number[]} used bits of a row's history; changed
   */
  constructor(field, kind, used) {
    const { shape, offset } = field;
    /** First public column. */
    this.offset = offset;
    /** Number of columns. */
    this.columns = shape.columns;
    /** Highest valid value of each (of a quaternion: of the three components). */
    this.max = /** @type {FloatShape} */ (shape).max;
    this.kind = kind;
    this.class = 0;
    /** Whether neighbours may tell how it moves. */
    this.isOfBody = false;
    /** Whether it is expected to go on as before. */
    this.goesOn = field.linear;
    /** Raw value of zero: of a steered vector, or of the vector that an angle follows. */
    this.zero = kind === Kind.STEERED ? zeroOf(field) : 0.5;
    this.keepsLength = field.keepsLength;
    /** Its usual residual in raw steps; 0: unknown. */
    this.usual = field.usual;
    /** First column of the vector it is carried by or follows, or -1. */
    this.vector = -1;
    /** Carried: steps that one step of the rate makes in a tick. */
    this.perTick = 0.5;
    /** The same for a rate of raw 0. */
    this.atZero = 0.5;
    /** Where it remembers. */
    this.slot = takeSlot(used, historyBits(kind, shape.columns));
  }
}

/** How the rows of a table move. */
export class TableMotion {
  /**
   * @param {TableLayout} layout
   * @param {Rates} rates
   */
  constructor(layout, rates) {
    /** Bits of each word of a row's history that are in use. */
    this.historyBits = [0, 0];
    /** @type {Moving[]} predicted fields in the order in which they are coded: what others rest on first */
    this.moving = [];
    const isSource = (/** @type {Field} */ field) => layout.fields.some((other) => other.velocity === field || other.follows === field);
    const rank = (/** @type {Field} */ field) => (isSource(field) ? 0 : 2) + (field.shape.type === 'quat' ? 1 : 0);
    const order = layout.publicFields.slice().sort((a, b) => rank(a) - rank(b));
    const predicted = new Set();
    for (const field of order) {
      const moving = compile(field, isSource(field), rates, this.historyBits);
      if (moving === null) continue;
      this.moving.push(moving);
      predicted.add(field);
    }
    /** Indices of the public fields that simply stay until they change. @type {number[]} */
    this.held = [];
    layout.publicFields.forEach((field, index) => {
      if (field.shape.columns > 0 && !predicted.has(field)) this.held.push(index);
    });
    /** Rigid bodies in space: rows near each other are tried as parts of one body. @type {Body | null} */
    this.body = bodyOf(this.moving);
    for (const moving of this.moving) {
      moving.class = classOf(moving, this.body);
      moving.isOfBody = moving.offset === this.body?.place || moving.offset === this.body?.turn;
    }
  }
}

/**
 * @param {Field} field
 * @param {boolean} isSource whether other fields rest on it
 * @param {Rates} rates
 * @param {number[]} used
 * @returns {Moving | null} null when the field is held
 */
function compile(field, isSource, rates, used) {
  const { shape, velocity, follows } = field;
  switch (shape.type) {
    case 'angle': {
      const moving = new Moving(field, Kind.ANGLE, used);
      if (follows !== null && !follows.owned && follows.shape.type === 'vector' && follows.shape.columns === 2) {
        moving.vector = follows.offset;
        moving.zero = zeroOf(follows);
      }
      return moving;
    }
    case 'quat':
      return new Moving(field, Kind.TURN, used);
    case 'int':
      return field.linear ? new Moving(field, Kind.LINE, used) : null;
    case 'float':
    case 'vector': {
      if (velocity !== null && !isSource && !velocity.owned && velocity.shape.columns === shape.columns) {
        const moving = new Moving(field, Kind.CARRIED, used);
        const rate = /** @type {FloatShape} */ (velocity.shape);
        const scale = 1 / rates.tickHz / shape.step;
        moving.vector = velocity.offset;
        moving.perTick = rate.step * scale;
        moving.atZero = rate.min * scale;
        return moving;
      }
      const turns = shape.columns > 1 && (isSource || field.keepsLength);
      return new Moving(field, turns ? Kind.STEERED : Kind.LINE, used);
    }
    default:
      return null;
  }
}

/**
 * @param {Moving[]} moving
 * @returns {Body | null} the first position in space and the first rotation
 */
function bodyOf(moving) {
  const place = moving.find(({ kind, columns, goesOn }) => kind === Kind.LINE && columns === 3 && goesOn);
  const turn = moving.find(({ kind }) => kind === Kind.TURN);
  if (place === undefined || turn === undefined) return null;
  return { place: place.offset, turn: turn.offset, top: turn.max };
}

/**
 * @param {Moving} moving
 * @param {Body | null} body
 */
function classOf({ kind, offset }, body) {
  if (kind === Kind.LINE) return body?.place === offset ? Class.PLACE : Class.LINE;
  return kind + 1;
}

/**
 * @param {number} kind
 * @param {number} columns
 * @returns {number} bits of history that a field of so many columns wants
 */
function historyBits(kind, columns) {
  switch (kind) {
    case Kind.LINE:
      return trackBits(columns) + LEAN_BITS;
    case Kind.CARRIED:
      return columns * FRACTION_BITS + LEAN_BITS;
    case Kind.STEERED:
      return RESIDUAL_BITS + 2 * LEAN_BITS + LENGTH_BITS;
    case Kind.ANGLE:
      return RESIDUAL_BITS + LEAN_BITS;
    default:
      return trackBits(3) + LEAN_BITS;
  }
}

/**
 * @param {Field} field
 * @returns {number} the raw value, possibly between two steps, of zero
 */
function zeroOf({ shape }) {
  const { min, step } = /** @type {FloatShape} */ (shape);
  return -min / step;
}
