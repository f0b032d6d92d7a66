// The menu (Esc) and the veil that covers the arena while there is no line.

import { element } from './hud.js';
import { PALETTE } from './palette.js';

/** @typedef {import('./profile.js').Profile} Profile */

export class Menu {
  /** @param {Profile} profile @param {(profile: Profile) => void} onPlay called when the form is sent */
  constructor(profile, onPlay) {
    this.profile = profile;
    this.box = element('menu');
    const name = /** @type {HTMLInputElement} */ (element('menu-name'));
    const sound = /** @type {HTMLInputElement} */ (element('menu-sound'));
    name.value = profile.name;
    sound.checked = profile.sound;
    this.#colours();
    element('menu-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.profile = { ...this.profile, name: name.value.trim() || this.profile.name, sound: sound.checked };
      this.box.hidden = true;
      onPlay(this.profile);
    });
  }

  get open() {
    return !this.box.hidden;
  }

  toggle() {
    this.box.hidden = !this.box.hidden;
    if (!this.box.hidden) element('menu-name').focus();
  }

  #colours() {
    const box = element('menu-colours');
    const buttons = PALETTE.map((colours, hue) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.style.background = colours.body;
      button.title = `Colour ${hue + 1}`;
      button.setAttribute('aria-pressed', String(hue === this.profile.hue));
      button.addEventListener('click', () => {
        this.profile = { ...this.profile, hue };
        buttons.forEach((b, i) => b.setAttribute('aria-pressed', String(i === hue)));
      });
      return button;
    });
    box.replaceChildren(...buttons);
  }
}

export class Veil {
  /** @param {() => void} onRetry */
  constructor(onRetry) {
    this.box = element('veil');
    element('veil-retry').addEventListener('click', onRetry);
  }

  /** @param {string} title @param {string} text @param {boolean} [final] no further try is under way */
  show(title, text, final = false) {
    this.box.hidden = false;
    this.box.classList.toggle('final', final);
    element('veil-title').textContent = title;
    element('veil-text').textContent = text;
    element('veil-retry').hidden = !final;
  }

  hide() {
    this.box.hidden = true;
  }
}
