// Mixing of probabilities in the logistic domain, for level `ranged-max` (Mahoney, PAQ; here with weights that a
// prior brings along). Integers only: every implementation computes the same.

/** Logarithms of odds are in 1/256, from -2047 to 2047. */
const MOST = 2047;
/** What a weight of 1 is. */
const WEIGHT_ONE = 2 ** 16;
/** How quickly weights follow. */
const WEIGHT_SHIFT = 18;

/** 65536 / (1 + e^-x) for x from -8 to 8 in steps of 1/2. */
const SQUASH = Int32Array.of(
  ...[22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743],
  ...[32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269],
  ...[65374, 65438, 65476, 65500, 65514],
);

/**
 * @param {number} logOdds
 * @returns {number} the probability of a logarithm of odds: linear between the entries
 */
export function squash(logOdds) {
  const at = (logOdds < -MOST ? -MOST : logOdds > MOST ? MOST : logOdds) + 2048;
  const index = at >> 7;
  return SQUASH[index] + (((SQUASH[index + 1] - SQUASH[index]) * (at & 127)) >> 7);
}

/** The inverse of `squash`, by the 12 high bits. */
const STRETCH = stretchTable();

function stretchTable() {
  const table = new Int16Array(4096).fill(MOST);
  for (let logOdds = -MOST, next = 0; logOdds <= MOST; logOdds += 1) {
    for (const index = squash(logOdds) >> 4; next <= index; next += 1) table[next] = logOdds;
  }
  return table;
}

/**
 * @param {number} p
 * @returns {number} the logarithm of its odds
 */
export function stretch(p) {
  return STRETCH[p >> 4];
}

/**
 * @param {number} sum of the inputs times their weights
 * @returns {number} the mixed probability, not yet within the bounds of a probability
 */
export function mixedOf(sum) {
  const logOdds = Math.floor(sum / WEIGHT_ONE);
  return squash(logOdds < -MOST ? -MOST : logOdds > MOST ? MOST : logOdds | 0);
}

/**
 * Moves a weight towards what would have told better.
 * @param {number} weight
 * @param {number} input
 * @param {number} error of the mixed probability
 * @returns {number}
 */
export function learnt(weight, input, error) {
  return (weight + ((input * error) >> WEIGHT_SHIFT)) | 0;
}
