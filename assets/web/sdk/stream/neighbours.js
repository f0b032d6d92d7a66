// Rigid bodies that are near each other often move as one: a pile that is pushed, a wall that falls.
//
// Of the bodies already read in this snapshot it is known how they moved and turned. Each of the nearest says
// where this body would go if it were fixed to it. What counts is how much that differs from what the same
// neighbour would have said one snapshot ago; those who were right then count most.

import { rotationOf, spinBetween } from './rotation.js';
import { toU32 } from './rounding.js';

/** Of a row that has no neighbours, in quarters of a step. */
export const FAR = 1 << 12;
/** Bodies that have a say. */
const NEAREST = 8;
/** Squared steps by which a neighbour was wrong that do not count against it: rounding. */
const NOISE = 3;
/** Weight of a turn's error against that of a way. */
const TURN_WEIGHT = 0.1;
/** Bodies that are looked at, the last ones read: bounds the work. */
const LOOKED_AT = 256;
const LAST = LOOKED_AT - 1;

/** By how far apart a body was: weights of (change, offset, own last residual) for places. */
const PLACE_WEIGHTS = Float64Array.of(
  ...[0.6, 1.3, 0.24],
  ...[0.73, 1.12, 0.15],
  ...[0.6, 0.74, 0.23],
  ...[0.34, 0.29, 0.36],
  ...[0.1, 0.03, 0.47],
  ...[0.04, 0.03, 0.49],
  ...[0.01, 0.01, 0.53],
  ...[0, 0, 0.55],
);
/** The same for turns, without the last. */
const TURN_WEIGHTS = Float64Array.of(0.2, 0.5, 0.45, 0.85, 0.55, 1.05, 0.5, 0.95, 0.33, 0.5, 0.11, 0.11, 0.02, 0.02, 0, 0);

/**
 * @param {number} apart
 * @returns {number} which row of weights: 1 from one step on, 2 from two, doubling
 */
function bucket(apart) {
  let row = 0;
  for (let limit = 1; row < 7 && apart >= limit; limit *= 2) row += 1;
  return row;
}

/** Where the parts of a body's record lie, three numbers each. */
const WENT = 0;
const HAD_GONE = 3;
const SPIN = 6;
const HAD_SPUN = 9;
/** Sizes of its residuals. */
const PLACE_BY = 12;
const TURN_BY = 13;
/** Numbers of a record. */
const RECORD = 14;

/** What the neighbours say of a body; one for all bodies. */
export class Guess {
  constructor() {
    this.placeNow = new Float64Array(3);
    this.hadGone = new Float64Array(3);
    this.hadSpun = new Float64Array(3);
    /** What they changed, and how far the body was apart from them, axis by axis. */
    this.wayChange = new Float64Array(3);
    this.wayOff = new Float64Array(3);
    this.spinChange = new Float64Array(3);
    this.spinOff = new Float64Array(3);
    /** How far the body is from going and turning with its neighbours, in quarters of a step. */
    this.placeApart = FAR;
    this.turnApart = FAR;
    /** Sizes of their residuals, in quarters of a step. */
    this.placeAround = 0;
    this.turnAround = 0;
    /** Rows of weights. */
    this.placeBucket = 7;
    this.turnBucket = 7;
  }

  /**
   * @param {number} axis
   * @param {number} own its last residual
   * @returns {number} what is to be added to a component that goes on in a line
   */
  place(axis, own) {
    const at = this.placeBucket * 3;
    return PLACE_WEIGHTS[at] * this.wayChange[axis] - PLACE_WEIGHTS[at + 1] * this.wayOff[axis] + PLACE_WEIGHTS[at + 2] * own;
  }

  /**
   * @param {number} axis
   * @returns {number} what is to be added to the turn of the last snapshot
   */
  turn(axis) {
    const at = this.turnBucket * 2;
    return TURN_WEIGHTS[at] * this.spinChange[axis] - TURN_WEIGHTS[at + 1] * this.spinOff[axis];
  }

