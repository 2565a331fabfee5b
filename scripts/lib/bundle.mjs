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
  const files = await chunked();
  const isEntry = (/** @type {{ name: string }} */ { name }) => name === 'main.js';
  // chunks first: the new entry must find them
  for (const { name, text } of files.sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    await writeIfChanged(join(cliOut, name), text);
  }
  await chmod(join(cliOut, 'main.js'), 0o755);
  const kept = new Set(files.map(({ name }) => basename(name)));
  const chunks = join(cliOut, 'chunks');
  for (const name of existsSync(chunks) ? await readdir(chunks) : []) {
    if (!kept.has(name)) await rm(join(chunks, name), { force: true });
  }
}

/**
 * By rolldown, which looks through a package's index at the modules that a subcommand uses: esbuild puts all that any of them uses
 * in one chunk that even `--help` has to read. Twice: only the first result tells which modules a subcommand needs, and reading forty
 * small files costs a command more than reading three large ones.
 */
async function chunked() {
  try {
    const groups = groupsOf(await bundleOnce());
    return (await bundleOnce(groups)).map((file) => {
      const text = file.type === 'chunk' ? file.code : String(file.source);
      return { name: file.fileName, text: file.fileName === 'main.js' ? `#!/usr/bin/env node\n${text}` : text };
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    throw new ChildError('rolldown', 1, 'the bundle could not be made');
  }
}

/** @param {import('rolldown').CodeSplittingGroup[]} [groups] */
async function bundleOnce(groups) {
  const { rolldown } = await import('rolldown');
  const made = await rolldown({
    input: cliEntry,
    platform: 'node',
    resolve: { conditionNames: ['kernelkit-source', 'node', 'import', 'default'] },
    transform: { target: SOURCES.target },
    preserveEntrySignatures: 'allow-extension',
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  const { output } = await made.generate({
    ...{ format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js', comments: false },
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
    ...(groups && { codeSplitting: { groups } }),
  });
  await made.close();
  return output;
}

/**
 * What every command needs, what those need that look for kernels, and what those need that start one, each as one chunk.
 *
 * @param {import('rolldown').OutputBundle[string][]} output
 * @returns {import('rolldown').CodeSplittingGroup[]}
 */
function groupsOf(output) {
  const chunks = output.filter((file) => file.type === 'chunk');
  const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  /** @param {string} module @returns {Set<string>} all that is read when it is imported */
  const neededBy = (module) => {
    const start = chunks.find(({ facadeModuleId }) => facadeModuleId === join(root, 'packages/cli/src', module));
    if (start === undefined) throw new Error(`${module} is no chunk of the command`);
    const needed = new Set([start]);
    for (const { imports } of needed) {
      for (const name of imports) {
        const chunk = named.get(name);
        if (chunk !== undefined) needed.add(chunk);
      }
    }
    return new Set([...needed].flatMap(({ moduleIds }) => moduleIds));
  };
  const [base, list, exec] = ['main.ts', 'commands/list.ts', 'commands/exec.ts'].map(neededBy);
  // what is imported when it is needed stays apart
  const apart = new Set(chunks.map(({ facadeModuleId }) => facadeModuleId));
  /** @param {string} name @param {(id: string) => boolean | undefined} isIn */
  const group = (name, isIn) => ({ name, test: (/** @type {string} */ id) => !apart.has(id) && isIn(id) === true });
  return [
    group('base', (id) => base?.has(id)),
    group('catalog', (id) => list?.has(id) && exec?.has(id)),
    group('kernel', (id) => exec?.has(id)),
  ];
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
