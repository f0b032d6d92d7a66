// Components that stay or go on as before; for the position of a rigid body, with what its neighbours did.

import { lean, valueOf } from '../history.js';
import { Class } from '../motion.js';
import { FAR } from '../neighbours.js';
import { plus, quarters } from '../rounding.js';

/**
 * @param {import('../predict.js').Row} row
 * @param {import('../motion.js').Moving} moving
 * @param {import('../predict.js').Coder} coder
 * @returns {number} the bits to be remembered
 */
export function line(row, moving, coder) {
  const { offset, columns } = moving;
  const { guess, track, beyond, component, next, to } = row;
  const bits = row.bits(moving);
  track.read(bits, columns);
  const counter = (bits >>> track.length(columns)) & 3;
  let speed = 0;
  for (let i = 0; i < columns; i += 1) speed = plus(speed, quarters(row.went(offset + i)));
  const byTrack = counter < 2 === (moving.goesOn && guess === null);
  component.class = byTrack && track.smooth ? Class.SMOOTH : moving.class;
  component.max = moving.max;
  component.wraps = false;
  component.field = track.size(columns);
  component.speed = speed;
  component.aside = 0;
  component.apart = guess === null ? FAR : guess.placeApart;
  component.around = guess === null ? 0 : guess.placeAround;
  let firstBy = 0;
  let secondBy = 0;
  for (let i = 0; i < columns; i += 1) {
    const column = offset + i;
    const now = row.now[row.at + column];
    const went = row.went(column);
    const on = now + went;
    const smooth = on + track.ahead(i);
    const own = track.residual(i);
    let first = now;
    let second = smooth;
    if (guess !== null) {
      first = on + guess.place(i, valueOf(own));
    } else if (moving.goesOn) {
      first = smooth;
      second = now;
    }
    component.index = i;
    component.expected = counter < 2 ? first : second;
    component.otherwise = counter < 2 ? second : first;
    component.own = own;
    component.pace = quarters(went);
    const actual = coder.component(component, next[to + column]);
    next[to + column] = actual;
    beyond[i] = actual - on;
    firstBy += Math.abs(actual - first);
    secondBy += Math.abs(actual - second);
  }
  track.follow(beyond, columns);
  return track.write(columns) | (lean(counter, firstBy, secondBy) << track.length(columns));
}
