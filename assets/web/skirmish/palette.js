// The colours a player can choose (`Command::Colour { hue }` is an index into this list).

/** @typedef {{body: string, light: string, dark: string}} Paint */

const HUES = [198, 8, 130, 45, 280, 330, 165, 25, 220, 90, 300, 60, 185, 350, 245, 110];

/** @type {readonly Paint[]} One entry per value of the `hue` field, 0..=15. */
export const PALETTE = HUES.map((hue, index) => {
  const lightness = index < 8 ? 62 : 52;
  return {
    body: `hsl(${hue} 78% ${lightness}%)`,
    light: `hsl(${hue} 90% ${lightness + 20}%)`,
    dark: `hsl(${hue} 60% ${lightness - 34}%)`,
  };
});

/** @param {number} hue @returns {Paint} */
export function paint(hue) {
  return PALETTE[hue & 15];
}
