// What the close codes mean for a client (PROTOCOL section 1).

/** @typedef {'final' | 'resume' | 'later' | 'rejoin'} Remedy */

/** Codes after which this client must not come back by itself. */
const FINAL = new Map([
  [1000, 'the match is over, or the seat was left'],
  [1002, 'WebSocket protocol violation'],
  [1003, 'the server takes no text messages'],
  [1007, 'invalid UTF-8'],
  [1009, 'a message was too long'],
  [1011, 'the room failed'],
  [4000, 'a message was malformed'],
  [4002, 'the protocol version is not supported'],
  [4003, 'kicked, or the room is full'],
  [4004, 'no such room'],
  [4009, 'replaced by a newer connection with the same seat'],
]);

/** The seat is not valid (any more): only a new ticket helps. */
const UNAUTHENTICATED = 4001;
/** Too fast: come back, but not at once. */
const TOO_FAST = 4008;

/**
 * @param {number} code
 * @returns {Remedy} what helps: nothing, coming back with the seat, the same after a pause, or a new seat
 */
export function remedyOf(code) {
  if (FINAL.has(code)) return 'final';
  if (code === UNAUTHENTICATED) return 'rejoin';
  return code === TOO_FAST ? 'later' : 'resume';
}

/**
 * @param {number} code
 * @param {string} reason what the server said
 * @returns {string} a text for people
 */
export function closeText(code, reason) {
  return reason || FINAL.get(code) || (code === UNAUTHENTICATED ? 'the seat is no longer valid' : 'the connection was lost');
}

/**
 * @param {string} reason of a close with code 1012
 * @returns {number | null} milliseconds after which the server wants to be asked again
 */
export function retryHint(reason) {
  const found = /retry after (\d{1,7}) ms/.exec(reason);
  return found === null ? null : Number(found[1]);
}
