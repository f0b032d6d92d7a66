// Rice parameters that follow the size of a field's residuals within one chunk.

/** Largest parameter. */
const MAX_K = 24;
/** Sum and number at the start of every chunk, where the schema hints at no usual residual. */
const FIRST_SUM = 8;
const FIRST_NUMBER = 1;
/** Residuals after which sum and number are halved, so that old ones fade. */
const WINDOW = 32;
/** Beyond it sums make no difference to the mean. */
const MOST_SUM = 2 ** 24;

/** Sum and number of the residuals of each entry: one table's fields. */
export class Adaptive {
  /** @param {number[]} usual per entry its usual residual in raw steps; 0: unknown */
  constructor(usual) {
    this.firstSums = Float64Array.from(usual, (steps) => (steps === 0 ? FIRST_SUM : Math.min(steps * 2, 0xffffffff)));
    this.sums = new Float64Array(usual.length);
    this.numbers = new Int32Array(usual.length);
  }

  /** As at the start of every chunk. */
  start() {
    this.sums.set(this.firstSums);
    this.numbers.fill(FIRST_NUMBER);
  }

  /**
   * @param {number} entry
   * @returns {number} the parameter for its next residual: the smallest k with number * 2^k >= sum
   */
  k(entry) {
    let k = 0;
    while (k < MAX_K && this.numbers[entry] << k < this.sums[entry]) k += 1;
    return k;
  }

  /**
   * @param {number} entry
   * @returns {number} the mean of its residuals, in eighths
   */
  meanEighths(entry) {
    return Math.floor((Math.min(this.sums[entry], MOST_SUM) * 8) / this.numbers[entry]);
  }

  /**
   * Takes note of a residual.
   * @param {number} entry
   * @param {number} zigzag
   */
  learn(entry, zigzag) {
    this.sums[entry] = Math.min(this.sums[entry] + zigzag, 0xffffffff);
    this.numbers[entry] += 1;
    if (this.numbers[entry] === WINDOW) {
      this.sums[entry] = Math.floor(this.sums[entry] / 2);
      this.numbers[entry] /= 2;
    }
  }
}
