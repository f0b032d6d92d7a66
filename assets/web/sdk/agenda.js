// Events that wait until the drawn past reaches their tick.

/** Events kept at most; a page that never draws gets the oldest early. */
const MAX_WAITING = 4096;

/** @typedef {{tick: number, event: any, reliable: boolean}} Due */

/** A queue ordered by tick; events of one tick keep their order. */
export class Agenda {
  constructor() {
    /** @type {Due[]} */
    this.waiting = [];
  }

  /** @param {Due} due */
  add(due) {
    let at = this.waiting.length;
    while (at > 0 && this.waiting[at - 1].tick > due.tick) at -= 1;
    this.waiting.splice(at, 0, due);
  }

  /**
   * @param {number} tick now drawn
   * @returns {Due[]} what is due, in order
   */
  take(tick) {
    let count = Math.max(0, this.waiting.length - MAX_WAITING);
    while (count < this.waiting.length && this.waiting[count].tick <= tick) count += 1;
    return this.waiting.splice(0, count);
  }

  /**
   * Does not play a backlog: hands out the reliable events, drops the others.
   * @returns {Due[]}
   */
  flush() {
    return this.waiting.splice(0).filter(({ reliable }) => reliable);
  }
}