  /**
   * Takes in by how much the neighbours would have been wrong one snapshot ago, each a sum over three axes.
   * @param {number} way
   * @param {number} spin
   */
  apart(way, spin) {
    this.placeApart = Math.min(toU32(way * 4), FAR);
    this.turnApart = Math.min(toU32(spin * 4), FAR);
    this.placeBucket = bucket(way);
    this.turnBucket = bucket(spin);
  }
}

const now = new Float64Array(4);
const other = new Float64Array(4);
const spun = new Float64Array(3);

/** The bodies read so far in this chunk's table. */
export class Neighbours {
  constructor() {
    this.guess = new Guess();
    /** Bodies met. */
    this.count = 0;
    /** Where the last ones met were, axis by axis, and their records: body n at n % LOOKED_AT. */
    this.xs = new Float64Array(LOOKED_AT);
    this.ys = new Float64Array(LOOKED_AT);
    this.zs = new Float64Array(LOOKED_AT);
    this.moved = new Float64Array(LOOKED_AT * RECORD);
    /** Squared distances and indices of the nearest, nearest first. */
    this.squares = new Float64Array(NEAREST);
    this.nearest = new Int32Array(NEAREST);
    /** Weighed sums: ways and spins now and before, three each. */
    this.sums = new Float64Array(12);
  }

  /** Starts a table. */
  clear() {
    this.count = 0;
  }

  /**
   * @param {import('./motion.js').Body} body
   * @param {import('./predict.js').Row} row of a body that has not been read yet
   * @returns {Guess} what the nearest of them say; valid until the next call
   */
  ask(body, row) {
    const { guess } = this;
    for (let axis = 0; axis < 3; axis += 1) {
      guess.placeNow[axis] = row.now[row.at + body.place + axis];
      guess.hadGone[axis] = row.went(body.place + axis);
    }
    rotationOf(row.now, row.at + body.turn, body.top, now);
    rotationOf(row.last, row.at + body.turn, body.top, other);
    spinBetween(other, now, guess.hadSpun);
    const count = this.#findNearest();
    if (count > 0) this.#hear(count, body.top);
    else this.#alone();
    return guess;
  }

  /**
   * A body has been read.
   * @param {import('./motion.js').Body} body
   * @param {import('./predict.js').Row} row
   * @param {number} placeBy sizes of its residuals
   * @param {number} turnBy
   */
  add(body, row, placeBy, turnBy) {
    const { guess, moved } = this;
    const index = this.count & LAST;
    const at = index * RECORD;
    this.xs[index] = guess.placeNow[0];
    this.ys[index] = guess.placeNow[1];
    this.zs[index] = guess.placeNow[2];
    rotationOf(row.now, row.at + body.turn, body.top, now);
    rotationOf(row.next, row.to + body.turn, body.top, other);
    spinBetween(now, other, spun);
    for (let axis = 0; axis < 3; axis += 1) {
      moved[at + WENT + axis] = row.next[row.to + body.place + axis] - guess.placeNow[axis];
      moved[at + HAD_GONE + axis] = guess.hadGone[axis];
      moved[at + SPIN + axis] = spun[axis];
      moved[at + HAD_SPUN + axis] = guess.hadSpun[axis];
    }
    moved[at + PLACE_BY] = placeBy;
    moved[at + TURN_BY] = turnBy;
    this.count += 1;
  }

