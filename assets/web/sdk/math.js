// f32 functions that give the same bits as the server's (`tickwire_game::math`).
// Arguments are taken as f32. Polynomials and breakpoints are those of FreeBSD's msun, which the
// server's maths library is made from; every step that is f32 there is rounded to f32 here.
// For + - * / and square roots of f32 values, `Math.fround` around each single operation is enough.

const f = Math.fround;
const scratch = new DataView(new ArrayBuffer(4));

/** @param {number} x @returns {number} the bits of an f32 */
function bitsOf(x) {
  scratch.setFloat32(0, x);
  return scratch.getUint32(0);
}

const HALF_PI = Math.PI / 2;
const PI_32 = f(Math.PI);
/** π minus PI_32. */
const PI_LOW = f(-8.7422776573e-8);

// ---- Argument reduction -------------------------------------------------------------------------

/** From here on the reduction needs more of π than two doubles hold: |x| >= 2^28 * π/2. */
const LARGE = 0x4dc90fdb;
const INFINITE = 0x7f800000;
const TWO_OVER_PI = 6.36619772367581382433e-1;
const HALF_PI_HIGH = 1.57079631090164184570;
const HALF_PI_LOW = 1.58932547735281966916e-8;
/** Adding and subtracting it rounds a double to an integer, halves to even. */
const TO_INTEGER = 1.5 / Number.EPSILON;
/** 2/π times 2^264. */
const TWO_OVER_PI_BITS = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7n;
const TWO_OVER_PI_PLACES = 264n;

/** What is left of x after `quadrant` quarter turns were taken off. */
const reduced = { quadrant: 0, rest: 0 };

/** @param {number} x finite f32 */
function reduce(x) {
  if ((bitsOf(x) & 0x7fffffff) < LARGE) {
    const turns = x * TWO_OVER_PI + TO_INTEGER - TO_INTEGER;
    reduced.quadrant = turns & 3;
    reduced.rest = x - turns * HALF_PI_HIGH - turns * HALF_PI_LOW;
    return;
  }
  const product = BigInt(x) * TWO_OVER_PI_BITS; // x is an integer here
  const turns = (product + (1n << (TWO_OVER_PI_PLACES - 1n))) >> TWO_OVER_PI_PLACES;
  const fraction = product - (turns << TWO_OVER_PI_PLACES);
  reduced.quadrant = Number(turns & 3n);
  reduced.rest = Number(fraction) * 2 ** -264 * HALF_PI;
}

// ---- Sine and cosine ------------------------------------------------------------------------------

/** @param {number} x double, |x| <= π/4 */
function sinKernel(x) {
  const z = x * x;
  const s = z * x;
  const high = -0.000198393348360966317347 + z * 0.0000027183114939898219064;
  return f(x + s * (-0.166666666416265235595 + z * 0.0083333293858894631756) + s * (z * z) * high);
}

/** @param {number} x double, |x| <= π/4 */
function cosKernel(x) {
  const z = x * x;
  const w = z * z;
  const high = -0.00138867637746099294692 + z * 0.0000243904487962774090654;
  return f(1 + z * -0.499999997251031003120 + w * 0.0416666233237390631894 + w * z * high);
}

// Bit patterns of the breakpoints: up to each, a fixed multiple of π/2 is taken off.
const TINY = 0x39800000; // 2^-12
const UP_TO_1_4 = 0x3f490fda; // π/4
const UP_TO_3_4 = 0x4016cbe3; // 3π/4
const UP_TO_5_4 = 0x407b53d1; // 5π/4
const UP_TO_7_4 = 0x40afeddf; // 7π/4
const UP_TO_9_4 = 0x40e231d5; // 9π/4

/** Quarter turns taken off an angle of up to 9π/4. @param {number} ix bits of |x| */
function quarters(ix) {
  if (ix <= UP_TO_1_4) return 0;
  if (ix <= UP_TO_3_4) return 1;
  if (ix <= UP_TO_5_4) return 2;
  return ix <= UP_TO_7_4 ? 3 : 4;
}

/**
 * @param {number} x radians
 * @returns {number}
 */
export function sin(x) {
  x = f(x);
  const ix = bitsOf(x) & 0x7fffffff;
  if (ix < TINY) return x;
  if (ix >= INFINITE) return NaN;
  if (ix > UP_TO_9_4) {
    reduce(x);
    return turnedSin(reduced.quadrant, reduced.rest);
  }
  const n = x < 0 ? -quarters(ix) : quarters(ix);
  return turnedSin(n & 3, x - n * HALF_PI);
}

/** @param {number} quadrant @param {number} y */
function turnedSin(quadrant, y) {
  if (quadrant === 0) return sinKernel(y);
  if (quadrant === 1) return cosKernel(y);
  return quadrant === 2 ? sinKernel(-y) : -cosKernel(y);
}

/**
 * @param {number} x radians
 * @returns {number}
 */
export function cos(x) {
  x = f(x);
  const ix = bitsOf(x) & 0x7fffffff;
  if (ix < TINY) return 1;
  if (ix >= INFINITE) return NaN;
  if (ix > UP_TO_9_4) {
    reduce(x);
    return turnedCos(reduced.quadrant, reduced.rest);
  }
  const n = x < 0 ? -quarters(ix) : quarters(ix);
  return turnedCos(n & 3, x - n * HALF_PI);
}

