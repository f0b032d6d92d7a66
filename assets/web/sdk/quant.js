// Quantisation: raw column numbers <-> floats, angles, quaternions (PROTOCOL section 3).
// All arithmetic is f64 with one rounding to f32 at the end, exactly as the server does it.

const TAU = 2 * Math.PI;
/** Rounds after which the representation of a rotation has settled; nearly all settle in one. */
const QUAT_ROUNDS = 4;

/** @typedef {{x: number, y: number, z: number, w: number}} Quat */

/**
 * @param {number} value
 * @param {number} min
 * @param {number} step
 * @param {number} maxRaw
 * @returns {number} the raw number nearest to `value`, clamped to 0..maxRaw
 */
export function floatRaw(value, min, step, maxRaw) {
  const v = Math.fround(value);
  // Not a number stands for 0, or for the end of the range that is nearest to it.
  const raw = Math.floor(((Number.isNaN(v) ? 0 : v) - min) / step + 0.5);
  return raw < 0 ? 0 : raw > maxRaw ? maxRaw : raw + 0;
}

/**
 * @param {number} raw
 * @param {number} min
 * @param {number} step
 * @returns {number} an f32
 */
export function floatValue(raw, min, step) {
  return Math.fround(min + raw * step);
}

/**
 * @param {number} value radians, any; a value that is not finite gives 0
 * @param {number} bits 1..22
 * @returns {number}
 */
export function angleRaw(value, bits) {
  const v = Math.fround(value);
  if (!Number.isFinite(v)) return 0;
  const turn = 2 ** bits;
  const raw = Math.floor((v / TAU) * turn + 0.5);
  return raw - Math.floor(raw / turn) * turn;
}

/**
 * @param {number} raw
 * @param {number} bits 1..22
 * @returns {number} radians in [0, 2π), an f32
 */
export function angleValue(raw, bits) {
  return Math.fround(raw * (TAU / 2 ** bits));
}

/**
 * Writes the four columns of a rotation: index of the largest component, then the other three. It is
 * scaled to unit length first; one without a direction gives the identity. When two components are
 * nearly the same, the decoded rotation may have another one as its largest, so what is written is a
 * representation that its own decoded value leads back to.
 * @param {Quat} value
 * @param {number} maxRaw 2^bits - 1
 * @param {Uint32Array} cells
 * @param {number} at
 */
export function writeQuat(value, maxRaw, cells, at) {
  let raw = quatRaw(value, maxRaw);
  for (let round = 0; round < QUAT_ROUNDS; round += 1) {
    const next = quatAgain(raw, maxRaw);
    if (compare(next, raw) === 0) return cells.set(raw, at);
    raw = next;
  }
  let smallest = raw; // a cycle: its smallest member stands for all of it
  for (let round = 0; round < QUAT_ROUNDS; round += 1) {
    raw = quatAgain(raw, maxRaw);
    if (compare(raw, smallest) < 0) smallest = raw;
  }
  return cells.set(smallest, at);
}

/**
 * @param {Quat} value
 * @param {number} maxRaw
 * @returns {Uint32Array}
 */
function quatRaw(value, maxRaw) {
  let unit = [value.x, value.y, value.z, value.w].map(Math.fround);
  const length = Math.sqrt(unit[0] * unit[0] + unit[1] * unit[1] + unit[2] * unit[2] + unit[3] * unit[3]);
  unit = Number.isFinite(length) && length > 0 ? unit.map((part) => part / length) : [0, 0, 0, 1];
  let largest = 0;
  for (let i = 1; i < 4; i += 1) if (Math.abs(unit[i]) > Math.abs(unit[largest])) largest = i;
  const sign = unit[largest] < 0 ? -1 : 1;
  const out = Uint32Array.of(largest, 0, 0, 0);
  for (let i = 0, column = 1; i < 4; i += 1) {
    if (i === largest) continue;
    const raw = Math.floor((((unit[i] * sign) / Math.SQRT1_2 + 1) / 2) * maxRaw + 0.5);
    out[column++] = Math.min(Math.max(raw, 0), maxRaw);
  }
  return out;
}

/**
 * @param {Uint32Array} raw
 * @param {number} maxRaw
 */
function quatAgain(raw, maxRaw) {
  const quat = { x: 0, y: 0, z: 0, w: 0 };
  readQuat(raw, 0, maxRaw, quat);
  return quatRaw(quat, maxRaw);
}

/**
 * @param {Uint32Array} a
 * @param {Uint32Array} b
 */
function compare(a, b) {
  for (let i = 0; i < 4; i += 1) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/**
 * Reads the four columns of a quaternion.
 * @param {Uint32Array} cells
 * @param {number} at
 * @param {number} maxRaw 2^bits - 1
 * @param {Quat} out overwritten
 */
export function readQuat(cells, at, maxRaw, out) {
  const largest = cells[at];
  const a = ((cells[at + 1] / maxRaw) * 2 - 1) * Math.SQRT1_2;
  const b = ((cells[at + 2] / maxRaw) * 2 - 1) * Math.SQRT1_2;
  const c = ((cells[at + 3] / maxRaw) * 2 - 1) * Math.SQRT1_2;
  const rest = Math.sqrt(Math.max(0, 1 - a * a - b * b - c * c));
  out.x = Math.fround(largest === 0 ? rest : a);
  out.y = Math.fround(largest === 0 ? a : largest === 1 ? rest : b);
  out.z = Math.fround(largest <= 1 ? b : largest === 2 ? rest : c);
  out.w = Math.fround(largest === 3 ? rest : c);
}
