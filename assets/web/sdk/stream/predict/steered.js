// A vector that turns more than it changes its length: a velocity under control.
//
// The component that is smallest, and so moves fastest along the circle, is read first; from the others and the
// usual length follows the last one. The running mean of the length is carried as a correction.

import { LEAN_BITS, RESIDUAL_BITS, coarse, lean, signed, sizeOf } from '../history.js';
import { LENGTH_BITS } from '../motion.js';
import { FAR } from '../neighbours.js';
import { nearest, plus, quarters } from '../rounding.js';

/** Parts of a step in which the correction of the length is carried. */
const PARTS = 8;
/** The largest correction, in parts. */
const MOST = (1 << (LENGTH_BITS - 1)) - 1;
/** Share of a new length that enters the mean. */
const GAIN = 0.125;
/** A length that differs by more, in steps, is a new one. */
const NEW_LENGTH = 1.5;
/** Where the parts of its history lie. */
const COUNTER_AT = RESIDUAL_BITS;
const LENGTH_COUNTER_AT = COUNTER_AT + LEAN_BITS;
const CORRECTION_AT = LENGTH_COUNTER_AT + LEAN_BITS;

/** Columns of the field, in the order of reading. */
const order = new Int32Array(3);

/**
 * @param {import('../predict.js').Row} row
 * @param {import('../motion.js').Moving} moving
 * @param {import('../predict.js').Coder} coder
 * @returns {number} the bits to be remembered
 */
export function steered(row, moving, coder) {
  const { columns, zero, goesOn, keepsLength } = moving;
  const { component, next, to } = row;
  const bits = row.bits(moving);
  const remembered = signed(bits, 0, RESIDUAL_BITS);
  const counter = (bits >>> COUNTER_AT) & 3;
  const lengthCounter = (bits >>> LENGTH_COUNTER_AT) & 3;
  const correction = signed(bits, CORRECTION_AT, LENGTH_BITS) / PARTS;
  const continues = goesOn === (counter < 2);
  const byLength = keepsLength === (lengthCounter < 2);
  sort(row, moving);

  let squares = 0;
  let speed = 0;
  for (let i = 0; i < columns; i += 1) {
    const value = row.now[row.at + order[i]] - zero;
    squares += value * value;
    speed = plus(speed, quarters(row.went(order[i])));
  }
  const length = Math.sqrt(squares) + correction;
  component.class = moving.class;
  component.max = moving.max;
  component.wraps = false;
  component.field = sizeOf(remembered);
  component.speed = speed;
  component.apart = FAR;
  component.around = 0;
  let coded = 0;
  let kept = 0;
  let staysBy = 0;
  let goesOnBy = 0;
  let lengthBy = 0;
  let plainBy = 0;
  for (let i = 0; i < columns; i += 1) {
    const column = order[i];
    const now = row.now[row.at + column];
    const went = row.went(column);
    const on = now + went;
    const plain = continues ? on : now;
    const isLast = i + 1 === columns;
    const rest = length * length - coded;
    // Nothing is left for the last one when the others are longer than the usual length.
    let onCircle = plain;
    if (rest > 0) {
      const side = Math.sqrt(rest);
      onCircle = now < zero ? zero - side : zero + side;
    }
    let expected = plain;
    let otherwise = onCircle;
    if (!isLast) {
      otherwise = continues ? now : on;
    } else if (byLength) {
      expected = onCircle;
      otherwise = plain;
    }
    const reach = now - zero;
    const aside = squares - reach * reach;
    component.index = isLast && byLength ? 2 : i < 1 ? i : 1;
    component.expected = expected;
    component.otherwise = otherwise;
    component.own = i === 0 ? remembered : 0;
    component.pace = quarters(went);
    component.aside = aside > 0 ? quarters(Math.sqrt(aside)) : 0;
    const actual = coder.component(component, next[to + column]);
    next[to + column] = actual;
    coded += (actual - zero) * (actual - zero);
    if (i === 0) kept |= coarse(nearest(actual - plain)) & 15;
    if (isLast) {
      lengthBy = Math.abs(actual - onCircle);
      plainBy = Math.abs(actual - plain);
    } else {
      staysBy += Math.abs(actual - now);
      goesOnBy += Math.abs(actual - on);
    }
  }
  kept |= (goesOn ? lean(counter, goesOnBy, staysBy) : lean(counter, staysBy, goesOnBy)) << COUNTER_AT;
  kept |= (keepsLength ? lean(lengthCounter, lengthBy, plainBy) : lean(lengthCounter, plainBy, lengthBy)) << LENGTH_COUNTER_AT;
  return kept | ((nextCorrection(length, Math.sqrt(coded)) & 15) << CORRECTION_AT);
}

/**
 * Puts the column with the smallest magnitude first; of equal ones the earlier.
 * @param {import('../predict.js').Row} row
 * @param {import('../motion.js').Moving} moving
 */
function sort({ now, at }, { offset, columns, zero }) {
  for (let i = 0; i < 3; i += 1) order[i] = offset + i;
  for (let end = 1; end < columns; end += 1) {
    const column = order[end];
    const magnitude = Math.abs(now[at + column] - zero);
    let i = end;
    for (; i > 0 && magnitude < Math.abs(now[at + order[i - 1]] - zero); i -= 1) order[i] = order[i - 1];
    order[i] = column;
  }
}

/**
 * @param {number} mean of the lengths so far
 * @param {number} measured
 * @returns {number} the correction that leads from the length just measured to the new mean
 */
function nextCorrection(mean, measured) {
  const away = measured - mean;
  if (Math.abs(away) > NEW_LENGTH) return 0;
  return Math.max(-MOST - 1, Math.min(MOST, nearest((mean + away * GAIN - measured) * PARTS)));
}
