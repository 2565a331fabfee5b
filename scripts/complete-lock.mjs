#!/usr/bin/env node
// After `npm install` against a registry that lacks some platforms' binaries: puts them back into package-lock.json, or
// else `npm ci` refuses it (see lib/lock.mjs).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeLock } from './lib/lock.mjs';
import { root } from './lib/root.mjs';

const file = process.argv[2] ?? join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = completeLock(lock);
if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(added.length > 0 ? `added: ${added.join(', ')}\n` : 'nothing is missing\n');
