#!/usr/bin/env node
// Imports go one way (DESIGN, "Packages"). `node scripts/check-imports.mjs [ROOT]` prints every import that does not, and
// then ends with 1. Only what ships is looked at (packages/*/src): tests may look wherever they like.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { importsOf } from './lib/imports.mjs';
import { root as repository } from './lib/root.mjs';

/**
 * Package → the packages of ours that it may import.
 * @type {Record<string, readonly string[]>}
 */
const PACKAGES = {
  zmtp: [],
  protocol: [],
  core: ['protocol', 'zmtp'],
  server: ['core', 'protocol'],
  lab: ['server', 'core', 'protocol'],
  cli: ['server', 'core', 'protocol'],
};

/**
 * Folder of core/src → the folders that it may import. "type x": only with `import type`, so that nothing of x is loaded.
 * @type {Record<string, readonly string[]>}
 */
const CORE = {
  errors: [],
  entries: [],
  wait: ['errors'],
  files: ['errors'],
  specs: ['entries', 'files', 'wait', 'errors'],
  environments: ['entries', 'files', 'specs', 'process', 'wait', 'errors'],
  catalog: ['entries', 'files', 'specs', 'environments', 'wait', 'errors'],
  activation: ['files', 'environments', 'specs', 'process', 'wait', 'errors'],
  plan: ['catalog', 'activation', 'specs', 'channels', 'errors'],
  process: ['wait', 'errors'],
  journal: ['process', 'files', 'specs', 'wait', 'errors'],
  diagnosis: ['errors'],
  channels: ['errors'],
  raw: ['channels', 'wait', 'errors'],
  jupyter: ['entries', 'channels', 'kernel', 'wait', 'errors'],
  'jupyter-node': ['jupyter', 'type catalog', 'files', 'process', 'wait', 'errors'],
  'jupyter-local': [
    ...['jupyter', 'jupyter-node', 'catalog', 'environments', 'specs', 'files', 'diagnosis', 'journal', 'process'],
    ...['wait', 'errors'],
  ],
  kernel: ['channels', 'wait', 'errors'],
  hub: ['channels', 'kernel', 'wait', 'errors'],
  launch: ['plan', 'diagnosis', 'journal', 'process', 'raw', 'channels', 'wait', 'errors'],
  notebook: ['kernel', 'wait', 'errors'],
  // puts everything together
  start: ['*'],
};

/** What runs in a browser, and what that stands on: nothing of Node. */
const PURE = [
  'protocol',
  ...['entries', 'channels', 'kernel', 'jupyter', 'hub', 'errors', 'wait'].map((each) => `core/${each}`),
];

/** Doors that a browser comes in by: all that they reach imports nothing but each other and what is pure. */
const BROWSER_DOORS = ['core/src/client.ts'];

/** @typedef {{ file: string, specifier: string, typeOnly: boolean, line: number, pkg: string, folder: string | null }} Edge */

const root = resolve(process.argv[2] ?? repository);
const packagesDir = join(root, 'packages');

/** @param {string} dir @returns {string[]} */
function sources(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => /\.[cm]?tsx?$/.test(path) && statSync(path).isFile())
    .sort();
}

/** The folder of core/src that a path lies in; null for the doors beside the folders (index.ts, client.ts).
 * @param {string} src @param {string} path */
function folderOf(src, path) {
  const [first, ...rest] = relative(src, path).split(sep);
  return rest.length === 0 ? null : (first ?? null);
}

/** @param {string} specifier @returns {string | null} the package of ours that a specifier names */
function ownPackage(specifier) {
  if (specifier === 'kernelkit' || specifier.startsWith('kernelkit/')) return 'cli';
  return /^@kernelkit\/([^/]+)/.exec(specifier)?.[1] ?? null;
}

/** @param {string} specifier */
const isNode = (specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0] ?? '');

/** @param {string} pkg @returns {Set<string>} */
function declared(pkg) {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(packagesDir, pkg, 'package.json'), 'utf8'),
  );
  return new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
}

