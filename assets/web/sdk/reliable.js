// Numbered messages that arrive exactly once, also across a cut (PROTOCOL section 5).

import { DecodeError } from './errors.js';
import { MAX_RELIABLE, MAX_RELIABLE_BYTES } from './limits.js';
import { encodeReliable } from './messages.js';

/** What this side sent: kept until the other side has it. */
export class ReliableOut {
  constructor() {
    /** Number of the newest message. */
    this.sent = 0;
    /** @type {{seq: number, bytes: Uint8Array}[]} not acknowledged, oldest first */
    this.pending = [];
    this.pendingBytes = 0;
  }

  /**
   * @param {import('./messages.js').ClientMessage} message
   * @returns {{seq: number, bytes: Uint8Array}} the whole message, to be sent now or at the next resume
   */
  push(message) {
    const bytes = encodeReliable(this.sent + 1, message);
    if (this.pending.length >= MAX_RELIABLE || this.pendingBytes + bytes.length > MAX_RELIABLE_BYTES) {
      throw new RangeError('too many commands wait for the server; try again when the line is better');
    }
    this.sent += 1;
    const entry = { seq: this.sent, bytes };
    this.pending.push(entry);
    this.pendingBytes += bytes.length;
    return entry;
  }

  /** @param {number} received highest number that the other side has */
  acknowledge(received) {
    if (received > this.sent) throw new DecodeError(`the server acknowledges message ${received} of ${this.sent}`);
    while (this.pending.length > 0 && this.pending[0].seq <= received) {
      this.pendingBytes -= /** @type {{bytes: Uint8Array}} */ (this.pending.shift()).bytes.length;
    }
  }
}

/** What the other side sent. */
export class ReliableIn {
  constructor() {
    /** Highest number delivered. */
    this.received = 0;
  }

  /**
   * @param {number} seq
   * @returns {boolean} whether to deliver it: false when it was delivered before
   */
  accept(seq) {
    if (seq <= this.received) return false;
    if (seq !== this.received + 1) throw new DecodeError(`reliable message ${seq} after ${this.received}: some are missing`);
    this.received = seq;
    return true;
  }
}
