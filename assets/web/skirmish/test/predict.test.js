// The page's movement against vectors that `cargo test -p tickwire-skirmish` writes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readTiled } from '../arena.js';
import { BALANCE, step } from '../predict.js';

const here = (/** @type {string} */ path) => new URL(path, import.meta.url);
const vectors = JSON.parse(readFileSync(here('./predict-vectors.json'), 'utf8'));