/** Why an import may not be, or null. @param {Edge} edge @param {Set<string>} dependencies @returns {string | null} */
function whyNot(edge, dependencies) {
  const { pkg, specifier, folder } = edge;
  const own = ownPackage(specifier);
  if (own !== null) {
    const allowed = PACKAGES[pkg] ?? [];
    return allowed.includes(own) ? null : `${pkg} may import ${list(allowed)} of our packages, not ${own}`;
  }
  if (isNode(specifier)) {
    const place = folder === null ? pkg : `${pkg}/${folder}`;
    return PURE.includes(pkg) || PURE.includes(place) ? `${place} runs in a browser: nothing of Node` : null;
  }
  if (specifier.startsWith('.')) return whyNotRelative(edge);
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return dependencies.has(name) ? null : `${name} is not among the dependencies of packages/${pkg}/package.json`;
}

/** @param {Edge} edge @returns {string | null} */
function whyNotRelative({ pkg, file, specifier, typeOnly, folder: from }) {
  const src = join(packagesDir, pkg, 'src');
  const target = resolve(dirname(file), specifier);
  if (relative(src, target).startsWith('..')) return `leaves packages/${pkg}/src: packages import each other by name`;
  if (pkg !== 'core' || from === null) return null;
  const to = folderOf(src, target);
  if (to === from) return null;
  if (to === null) return `a folder of core may not import core's own door (${relative(src, target)})`;
  if (relative(src, target) !== join(to, 'index.js')) return `${to} is entered through ${to}/index.js only`;
  const allowed = CORE[from];
  if (allowed === undefined) return `${from} is in no table: give it its place in scripts/check-imports.mjs`;
  if (allowed.includes('*') || allowed.includes(to)) return null;
  if (allowed.includes(`type ${to}`))
    return typeOnly ? null : `${from} may import only types of ${to}: write import type`;
  return `core/${from} may import ${list(allowed)}, not ${to}`;
}

/** What stands in a browser's way behind one of its doors. Types are gone by then. @param {string} door @param {string} name @returns {string[]} */
function reached(door, name) {
  /** File → the way to it. @type {Map<string, string>} */
  const ways = new Map([[door, name]]);
  /** @type {string[]} */
  const found = [];
  for (const [file, way] of ways) {
    for (const { specifier, typeOnly, line } of existsSync(file) ? importsOf(readFileSync(file, 'utf8')) : []) {
      if (typeOnly) continue;
      if (specifier.startsWith('.')) {
        const target = resolve(dirname(file), specifier.replace(/\.js$/, '.ts'));
        if (!ways.has(target)) ways.set(target, `${way} → ${relative(packagesDir, target)}`);
      } else if (!PURE.includes(ownPackage(specifier) ?? '')) {
        found.push(`${relative(root, file)}:${line}: '${specifier}': runs in a browser, by way of ${way}`);
      }
    }
  }
  return found;
}

/** @param {readonly string[]} names */
const list = (names) => (names.length === 0 ? 'none' : names.join(', '));

let checked = 0;
/** @type {string[]} */
const violations = [];
for (const pkg of existsSync(packagesDir) ? readdirSync(packagesDir).sort() : []) {
  if (!(pkg in PACKAGES)) {
    violations.push(`packages/${pkg}: is in no table: give it its place in scripts/check-imports.mjs`);
    continue;
  }
  const dependencies = declared(pkg);
  const src = join(packagesDir, pkg, 'src');
  for (const file of sources(src)) {
    checked += 1;
    const folder = pkg === 'core' ? folderOf(src, file) : null;
    for (const found of importsOf(readFileSync(file, 'utf8'))) {
      const problem = whyNot({ ...found, file, pkg, folder }, dependencies);
      if (problem !== null) violations.push(`${relative(root, file)}:${found.line}: '${found.specifier}': ${problem}`);
    }
  }
}

for (const door of BROWSER_DOORS) {
  const file = join(packagesDir, door);
  if (existsSync(file)) violations.push(...reached(file, door));
}

if (checked === 0) violations.push(`${packagesDir}: no source was found to check`);
for (const violation of violations) process.stderr.write(`${violation}\n`);
process.stderr.write(`imports: ${checked} files checked, ${violations.length} against the rules\n`);
process.exitCode = violations.length === 0 ? 0 : 1;
