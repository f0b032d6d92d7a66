// A handful of synthesised sounds; nothing to download. Silent until the first click, as browsers ask.

/** @typedef {'rail' | 'blast' | 'hit' | 'burst' | 'kill' | 'die' | 'pick' | 'bell'} Sound */

/** @type {Record<Sound, {type: OscillatorType, from: number, to: number, seconds: number, gain: number, noise?: boolean}>} */
const VOICES = {
  rail: { type: 'sawtooth', from: 1500, to: 180, seconds: 0.22, gain: 0.1 },
  blast: { type: 'square', from: 420, to: 160, seconds: 0.09, gain: 0.05 },
  hit: { type: 'triangle', from: 900, to: 700, seconds: 0.06, gain: 0.14 },
  burst: { type: 'sawtooth', from: 160, to: 50, seconds: 0.16, gain: 0.07, noise: true },
  kill: { type: 'triangle', from: 520, to: 1040, seconds: 0.22, gain: 0.14 },
  die: { type: 'sawtooth', from: 300, to: 60, seconds: 0.5, gain: 0.12 },
  pick: { type: 'sine', from: 660, to: 1320, seconds: 0.14, gain: 0.12 },
  bell: { type: 'sine', from: 880, to: 660, seconds: 0.7, gain: 0.14 },
};
/** Metres beyond which nothing is heard. */
const EARSHOT_M = 24;

export class Sounds {
  constructor() {
    this.enabled = true;
    /** @type {AudioContext | null} */
    this.audio = null;
  }

  /** Call from a click or key press. */
  wake() {
    if (this.enabled && !this.audio && 'AudioContext' in globalThis) this.audio = new AudioContext();
  }

  /** @param {Sound} sound @param {number} [distance] metres from the listener */
  play(sound, distance = 0) {
    const audio = this.audio;
    if (!this.enabled || !audio || audio.state !== 'running' || distance > EARSHOT_M) return;
    const voice = VOICES[sound];
    const now = audio.currentTime;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = voice.type;
    tone.frequency.setValueAtTime(voice.from, now);
    tone.frequency.exponentialRampToValueAtTime(voice.to, now + voice.seconds);
    const near = 1 - distance / EARSHOT_M;
    volume.gain.setValueAtTime(voice.gain * near * near, now);
    volume.gain.exponentialRampToValueAtTime(0.0001, now + voice.seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start(now);
    tone.stop(now + voice.seconds);
  }
}