/** @param {number} quadrant @param {number} y */
function turnedCos(quadrant, y) {
  if (quadrant === 0) return cosKernel(y);
  if (quadrant === 1) return sinKernel(-y);
  return quadrant === 2 ? -cosKernel(y) : sinKernel(y);
}

/**
 * @param {number} x radians
 * @returns {[number, number]} sine and cosine
 */
export function sinCos(x) {
  return [sin(x), cos(x)];
}

// ---- Arcus tangent ------------------------------------------------------------------------------

const ATAN_HIGH = [4.6364760399e-1, 7.8539812565e-1, 9.8279368877e-1, 1.5707962513].map(f);
const ATAN_LOW = [5.0121582440e-9, 3.7748947079e-8, 3.4473217170e-8, 7.5497894159e-8].map(f);
const ATAN_POLY = [3.3333328366e-1, -1.9999158382e-1, 1.4253635705e-1, -1.0648017377e-1, 6.1687607318e-2].map(f);

/** @param {number} x f32 @returns {number} radians in -π/2..π/2 */
function atan(x) {
  const ix = bitsOf(x) & 0x7fffffff;
  if (ix >= 0x4c800000) {
    return x < 0 ? -ATAN_HIGH[3] : ATAN_HIGH[3];
  }
  if (ix < TINY) return x;
  if (ix < 0x3ee00000) return f(x - f(x * atanPoly(x))); // |x| < 7/16
  const interval = ix < 0x3f300000 ? 0 : ix < 0x3f980000 ? 1 : ix < 0x401c0000 ? 2 : 3;
  const t = atanArgument(Math.abs(x), interval);
  const z = f(ATAN_HIGH[interval] - f(f(f(t * atanPoly(t)) - ATAN_LOW[interval]) - t));
  return x < 0 ? -z : z;
}

/** @param {number} x @param {number} interval */
function atanArgument(x, interval) {
  if (interval === 0) return f(f(f(2 * x) - 1) / f(2 + x));
  if (interval === 1) return f(f(x - 1) / f(x + 1));
  if (interval === 2) return f(f(x - 1.5) / f(1 + f(1.5 * x)));
  return f(-1 / x);
}

/** @param {number} x */
function atanPoly(x) {
  const z = f(x * x);
  const w = f(z * z);
  const odd = f(z * f(ATAN_POLY[0] + f(w * f(ATAN_POLY[2] + f(w * ATAN_POLY[4])))));
  const even = f(w * f(ATAN_POLY[1] + f(w * ATAN_POLY[3])));
  return f(odd + even);
}

/**
 * @param {number} y
 * @param {number} x
 * @returns {number} the angle of (x, y): radians in -π..π
 */
export function atan2(y, x) {
  y = f(y);
  x = f(x);
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  if (x === 1) return atan(y);
  const negativeX = x < 0 || Object.is(x, -0);
  const negativeY = y < 0 || Object.is(y, -0);
  if (y === 0) return negativeX ? (negativeY ? -PI_32 : PI_32) : y;
  const signed = (/** @type {number} */ angle) => (negativeY ? -angle : angle);
  if (x === 0) return signed(f(PI_32 / 2));
  const ix = bitsOf(x) & 0x7fffffff;
  const iy = bitsOf(y) & 0x7fffffff;
  if (ix === INFINITE) {
    if (iy !== INFINITE) return signed(negativeX ? PI_32 : 0);
    return signed(negativeX ? f(f(3 * PI_32) / 4) : f(PI_32 / 4));
  }
  const far = 26 << 23; // one is 2^26 times the other
  if (ix + far < iy || iy === INFINITE) return signed(f(PI_32 / 2));
  const z = negativeX && iy + far < ix ? 0 : atan(Math.abs(f(y / x)));
  if (!negativeX) return signed(z);
  const rest = f(z - PI_LOW);
  return negativeY ? f(rest - PI_32) : f(PI_32 - rest);
}

// ---- Roots and lengths --------------------------------------------------------------------------

/**
 * @param {number} x
 * @returns {number}
 */
export function sqrt(x) {
  return f(Math.sqrt(f(x)));
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {number} length of (x, y): the root of the sum of squares, rounded once
 */
export function hypot(x, y) {
  const a = f(x);
  const b = f(y);
  return f(Math.sqrt(a * a + b * b));
}

// ---- Angles and mixtures ------------------------------------------------------------------------

/**
 * @param {number} angle radians
 * @returns {number} the same angle in [-π, π); 0 for what is not finite
 */
export function wrapAngle(angle) {
  const a = f(angle);
  if (!Number.isFinite(a)) return 0;
  const turn = 2 * Math.PI;
  return f(a - Math.floor(a / turn + 0.5) * turn);
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} t
 * @returns {number} from a to b as t goes from 0 to 1
 */
export function lerp(a, b, t) {
  return f(f(a) + f(f(f(b) - f(a)) * f(t)));
}

/**
 * @param {number} angle radians
 * @returns {{x: number, y: number}} its unit vector
 */
export function direction(angle) {
  return { x: cos(angle), y: sin(angle) };
}
