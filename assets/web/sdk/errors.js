// Errors of the decoders.

/** Bytes that do not follow the protocol. Every decoder of this SDK throws this and nothing else. */
export class DecodeError extends Error {
  /** @param {string} message what is wrong, with the place when it is known */
  constructor(message) {
    super(message);
    this.name = 'DecodeError';
  }
}

/**
 * A message that is well formed but does not fit the state held here: a delta from another base,
 * or a state whose hash differs from the server's. Only a fresh keyframe helps.
 */
export class DesyncError extends DecodeError {
  /** @param {string} message which stream, and how it differs */
  constructor(message) {
    super(message);
    this.name = 'DesyncError';
  }
}
