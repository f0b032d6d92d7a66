// What a residual makes of an expected value.

import { DecodeError } from '../errors.js';

/**
 * @param {number} from 0..2^32-1
 * @param {number} residual in 32 bits with a sign
 * @param {number} max highest valid value
 * @param {boolean} wraps whether values wrap around at `max + 1`
 * @returns {number} where it leads
 */
export function applied(from, residual, max, wraps) {
  const value = (from + residual) >>> 0;
  if (wraps) return value & max;
  if (value <= max) return value;
  throw new DecodeError(`a column holds ${value}, its maximum is ${max}`);
}

/**
 * @param {number} zigzag
 * @returns {number} the difference it stands for, in 32 bits with a sign
 */
export function unzigzag(zigzag) {
  return (zigzag >>> 1) ^ -(zigzag & 1);
}
