// A rotation: it goes on turning as before, for a rigid body with what its neighbours did.

import { lean } from '../history.js';
import { Class } from '../motion.js';
import { FAR } from '../neighbours.js';
import { largestOf, leadOf, rawOf, rotationAfter, rotationOf, spinBetween } from '../rotation.js';
import { plus, quarters } from '../rounding.js';

/** The two largest components of the expectation differ by so much when it is sure which is the largest. */
const SURE = 0.03;

const now = new Float64Array(4);
const last = new Float64Array(4);
const byItself = new Float64Array(4);
const byGuess = new Float64Array(4);
const turned = new Float64Array(3);
const line = new Float64Array(3);
const guessed = new Float64Array(3);
const stays = new Float64Array(3);
const went = new Float64Array(3);

/**
 * @param {import('../predict.js').Row} row
 * @param {import('../motion.js').Moving} moving
 * @param {import('../predict.js').Coder} coder
 * @returns {number} the bits to be remembered
 */
export function turn(row, moving, coder) {
  const { offset, max: top } = moving;
  const { guess, track, beyond, component, next } = row;
  const bits = row.bits(moving);
  track.read(bits, 3);
  const counter = (bits >>> track.length(3)) & 3;
  const at = row.at + offset;
  const to = row.to + offset;
  rotationOf(row.now, at, top, now);
  rotationOf(row.last, at, top, last);
  spinBetween(last, now, turned);
  rotationAfter(turned, now, byItself);
  let expectation = byItself;
  if (guess !== null) {
    for (let i = 0; i < 3; i += 1) turned[i] += guess.turn(i);
    rotationAfter(turned, now, byGuess);
    expectation = byGuess;
  }
  const largest = largestOf(expectation);
  next[to] = coder.largest(largest, leadOf(expectation) > SURE, next[to]);
  rawOf(byItself, next[to], top, line);
  rawOf(expectation, next[to], top, guessed);
  rawOf(now, next[to], top, stays);
  let speed = 0;
  for (let i = 0; i < 3; i += 1) {
    went[i] = quarters(line[i] - stays[i]);
    speed = plus(speed, went[i]);
  }
  // In another representation the carried fractions mean nothing.
  if (next[to] !== row.now[at]) track.clear();
  component.class = (guess === null || counter >= 2) && track.smooth ? Class.SPIN : moving.class;
  component.max = top;
  component.wraps = false;
  component.field = track.size(3);
  component.speed = speed;
  component.aside = 0;
  component.apart = guess === null ? FAR : guess.turnApart;
  component.around = guess === null ? 0 : guess.turnAround;
  let smoothBy = 0;
  let guessedBy = 0;
  for (let i = 0; i < 3; i += 1) {
    const smooth = line[i] + track.ahead(i);
    component.index = i;
    component.expected = guess !== null && counter < 2 ? guessed[i] : smooth;
    component.otherwise = stays[i];
    component.own = track.residual(i);
    component.pace = went[i];
    const actual = coder.component(component, next[to + 1 + i]);
    next[to + 1 + i] = actual;
    beyond[i] = actual - line[i];
    smoothBy += Math.abs(actual - smooth);
    guessedBy += Math.abs(actual - guessed[i]);
  }
  track.follow(beyond, 3);
  return track.write(3) | (lean(counter, guessedBy, smoothBy) << track.length(3));
}
