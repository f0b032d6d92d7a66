// All tables as text, and what happened.

import { colourOf, make, textOf } from './field-text.js';

/** Rows shown of one table. */
const MAX_ROWS = 60;
/** Lines kept in the log. */
const MAX_LINES = 200;

/** Live tables of a room. */
export class TablesPanel {
  /** @param {HTMLElement} panel @param {any} schema JSON */
  constructor(panel, schema) {
    this.tables = schema.tables.map((/** @type {any} */ table, /** @type {number} */ index) => {
      const count = make('span', { className: 'dim' });
      const head = make('tr', {}, make('th', {}, table.single ? 'field' : 'id'));
      const heads = table.single ? ['value'] : table.fields.map((/** @type {any} */ field) => field.name);
      heads.forEach((/** @type {string} */ name, /** @type {number} */ i) => {
        const owned = !table.single && table.fields[i].to === 'owner';
        head.append(make('th', owned ? { className: 'private', title: 'private: only the owner receives it' } : {}, name));
      });
      const body = make('tbody');
      const dot = make('i');
      dot.style.background = index === 0 ? '#8c9bb0' : colourOf(index);
      const element = make('div', { className: 'table' }, make('h3', {}, dot, table.name, count), make('table', {}, make('thead', {}, head), body));
      const owner = table.fields[table.owner]?.name ?? null;
      return { name: table.name, single: table.single, fields: table.fields, owner, count, body, element };
    });
    panel.replaceChildren(...this.tables.map((/** @type {any} */ { element }) => element));
  }

  /** @param {Record<string, any>} state newest rows @param {number} player */
  update(state, player) {
    for (const table of this.tables) {
      if (table.single) {
        const row = state[table.name] ?? {};
        fill(table.body, table.fields.map((/** @type {any} */ { name }) => ({ cells: [name, textOf(row[name])], own: false })));
        continue;
      }
      const rows = [...(state[table.name] ?? [])].sort(([a], [b]) => a - b);
      table.count.textContent = rows.length > MAX_ROWS ? `${rows.length} rows, ${MAX_ROWS} shown` : `${rows.length}`;
      const lines = rows.slice(0, MAX_ROWS).map(([id, row]) => ({
        cells: [String(id), ...table.fields.map((/** @type {any} */ { name }) => (name in row ? textOf(row[name]) : ''))],
        own: table.owner !== null && row[table.owner] === player,
      }));
      fill(table.body, lines);
    }
  }
}

/** Makes a table body show these lines, touching only what differs. @param {any} body @param {{cells: string[], own: boolean}[]} lines */
function fill(body, lines) {
  while (body.rows.length > lines.length) body.deleteRow(-1);
  lines.forEach(({ cells, own }, i) => {
    const row = body.rows[i] ?? body.insertRow();
    if (row.className !== (own ? 'own' : '')) row.className = own ? 'own' : '';
    cells.forEach((text, c) => {
      const cell = row.cells[c] ?? row.insertCell();
      if (cell.textContent !== text) cell.textContent = text;
    });
  });
}

/** A log of events, newest first. */
export class EventLog {
  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    list.replaceChildren();
  }

  /** @param {number | string} tick @param {any} event @param {boolean} [reliable] */
  event(tick, event, reliable = false) {
    const { type = event, ...fields } = typeof event === 'object' && event !== null ? event : {};
    const text = Object.entries(fields).map(([name, value]) => `${name} ${textOf(value)}`).join(', ');
    this.#add(tick, make('span', reliable ? { className: 'reliable' } : {}, make('b', {}, String(type)), ` ${text}`));
  }

  /** @param {string} text */
  system(text) {
    this.#add('', make('span', { className: 'system' }, text));
  }

  /** @param {number | string} tick @param {HTMLElement} line */
  #add(tick, line) {
    this.list.prepend(make('li', {}, make('span', { className: 'tick' }, String(tick)), line));
    while (this.list.children.length > MAX_LINES) this.list.lastChild?.remove();
  }
}
