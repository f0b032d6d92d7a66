// A place whose rate of change is another vector of the row. The part of a step by which rounding has cut the
// place short is carried along, so that the place follows its rate exactly as long as the game moves it so.

import { LEAN_BITS, lean, signed } from '../history.js';
import { FRACTION_BITS } from '../motion.js';
import { FAR } from '../neighbours.js';
import { nearest, quarters } from '../rounding.js';

/** Parts of a step in which fractions are carried. */
const PARTS = 1 << FRACTION_BITS;
/** The largest carried fraction: half a step. */
const HALF = 1 << (FRACTION_BITS - 1);

/**
 * @param {import('../predict.js').Row} row
 * @param {import('../motion.js').Moving} moving
 * @param {import('../predict.js').Coder} coder
 * @returns {number} the bits to be remembered
 */
export function carried(row, moving, coder) {
  const { offset, columns, vector } = moving;
  const { component, next, to } = row;
  const bits = row.bits(moving);
  const counterAt = columns * FRACTION_BITS;
  let counter = (bits >>> counterAt) & ((1 << LEAN_BITS) - 1);
  if (counter < 2 && staysAgainst(row, moving)) counter = 2;
  component.class = moving.class;
  component.max = moving.max;
  component.wraps = false;
  component.own = 0;
  component.field = counter * 4;
  component.apart = FAR;
  component.around = 0;
  let kept = 0;
  let rateBy = 0;
  let lineBy = 0;
  for (let i = 0; i < columns; i += 1) {
    const column = offset + i;
    const now = row.now[row.at + column];
    const went = row.went(column);
    const way = (next[to + vector + i] * moving.perTick + moving.atZero) * row.ticks;
    const byRate = now + signed(bits, i * FRACTION_BITS, FRACTION_BITS) / PARTS + way;
    const on = now + went;
    component.index = i;
    component.expected = counter < 2 ? byRate : on;
    component.otherwise = counter < 2 ? on : byRate;
    component.pace = quarters(went);
    component.speed = quarters(way);
    component.aside = quarters(way - went);
    const actual = coder.component(component, next[to + column]);
    next[to + column] = actual;
    const fraction = Math.max(-HALF, Math.min(HALF - 1, nearest((byRate - actual) * PARTS)));
    kept |= (fraction & (PARTS - 1)) << (i * FRACTION_BITS);
    // Whole steps against whole steps: a line always ends at one.
    rateBy += Math.abs(actual - Math.floor(byRate + 0.5));
    lineBy += Math.abs(actual - on);
  }
  return kept | (lean(counter, rateBy, lineBy) << counterAt);
}

/**
 * @param {import('../predict.js').Row} row
 * @param {import('../motion.js').Moving} moving
 * @returns {boolean} whether the field lies still although its rate says otherwise, by a step at least
 */
function staysAgainst(row, { offset, columns, vector, perTick, atZero }) {
  if (!row.stood(offset, columns)) return false;
  for (let i = 0; i < columns; i += 1) {
    const way = (row.now[row.at + vector + i] * perTick + atZero) * row.ticks;
    if (Math.abs(way) >= 1) return true;
  }
  return false;
}
