// Rotations as the codec predicts them: quaternions (x, y, z, w), basic operations only. Small rotations
// ("spins") are twice the vector part of their quaternion: an angular velocity per snapshot.

const RANGE = Math.SQRT1_2;

/**
 * @param {Uint32Array} cells
 * @param {number} at first of a field's four columns: index of the largest component, the other three
 * @param {number} top highest raw value of a component
 * @param {Float64Array} out
 */
export function rotationOf(cells, at, top, out) {
  const a = ((cells[at + 1] / top) * 2 - 1) * RANGE;
  const b = ((cells[at + 2] / top) * 2 - 1) * RANGE;
  const c = ((cells[at + 3] / top) * 2 - 1) * RANGE;
  const square = 1 - a * a - b * b - c * c;
  const d = square > 0 ? Math.sqrt(square) : 0;
  const largest = cells[at];
  out[0] = largest === 0 ? d : a;
  out[1] = largest === 0 ? a : largest === 1 ? d : b;
  out[2] = largest <= 1 ? b : largest === 2 ? d : c;
  out[3] = largest <= 2 ? c : d;
}

/**
 * The three components beside the largest as raw values between steps, for a representation in which that at
 * `largest` is positive.
 * @param {Float64Array} rotation
 * @param {number} largest 0..3
 * @param {number} top
 * @param {Float64Array} out
 */
export function rawOf(rotation, largest, top, out) {
  const x = rotation[0];
  const y = rotation[1];
  const z = rotation[2];
  const w = rotation[3];
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  const scale = rotation[largest] < 0 ? -length : length;
  out[0] = rawPart((largest === 0 ? y : x) / scale, top);
  out[1] = rawPart((largest <= 1 ? z : y) / scale, top);
  out[2] = rawPart((largest <= 2 ? w : z) / scale, top);
}

/**
 * @param {number} unit
 * @param {number} top
 */
function rawPart(unit, top) {
  // No length: any value will do, as long as it is the same everywhere.
  return Number.isFinite(unit) ? ((unit / RANGE + 1) / 2) * top : 0;
}

/**
 * @param {Float64Array} rotation
 * @returns {number} index of the component of the largest magnitude
 */
export function largestOf(rotation) {
  let best = 0;
  for (let i = 1; i < 4; i += 1) if (Math.abs(rotation[i]) - Math.abs(rotation[best]) > 0) best = i;
  return best;
}

/**
 * @param {Float64Array} rotation
 * @returns {number} by how much the largest component leads
 */
export function leadOf(rotation) {
  let best = 0;
  let lead = Infinity;
  for (let i = 1; i < 4; i += 1) {
    const ahead = Math.abs(rotation[i]) - Math.abs(rotation[best]);
    if (ahead > 0) {
      best = i;
      lead = ahead;
    } else if (-ahead < lead) {
      lead = -ahead;
    }
  }
  return lead;
}

/**
 * What leads from one rotation to another, the shorter way round.
 * @param {Float64Array} from
 * @param {Float64Array} to
 * @param {Float64Array} out a spin
 */
export function spinBetween(from, to, out) {
  const ax = to[0];
  const ay = to[1];
  const az = to[2];
  const aw = to[3];
  const bx = -from[0];
  const by = -from[1];
  const bz = -from[2];
  const bw = from[3];
  const sign = aw * bw - ax * bx - ay * by - az * bz < 0 ? -2 : 2;
  out[0] = (aw * bx + ax * bw + ay * bz - az * by) * sign;
  out[1] = (aw * by - ax * bz + ay * bw + az * bx) * sign;
  out[2] = (aw * bz + ax * by - ay * bx + az * bw) * sign;
}

/**
 * A rotation after a spin has been added to it.
 * @param {Float64Array} spin
 * @param {Float64Array} rotation
 * @param {Float64Array} out another rotation
 */
export function rotationAfter(spin, rotation, out) {
  const ax = spin[0] / 2;
  const ay = spin[1] / 2;
  const az = spin[2] / 2;
  const square = 1 - ax * ax - ay * ay - az * az;
  const aw = square > 0 ? Math.sqrt(square) : 0;
  const bx = rotation[0];
  const by = rotation[1];
  const bz = rotation[2];
  const bw = rotation[3];
  out[0] = aw * bx + ax * bw + ay * bz - az * by;
  out[1] = aw * by - ax * bz + ay * bw + az * bx;
  out[2] = aw * bz + ax * by - ay * bx + az * bw;
  out[3] = aw * bw - ax * bx - ay * by - az * bz;
}
