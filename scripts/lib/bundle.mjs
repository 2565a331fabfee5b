import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ChildError } from './child.mjs';
import { root } from './root.mjs';

// The packages' own sources, not what an earlier build left in dist.
const SOURCES = {
  conditions: ['kernelkit-source'],
  target: 'node20',
  platform: /** @type {const} */ ('node'),
  bundle: true,
  write: false,
};

/** Programs that core starts beside itself, in a thread or a process. */
const EMBEDDED = [
  { folder: 'packages/core/src/raw', name: 'iopub-worker', variable: 'iopubWorkerSource' },
  { folder: 'packages/core/src/catalog', name: 'apart-child', variable: 'apartChildSource' },
];
const cliEntry = join(root, 'packages/cli/src/main.ts');
const cliOut = join(root, 'packages/cli/dist/bin');

/**
 * The programs that core starts beside itself, each as a string in a module: a bundler of the library then needs to know
 * nothing of them (DESIGN, decision 10).
 */
export async function bundleEmbedded() {
  for (const { folder, name, variable } of EMBEDDED) {
    const result = await bundle({
      entryPoints: [join(root, folder, `${name}.ts`)],
      format: 'cjs',
      minify: true,
      legalComments: 'none',
    });
    const text =
      `// Made by scripts/build.mjs from ../${name}.ts: change that one.\n` +
      `export const ${variable}: string = ${JSON.stringify(result.outputFiles[0]?.text ?? '')};\n`;
    await writeIfChanged(join(root, folder, 'generated', `${name}-source.ts`), text);
  }
}

/**
 * The command as one file to start from and one chunk for each subcommand that is imported when it is asked for. Files are
 * replaced one by one and old chunks go last, so that a command that runs meanwhile keeps working.
 */
export async function bundleCli() {
  if (!existsSync(cliEntry)) {
    process.stderr.write('  no packages/cli/src/main.ts yet: no command is built\n');
    return;
  }
  const result = await bundle({
    entryPoints: [cliEntry],
    outdir: cliOut,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // CommonJS dependencies call require() for Node's modules
    banner: {
      // What commander, which is CommonJS, requires is all built in; importing node:module for it costs milliseconds.
      // What is optional and not there has to throw, as ws expects it of bufferutil.
      js: 'const require=(name)=>{const found=process.getBuiltinModule(name);if(found===undefined)throw new Error(`${name} is not built in`);return found};',
    },
  });
  const entry = join(cliOut, 'main.js');
  const isEntry = (/** @type {{ path: string }} */ file) => file.path === entry;
  // chunks first: the new entry must find them
  for (const file of result.outputFiles.sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    const text = isEntry(file) && !file.text.startsWith('#!') ? `#!/usr/bin/env node\n${file.text}` : file.text;
    await writeIfChanged(file.path, text);
  }
  await chmod(entry, 0o755);
  const kept = new Set(result.outputFiles.map((file) => basename(file.path)));
  const chunks = join(cliOut, 'chunks');
  for (const name of existsSync(chunks) ? await readdir(chunks) : []) {
    if (!kept.has(name)) await rm(join(chunks, name), { force: true });
  }
}

/** @param {import('esbuild').BuildOptions} options @throws {ChildError} when it fails; esbuild has said why by then */
async function bundle(options) {
  // imported when it is needed: this module is read before the dependencies are installed
  const { build } = await import('esbuild');
  try {
    return await build({ ...options, ...SOURCES, write: false });
  } catch (error) {
    if (error instanceof Error && 'errors' in error) throw new ChildError('esbuild', 1, 'the bundle could not be made');
    throw error;
  }
}

/** @param {string} path @param {string} text */
async function writeIfChanged(path, text) {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, path);
}
