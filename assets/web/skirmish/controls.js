// Keyboard and mouse as the game's input.

/** Keys by physical place, so that WASD is where it should be on every layout. */
const UP = ['KeyW', 'ArrowUp'];
const DOWN = ['KeyS', 'ArrowDown'];
const LEFT = ['KeyA', 'ArrowLeft'];
const RIGHT = ['KeyD', 'ArrowRight'];

/** @typedef {{move_x: number, move_y: number, aim: number, rail: boolean, blast: boolean}} Input */

export class Controls {
  /** @param {HTMLElement} surface the canvas */
  constructor(surface) {
    /** @type {Set<string>} */
    this.held = new Set();
    this.crosshair = { x: innerWidth / 2, y: innerHeight / 2 };
    /** Angle in radians from the own avatar to the crosshair, set by the frame loop. */
    this.aim = 0;
    this.rail = false;
    this.blast = false;
    /** A click shorter than a tick must still fire: latched until an input has taken it. */
    this.railLatch = false;
    this.blastLatch = false;
    this.enabled = true;
    /** @type {() => void} */
    this.onFirstUse = () => {};
    this.onScores = (/** @type {boolean} */ _show) => {};
    this.onMenu = () => {};

    addEventListener('keydown', (event) => this.#keyDown(event));
    addEventListener('keyup', (event) => this.#keyUp(event));
    addEventListener('blur', () => this.release());
    addEventListener('mousemove', (event) => {
      this.crosshair = { x: event.clientX, y: event.clientY };
    });
    surface.addEventListener('mousedown', (event) => this.#button(event.button, true));
    addEventListener('mouseup', (event) => this.#button(event.button, false));
    surface.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  /** Lets go of everything: the window lost the keyboard, or a menu opened. */
  release() {
    this.held.clear();
    this.rail = this.blast = this.railLatch = this.blastLatch = false;
    this.onScores(false);
  }

  /** The input of the coming tick. @returns {Input} */
  sample() {
    const any = (/** @type {string[]} */ keys) => (keys.some((key) => this.held.has(key)) ? 1 : 0);
    const input = {
      move_x: any(RIGHT) - any(LEFT),
      move_y: any(DOWN) - any(UP),
      aim: this.aim,
      rail: this.rail || this.railLatch,
      blast: this.blast || this.blastLatch || this.held.has('Space'),
    };
    this.railLatch = this.blastLatch = false;
    return input;
  }

  /** @param {number} button @param {boolean} down */
  #button(button, down) {
    if (down && !this.enabled) return;
    if (button === 0) {
      this.rail = down;
      this.railLatch ||= down;
    }
    if (button === 2) {
      this.blast = down;
      this.blastLatch ||= down;
    }
    if (down) this.onFirstUse();
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    if (event.code === 'Escape') return this.onMenu();
    if (!this.enabled || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.code === 'Tab') this.onScores(true);
    if (['Tab', 'Space'].includes(event.code) || event.code.startsWith('Arrow')) event.preventDefault();
    this.held.add(event.code);
    if (!event.repeat) this.onFirstUse();
  }

  /** @param {KeyboardEvent} event */
  #keyUp(event) {
    this.held.delete(event.code);
    if (event.code === 'Tab') this.onScores(false);
  }
}
