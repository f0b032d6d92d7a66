// MurmurHash3_x86_32 over 32-bit words, seed 0 (PROTOCOL section 7.5).

/** Hashes a run of words given one by one or by array. */
export class Murmur {
  constructor() {
    this.state = 0;
    this.words = 0;
  }

  /** @param {number} word 32 bits */
  word(word) {
    let k = Math.imul(word, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    let h = this.state ^ Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    this.state = (Math.imul(h, 5) + 0xe6546b64) | 0;
    this.words += 1;
  }

  /** @returns {number} the hash, 0..2^32-1 */
  finish() {
    let h = this.state ^ Math.imul(this.words, 4);
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    return h >>> 0;
  }
}

/**
 * Hash of one stream's state: per table the number of rows, per row its id and its public columns.
 * @param {readonly import('./table.js').Table[]} tables
 * @returns {number} 0..2^32-1
 */
export function hashTables(tables) {
  const hash = new Murmur();
  for (const table of tables) {
    const { ids, cells, count, width } = table;
    hash.word(count);
    for (let row = 0, cell = 0; row < count; row += 1) {
      hash.word(ids[row]);
      for (const end = cell + width; cell < end; cell += 1) hash.word(cells[cell]);
    }
  }
  return hash.finish();
}
