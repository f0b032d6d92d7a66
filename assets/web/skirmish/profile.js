// What the browser remembers of its player.

const KEY = 'skirmish.profile';
const FIRST = ['Quick', 'Brave', 'Sly', 'Calm', 'Lucky', 'Grim', 'Swift', 'Bold', 'Keen', 'Wry'];
const SECOND = ['Otter', 'Falcon', 'Badger', 'Lynx', 'Heron', 'Viper', 'Marten', 'Raven', 'Wolf', 'Gecko'];

/** @typedef {{name: string, hue: number, sound: boolean}} Profile */

/** @returns {Profile} the stored one, or a made-up one; `?name=` in the address wins */
export function loadProfile() {
  /** @type {Partial<Profile>} */
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    // Private windows may refuse storage, and old entries may be malformed: start afresh.
  }
  const asked = new URLSearchParams(location.search).get('name');
  const pick = (/** @type {string[]} */ list) => list[Math.floor(Math.random() * list.length)];
  const profile = {
    name: asked || (typeof stored.name === 'string' && stored.name) || `${pick(FIRST)} ${pick(SECOND)}`,
    hue: Number.isInteger(stored.hue) ? Number(stored.hue) & 15 : Math.floor(Math.random() * 16),
    sound: stored.sound !== false,
  };
  if (!asked) saveProfile(profile);
  return profile;
}

/** @param {Profile} profile */
export function saveProfile(profile) {
  try {
    localStorage.setItem(KEY, JSON.stringify(profile));
  } catch {
    // Not remembered: the match goes on all the same.
  }
}
