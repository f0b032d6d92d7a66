// Decoding in headless Chromium: `node assets/web/sdk/test/bench/chromium.js load.json`. Prints JSON. Each level runs
// in a page of its own.
//
// From the environment, as for the browser test: TICKWIRE_CHROMIUM (the browser's path) and TICKWIRE_JS_TOOLS (a
// directory with node_modules/playwright-core).

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const need = (/** @type {string} */ name) => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: chromium.js load.json; js-load writes the file');
const { chromium } = createRequire(join(need('TICKWIRE_JS_TOOLS'), 'package.json'))('playwright-core');
const sdk = fileURLToPath(new URL('../../', import.meta.url));

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
  try {
    const isScript = path.endsWith('.js');
    const body = path === '/' ? '<!doctype html>' : await readFile(isScript ? join(sdk, path) : file);
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : path === '/' ? 'text/html' : 'application/json' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const browser = await chromium.launch({ executablePath: need('TICKWIRE_CHROMIUM'), args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'] });
try {
  const figures = [];
  for (const level of ['packed', 'ranged', 'ranged-max']) {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    const script = `import('/test/bench/measure.js').then(async ({ measure }) => measure(await (await fetch('/load')).json(), '${level}'))`;
    figures.push({ browser: browser.version(), ...(await page.evaluate(script)) });
    await page.close();
  }
  console.log(JSON.stringify(figures, null, 1));
} finally {
  await browser.close();
  server.close();
}
