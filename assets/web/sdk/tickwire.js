// Tickwire in the browser: joins any game, decodes its state from the schema, predicts and interpolates.
//
//   const seat = await new Api('').join('skirmish', { name: 'Ada' });
//   const room = connect(seat, { input: () => ({ move_x: 1 }) });
//   requestAnimationFrame(function frame(now) {
//     const view = room.sample(now);
//     for (const ship of view?.tables.ships.values() ?? []) draw(ship);
//     requestAnimationFrame(frame);
//   });

export { Api, ApiError } from './api.js';
export { InputClock } from './clock.js';
export { DecodeError, DesyncError } from './errors.js';
export { Interpolator } from './interpolator.js';
export * as math from './math.js';
export { PlaybackClock } from './playback.js';
export { Predictor } from './predictor.js';
export { Room, connect } from './room.js';
export { parseSchema } from './schema.js';
export { Session } from './session.js';
