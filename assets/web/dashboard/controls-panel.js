// Controls for any input: a widget per field, keys and the mouse where they fit.

import { make, textOf } from './field-text.js';

/** Keys for the axes, in the order of the input's signed numbers. */
const AXES = [
  { less: ['KeyA', 'ArrowLeft'], more: ['KeyD', 'ArrowRight'], text: ['A', 'D'] },
  { less: ['KeyW', 'ArrowUp'], more: ['KeyS', 'ArrowDown'], text: ['W', 'S'] },
];
/** Keys for the bools, in order; the first two are also the mouse buttons. */
const BUTTONS = [['Space', 'Space'], ['KeyE', 'E'], ['KeyQ', 'Q'], ['KeyF', 'F'], ['KeyR', 'R'], ['ShiftLeft', 'Shift'], ['KeyX', 'X'], ['KeyC', 'C']];
const MOUSE = ['left button', 'right button'];

/** One field of the input. @typedef {{name: string, read: () => any, element: HTMLElement, refresh: () => void}} Control */

/** Widgets for the schema's input shape. */
export class ControlsPanel {
  /**
   * @param {HTMLElement} panel
   * @param {HTMLCanvasElement} canvas
   * @param {any} shape of the input, JSON
   * @param {import('./world-view.js').WorldView} world says where the mouse points, and which way is up
   */
  constructor(panel, canvas, shape, world) {
    this.world = world;
    this.canvas = canvas;
    this.mouse = { x: 0, y: 0 };
    /** Keys and buttons held now. @type {Set<string>} */
    this.held = new Set();
    /** Pressed since the last sample: a short press must not be missed. @type {Set<string>} */
    this.pressed = new Set();
    this.axes = 0;
    this.buttons = 0;
    this.aborter = new AbortController();
    const fields = shape.type === 'struct' ? shape.fields : [];
    /** @type {Control[]} */
    this.controls = fields.map((/** @type {any} */ field) => this.#control(field.name, field.shape));
    const hint = make('p', { className: 'hint' }, fields.length === 0 ? 'This game takes no input.' : 'Click the picture, then use keys and mouse.');
    panel.replaceChildren(...this.controls.map(({ element }) => element), hint);
    this.#listen();
  }

  /** @returns {Record<string, any>} the input of this tick */
  sample() {
    const input = Object.fromEntries(this.controls.map(({ name, read }) => [name, read()]));
    this.pressed.clear();
    return input;
  }

  /** Shows the values that were sent. */
  refresh() {
    for (const control of this.controls) control.refresh();
  }

  /** Stops listening. */
  close() {
    this.aborter.abort();
  }

  /** @param {string} name @param {any} shape @returns {Control} */
  #control(name, shape) {
    switch (shape.type) {
      case 'bool':
        return this.#button(name);
      case 'int':
        return this.#slider(name, shape.min, shape.max, 1);
      case 'float':
        return this.#slider(name, shape.min, shape.min + shape.step * shape.max_raw, shape.step);
      case 'angle':
        return this.#shown(name, 'mouse', () => {
          const { x, y } = this.world.toward(this.mouse);
          return Math.atan2(y, x);
        });
      case 'vector':
        return this.#shown(name, 'mouse', () => ({ ...this.world.toward(this.mouse), ...(shape.n === 3 ? { z: 0 } : {}) }));
      case 'enum':
        return this.#choice(name, shape.variants.filter((/** @type {any} */ v) => v.fields.length === 0).map((/** @type {any} */ v) => v.name), shape);
      default:
        return this.#shown(name, '', () => undefined);
    }
  }

  /** @param {string} name @returns {Control} */
  #button(name) {
    const n = this.buttons++;
    const [code, label] = BUTTONS[n] ?? ['', ''];
    const mouse = MOUSE[n] === undefined ? '' : `mouse${n}`;
    const box = make('input', { type: 'checkbox', title: 'hold' });
    const active = () => box.checked || [code, mouse].some((key) => key !== '' && (this.held.has(key) || this.pressed.has(key)));
    return this.#row(name, [label, MOUSE[n] ?? ''], box, active);
  }

  /** @param {string} name @param {number} min @param {number} max @param {number} step @returns {Control} */
  #slider(name, min, max, step) {
    const rest = Math.min(Math.max(0, min), max);
    const slider = make('input', { type: 'range', min, max, step, value: rest });
    slider.ondblclick = () => (slider.value = rest);
    const upright = this.axes === 1;
    const axis = min < 0 && max > 0 ? AXES[this.axes++] : undefined;
    const read = () => {
      const down = (/** @type {string[] | undefined} */ codes) => (codes ?? []).some((code) => this.held.has(code) || this.pressed.has(code));
      const [less, more] = [down(axis?.less), down(axis?.more)];
      if (less !== more) return less !== (upright && this.world.yUp) ? min : max;
      return Number(slider.value);
    };
    return this.#row(name, axis?.text ?? [], slider, read);
  }

  /** @param {string} name @param {string[]} names of variants without fields @param {any} shape @returns {Control} */
  #choice(name, names, shape) {
    const select = make('select', {}, ...names.map((text) => make('option', { value: text }, text)));
    const unitOnly = names.length === shape.variants.length;
    return this.#row(name, [], select, () => (names.length === 0 ? undefined : unitOnly ? select.value : { type: select.value }));
  }

  /** @param {string} name @param {string} source @param {() => any} read @returns {Control} */
  #shown(name, source, read) {
    return this.#row(name, [source], make('span', { className: 'dim' }, source === '' ? 'default' : ''), read);
  }

  /** @param {string} name @param {string[]} keys @param {HTMLElement} widget @param {() => any} read @returns {Control} */
  #row(name, keys, widget, read) {
    const output = make('output');
    const label = make('span', { className: 'name', title: name }, name);
    const hints = keys.filter(Boolean).map((key) => make('kbd', {}, key));
    const element = make('div', { className: 'control' }, label, make('span', {}, widget, ...hints), output);
    return { name, read, element, refresh: () => (output.textContent = textOf(read())) };
  }

  #listen() {
    const { signal } = this.aborter;
    const typing = (/** @type {Event} */ event) => event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    const press = (/** @type {string} */ code) => {
      this.held.add(code);
      this.pressed.add(code);
    };
    addEventListener('keydown', (event) => {
      if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^(Space|Arrow)/.test(event.code) && document.activeElement === this.canvas) event.preventDefault();
      press(event.code);
    }, { signal });
    addEventListener('keyup', (event) => this.held.delete(event.code), { signal });
    addEventListener('blur', () => this.held.clear(), { signal });
    addEventListener('mouseup', (event) => this.held.delete(`mouse${event.button === 2 ? 1 : 0}`), { signal });
    this.canvas.addEventListener('mousedown', (event) => press(`mouse${event.button === 2 ? 1 : 0}`), { signal });
    this.canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    this.canvas.addEventListener('mousemove', (event) => (this.mouse = { x: event.offsetX, y: event.offsetY }), { signal });
  }
}