  /** @returns {number} how many were found; of equally near ones the earlier comes first */
  #findNearest() {
    const { xs, ys, zs, squares, nearest, count } = this;
    const { placeNow } = this.guess;
    const px = placeNow[0];
    const py = placeNow[1];
    const pz = placeNow[2];
    squares.fill(Infinity);
    const start = count > LOOKED_AT ? count - LOOKED_AT : 0;
    let furthest = Infinity;
    for (let n = start; n < count; n += 1) {
      const index = n & LAST;
      const x = xs[index] - px;
      const y = ys[index] - py;
      const z = zs[index] - pz;
      const square = x * x + y * y + z * z;
      if (square >= furthest) continue;
      let at = NEAREST - 1;
      for (; at > 0 && square < squares[at - 1]; at -= 1) {
        squares[at] = squares[at - 1];
        nearest[at] = nearest[at - 1];
      }
      squares[at] = square;
      nearest[at] = index;
      furthest = squares[NEAREST - 1];
    }
    return Math.min(count - start, NEAREST);
  }

  #alone() {
    const { guess } = this;
    guess.wayChange.fill(0);
    guess.wayOff.fill(0);
    guess.spinChange.fill(0);
    guess.spinOff.fill(0);
    guess.apart(FAR, FAR);
    guess.placeAround = 0;
    guess.turnAround = 0;
  }

  /**
   * Weighs what the neighbours say.
   * @param {number} count of the nearest
   * @param {number} top
   */
  #hear(count, top) {
    const { guess, xs, ys, zs, moved, squares, nearest, sums } = this;
    const { placeNow, hadGone, hadSpun } = guess;
    const closest = squares[0];
    sums.fill(0);
    let total = 0;
    let placeBy = 0;
    let turnBy = 0;
    for (let n = 0; n < count; n += 1) {
      const at = nearest[n] * RECORD;
      const ax = placeNow[0] - xs[nearest[n]];
      const ay = placeNow[1] - ys[nearest[n]];
      const az = placeNow[2] - zs[nearest[n]];
      let wrong = 0;
      for (let axis = 0; axis < 3; axis += 1) {
        const off = hadGone[axis] - moved[at + HAD_GONE + axis] - swing(moved, at + HAD_SPUN, ax, ay, az, axis);
        const twist = (hadSpun[axis] - moved[at + HAD_SPUN + axis]) * top;
        wrong = wrong + off * off + TURN_WEIGHT * (twist * twist);
      }
      const weight = 1 / ((squares[n] + closest + 1) * (wrong + NOISE));
      total += weight;
      for (let axis = 0; axis < 3; axis += 1) {
        sums[axis] += weight * (moved[at + WENT + axis] + swing(moved, at + SPIN, ax, ay, az, axis));
        sums[3 + axis] += weight * (moved[at + HAD_GONE + axis] + swing(moved, at + HAD_SPUN, ax, ay, az, axis));
        sums[6 + axis] += weight * moved[at + SPIN + axis];
        sums[9 + axis] += weight * moved[at + HAD_SPUN + axis];
      }
      placeBy += weight * moved[at + PLACE_BY];
      turnBy += weight * moved[at + TURN_BY];
    }
    let wayApart = 0;
    let spinApart = 0;
    for (let axis = 0; axis < 3; axis += 1) {
      guess.wayChange[axis] = (sums[axis] - sums[3 + axis]) / total;
      guess.wayOff[axis] = hadGone[axis] - sums[3 + axis] / total;
      guess.spinChange[axis] = (sums[6 + axis] - sums[9 + axis]) / total;
      guess.spinOff[axis] = hadSpun[axis] - sums[9 + axis] / total;
      wayApart += Math.abs(guess.wayOff[axis]);
      spinApart += Math.abs(guess.spinOff[axis]) * top;
    }
    guess.apart(wayApart, spinApart);
    guess.placeAround = toU32(placeBy / total);
    guess.turnAround = toU32(turnBy / total);
  }
}

/**
 * @param {Float64Array} moved
 * @param {number} at of a spin
 * @param {number} x of the arm
 * @param {number} y
 * @param {number} z
 * @param {number} axis
 * @returns {number} one component of what the spin does at the end of the arm: their cross product
 */
function swing(moved, at, x, y, z, axis) {
  if (axis === 0) return moved[at + 1] * z - moved[at + 2] * y;
  if (axis === 1) return moved[at + 2] * x - moved[at] * z;
  return moved[at] * y - moved[at + 1] * x;
}
