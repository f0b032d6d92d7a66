// Values of any schema as short texts, and colours of tables.

/** A colour per table, easy to tell apart on a dark ground. */
const COLOURS = ['#58b7ff', '#ffd166', '#63e08a', '#ff8c5a', '#c39bff', '#ff6da6', '#4fe0d0', '#d6e05a'];

/**
 * @param {number} index of the table in the schema
 * @returns {string}
 */
export function colourOf(index) {
  return COLOURS[(index + COLOURS.length - 1) % COLOURS.length]; // the first table of the game gets the first colour
}

/**
 * @param {any} value
 * @returns {string}
 */
export function textOf(value) {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if ('x' in value && 'y' in value) return Object.values(value).map((part) => Number(part).toFixed(2)).join(', ');
  const { type, ...rest } = value;
  const fields = Object.entries(rest).map(([name, part]) => `${name} ${textOf(part)}`);
  return [type, fields.join(', ')].filter(Boolean).join(' · ');
}

/**
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
