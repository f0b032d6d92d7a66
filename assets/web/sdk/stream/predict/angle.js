// An angle that stays, goes on turning, or points along a vector.

import { RESIDUAL_BITS, coarse, lean, signed, sizeOf } from '../history.js';
import { FAR } from '../neighbours.js';
import { nearest, quarters } from '../rounding.js';

/** An angle that rests further from the vector's direction, in turns, does not follow it. */
const ELSEWHERE = 1 / 64;

/**
 * @param {import('../predict.js').Row} row
 * @param {import('../motion.js').Moving} moving
 * @param {import('../predict.js').Coder} coder
 * @returns {number} the bits to be remembered
 */
export function angle(row, moving, coder) {
  const { offset: column, goesOn, vector, zero } = moving;
  const { component, next, to } = row;
  const turn = moving.max + 1;
  const bits = row.bits(moving);
  const remembered = signed(bits, 0, RESIDUAL_BITS);
  let counter = (bits >>> RESIDUAL_BITS) & 3;
  const now = row.now[row.at + column];
  const went = shorterWay(row.went(column), turn);
  const on = now + went;
  let first = goesOn ? on : now;
  let second = goesOn ? now : on;
  if (vector >= 0) {
    const turns = direction(next[to + vector] - zero, next[to + vector + 1] - zero);
    if (turns !== NOWHERE) {
      second = first;
      first = turns * turn;
    }
    const was = direction(row.now[row.at + vector] - zero, row.now[row.at + vector + 1] - zero);
    const looksElsewhere = was !== NOWHERE && Math.abs(shorterWay(now - was * turn, turn)) > turn * ELSEWHERE;
    if (went === 0 && looksElsewhere && counter < 2) counter = 2;
  }
  const expected = counter < 2 ? first : second;
  const otherwise = counter < 2 ? second : first;
  component.class = moving.class;
  component.index = 0;
  component.expected = expected;
  component.otherwise = expected + shorterWay(otherwise - expected, turn);
  component.max = moving.max;
  component.wraps = true;
  component.own = remembered;
  component.field = sizeOf(remembered);
  component.pace = quarters(went);
  component.speed = component.pace;
  component.aside = 0;
  component.apart = FAR;
  component.around = 0;
  const actual = coder.component(component, next[to + column]);
  next[to + column] = actual;
  const kept = coarse(nearest(shorterWay(actual - expected, turn))) & 15;
  const firstBy = Math.abs(shorterWay(actual - first, turn));
  const secondBy = Math.abs(shorterWay(actual - second, turn));
  return kept | (lean(counter, firstBy, secondBy) << RESIDUAL_BITS);
}

/**
 * @param {number} difference of angles
 * @param {number} turn
 * @returns {number} the same within half a turn
 */
function shorterWay(difference, turn) {
  return difference - Math.floor(difference / turn + 0.5) * turn;
}

/** The direction of the zero vector: no other is negative. */
const NOWHERE = -1;

/**
 * The direction of a vector in turns from the x axis, to about a 2000th. The arc tangent is a polynomial
 * (Abramowitz and Stegun 4.4.47): only basic operations, so that all implementations agree.
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
function direction(x, y) {
  const across = Math.abs(x);
  const along = Math.abs(y);
  const small = across < along ? across : along;
  const large = across < along ? along : across;
  if (large === 0) return NOWHERE;
  const ratio = small / large;
  const square = ratio * ratio;
  const radians = ratio * (0.999866 + square * (-0.3302995 + square * (0.180141 + square * (-0.085133 + square * 0.0208351))));
  const eighth = radians * 0.15915494309189535;
  const quarter = across < along ? 0.25 - eighth : eighth;
  const half = x < 0 ? 0.5 - quarter : quarter;
  return y < 0 ? 1 - half : half;
}
