// Decoding under node: `node assets/web/sdk/test/bench/node.js load.json [level]`. Prints JSON. Each level runs in a
// process of its own, as a page joins rooms of one level.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.js';

const [file, level] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node.js load.json [level]; js-load writes the file');
if (level === undefined) {
  const run = (/** @type {string} */ one) => JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), file, one], { encoding: 'utf8' }));
  console.log(JSON.stringify(['packed', 'ranged', 'ranged-max'].map(run), null, 1));
} else {
  console.log(JSON.stringify(await measure(JSON.parse(readFileSync(file, 'utf8')), /** @type {any} */ (level))));
}
