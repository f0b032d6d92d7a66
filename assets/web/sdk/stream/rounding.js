// From numbers with fractions to integers, as the server does it: casts that saturate, 0 for what is not a number.

/** The highest 32-bit number. */
const MOST = 0xffffffff;

/**
 * @param {number} value
 * @returns {number} 0..2^32-1, towards 0
 */
export function toU32(value) {
  if (value < MOST) return value > 0 ? value >>> 0 : 0;
  return value >= MOST ? MOST : 0;
}

/**
 * @param {number} steps
 * @returns {number} their size in quarters of a step
 */
export function quarters(steps) {
  return toU32(Math.abs(steps) * 4);
}

/**
 * @param {number} a 0..2^32-1
 * @param {number} b 0..2^32-1
 * @returns {number} their sum, at most 2^32-1
 */
export function plus(a, b) {
  const sum = a + b;
  return sum < MOST ? sum : MOST;
}

/**
 * @param {number} value
 * @returns {number} the nearest integer, halves up, as far as 32 bits with a sign reach
 */
export function nearest(value) {
  const whole = Math.floor(value + 0.5);
  if (whole >= 0x7fffffff) return 0x7fffffff;
  return whole <= -0x80000000 ? -0x80000000 : whole | 0;
}

/**
 * @param {number} quarters a size in quarters of a step
 * @returns {number} its logarithm, in 1/16 octaves
 */
export function log16(quarters) {
  const value = quarters < 0xfffffffc ? quarters + 3 : 0xffffffff;
  const octave = 31 - Math.clz32(value);
  const part = octave >= 4 ? value >>> (octave - 4) : value << (4 - octave);
  return octave * 16 + (part & 15);
}
