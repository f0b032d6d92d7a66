// Where a decision finds its probability: slots by class, level and what else is known (PROTOCOL section 7.3).

import { CLASSES } from './motion.js';
import { log16, toU32 } from './rounding.js';

/** @typedef {import('./predict.js').Component} Component */

/** Levels of the estimated size of a residual, four to an octave, from 1/4 on. */
export const LEVELS = 40;
/** Positions of the unary length that have a probability of their own. */
const LENGTHS = 14;
/** Lengths whose first bits have probabilities of their own. */
const SIZES = 16;
/** Contexts of the sign. */
const SIGNS = 8 * 3 * 5;
/** Groups of levels for the highest bit. */
export const GROUPS = LEVELS / 8;

/** Slots of one class, in this order. */
const ZERO = 0;
const SIGN = ZERO + LEVELS * 4;
const LENGTH = SIGN + SIGNS;
const TOP = LENGTH + LEVELS * LENGTHS;
const SECOND = TOP + SIZES * GROUPS;
const WAKES = SECOND + SIZES * 2;
const CLASS_SLOTS = WAKES + 2 * 3;

/** Slots that are not of a class, behind those of all classes. */
const ROW_RESTS = CLASS_SLOTS * CLASSES;
const ROW_MOVES = ROW_RESTS + 4;
const HELD = ROW_MOVES + 16;
const DIFFERS = HELD + 4;
const LARGEST = DIFFERS + 2;
/** Whether rows left or entered a table. */
export const MEMBERS = LARGEST + 2;
/** Whether anything happens in a table that rested. */
export const STIRS = MEMBERS + 1;
/** All slots. */
export const SLOTS = STIRS + 1;

/**
 * The first slot of a class, and of its zeros, lengths and highest bits at a level.
 * @param {Component} c whose `offset` is known
 * @param {number} level
 * @returns {number} whether the residual is not zero
 */
export function zeroSlot(c, level) {
  const fold = Math.min(toU32(Math.abs(c.offset) * 8), 3);
  return c.class * CLASS_SLOTS + ZERO + level * 4 + fold;
}

/**
 * @param {Component} c whose `offset` is known
 * @returns {number} whether the residual is negative
 */
export function signSlot(c) {
  const eighth = Math.min(toU32((c.offset + 0.5) * 8), 7);
  const spread = c.otherwise - c.expected;
  const side = (spread > -0.25 ? 1 : 0) + (spread > 0.25 ? 1 : 0);
  const own = Math.max(-2, Math.min(2, c.own)) + 2;
  return c.class * CLASS_SLOTS + SIGN + (eighth * 3 + side) * 5 + own;
}

/**
 * @param {Component} c
 * @param {number} level
 * @param {number} length from 1 on
 * @returns {number} whether the magnitude has more than `length` bits
 */
export function longerSlot(c, level, length) {
  return c.class * CLASS_SLOTS + LENGTH + level * LENGTHS + (length < LENGTHS ? length - 1 : LENGTHS - 1);
}

/**
 * @param {Component} c
 * @param {number} level
 * @param {number} length
 * @returns {number} the bit below the highest of a magnitude of `length` bits
 */
export function topSlot(c, level, length) {
  return c.class * CLASS_SLOTS + TOP + (length < SIZES ? length : SIZES - 1) * GROUPS + (level >> 3);
}

/**
 * @param {Component} c
 * @param {number} length
 * @param {number} top the bit above
 * @returns {number} the bit below that one
 */
export function secondSlot(c, length, top) {
  return c.class * CLASS_SLOTS + SECOND + (length < SIZES ? length : SIZES - 1) * 2 + top;
}

/**
 * @param {boolean} stirs whether it has only just come to rest
 * @param {boolean} follows whether the row before it moved
 * @returns {number} whether a row that rested moves
 */
export function rowRestsSlot(stirs, follows) {
  return ROW_RESTS + (stirs ? 2 : 0) + (follows ? 1 : 0);
}

/**
 * @param {boolean} calm whether nothing is remembered of it
 * @param {number} speed
 * @returns {number} whether a row that moved goes on
 */
export function rowMovesSlot(calm, speed) {
  const octaves = (log16(speed) >> 4) - 2;
  return ROW_MOVES + (calm ? 8 : 0) + (octaves < 0 ? 0 : octaves < 7 ? octaves : 7);
}

/**
 * @param {number} of class
 * @param {boolean} rested whether its row rested
 * @param {number} before fields of the row that have moved
 * @returns {number} whether a field that lay still moves
 */
export function wakesSlot(of, rested, before) {
  return of * CLASS_SLOTS + WAKES + (rested ? 3 : 0) + (before < 2 ? before : 2);
}

/**
 * @param {boolean} rested
 * @param {boolean} moved
 * @returns {number} whether any held field of a row changes
 */
export function heldSlot(rested, moved) {
  return HELD + (rested ? 2 : 0) + (moved ? 1 : 0);
}

/**
 * @param {boolean} changed whether it did with the last snapshot
 * @returns {number} whether one of them does
 */
export function differsSlot(changed) {
  return DIFFERS + (changed ? 1 : 0);
}

/**
 * @param {boolean} sure
 * @returns {number} whether another component of a quaternion is the largest than expected
 */
export function largestSlot(sure) {
  return LARGEST + (sure ? 1 : 0);
}
