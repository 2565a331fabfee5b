import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type TempDir, tempDir } from '../support/index.js';

const script = fileURLToPath(new URL('../../scripts/check-imports.mjs', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

function check(root: string): Promise<{ code: number; lines: string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, root], (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), lines: stderr.trim().split('\n') });
    });
  });
}

/** A repository that holds one source file at `path`, beside packages that are in order. */
async function withSource(dir: TempDir, path: string, source: string): Promise<void> {
  const dependencies = { '@kernelkit/protocol': '0', 'lossless-json': '4' };
  for (const pkg of ['zmtp', 'protocol', 'core', 'server', 'lab', 'cli']) {
    await dir.write(`packages/${pkg}/package.json`, JSON.stringify({ dependencies }));
    await dir.write(`packages/${pkg}/src/index.ts`, 'export const door = 1;\n');
  }
  await dir.write(`packages/${path}`, source);
}

describe('the one-way import check', () => {
  test('finds nothing in this repository', async () => {
    const { code, lines } = await check(repository);
    expect(lines.slice(0, -1)).toEqual([]);
    expect(code).toBe(0);
  });

  test.each([
    ['zmtp/src/a.ts', "import { x } from '@kernelkit/protocol';", 'zmtp may import none of our packages, not protocol'],
    ['protocol/src/a.ts', "import { x } from '@kernelkit/core';", 'protocol may import none of our packages, not core'],
    ['protocol/src/a.ts', "import { createHmac } from 'node:crypto';", 'runs in a browser'],
    ['protocol/src/a.ts', "import { createHmac } from 'crypto';", 'runs in a browser'],
    ['protocol/src/a.ts', "import type { Hmac } from 'node:crypto';", 'runs in a browser'],
    [
      'core/src/specs/a.ts',
      "import { x } from '@kernelkit/server';",
      'core may import protocol, zmtp of our packages, not server',
    ],
    [
      'server/src/a.ts',
      "import { x } from '@kernelkit/zmtp';",
      'server may import core, protocol of our packages, not zmtp',
    ],
    ['cli/src/a.ts', "import { x } from '@kernelkit/lab';", 'of our packages, not lab'],
    [
      'lab/src/a.ts',
      "import { x } from '@kernelkit/zmtp';",
      'lab may import server, core, protocol of our packages, not zmtp',
    ],
    ['core/src/a.ts', "import { x } from 'kernelkit';", 'of our packages, not cli'],
    [
      'core/src/raw/a.ts',
      "import { x } from 'left-pad';",
      'left-pad is not among the dependencies of packages/core/package.json',
    ],
    ['core/src/raw/a.ts', "import { x } from '../../../zmtp/src/index.js';", 'packages import each other by name'],
    [
      'core/src/specs/a.ts',
      "import { x } from '../catalog/index.js';",
      'core/specs may import entries, files, wait, errors, not catalog',
    ],
    ['core/src/errors/a.ts', "import { x } from '../specs/index.js';", 'core/errors may import none, not specs'],
    [
      'core/src/kernel/a.ts',
      "import { x } from '../raw/index.js';",
      'core/kernel may import channels, wait, errors, not raw',
    ],
    [
      'core/src/kernel/a.ts',
      "import type { X } from '../raw/index.js';",
      'core/kernel may import channels, wait, errors, not raw',
    ],
    ['core/src/launch/a.ts', "import { x } from '../raw/channels.js';", 'raw is entered through raw/index.js only'],
    ['core/src/start/a.ts', "import { x } from '../raw/channels.js';", 'raw is entered through raw/index.js only'],
    ['core/src/jupyter-node/a.ts', "import { x } from '../catalog/index.js';", 'may import only types of catalog'],
    [
      'core/src/jupyter-node/a.ts',
      "import { type X } from '../catalog/index.js';",
      'jupyter-node may import only types of catalog',
    ],
    ['core/src/kernel/deep/a.ts', "import { readFile } from 'node:fs/promises';", 'core/kernel runs in a browser'],
    ['core/src/channels/a.ts', "import { x } from 'fs/promises';", 'core/channels runs in a browser'],
    ['core/src/kernel/a.ts', "import { x } from '../index.js';", "may not import core's own door"],
    ['core/src/novel/a.ts', "import { x } from '../errors/index.js';", 'novel is in no table'],
    ['novel/package.json', '{}', 'packages/novel: is in no table'],
    // every form that an import can have
    ['core/src/specs/a.ts', "export * from '../plan/index.js';", 'not plan'],
    ['core/src/specs/a.ts', "export { x } from '../plan/index.js';", 'not plan'],
    ['core/src/specs/a.ts', "export type { X } from '../plan/index.js';", 'not plan'],
    ['core/src/specs/a.ts', "import '../plan/index.js';", 'not plan'],
    ['core/src/specs/a.ts', "import x, { y } from '../plan/index.js';", 'not plan'],
    ['core/src/specs/a.ts', "import * as x from '../plan/index.js';", 'not plan'],
    ['core/src/specs/a.ts', 'import { x } from "../plan/index.js"', 'not plan'],
    ['core/src/specs/a.ts', "import {\n  x, // the x\n  y as z,\n} from '../plan/index.js';", 'a.ts:4: '],
    ['core/src/specs/a.ts', "const x = await import('../plan/index.js');", 'not plan'],
    ['core/src/specs/a.ts', 'const x = await import(`../plan/index.js`);', 'not plan'],
    ['core/src/specs/a.ts', "type X = import('../plan/index.js').X;", 'not plan'],
    ['core/src/specs/a.ts', "const quote = /['\"`]/;\nimport { x } from '../plan/index.js';", 'a.ts:2: '],
    ['core/src/specs/a.ts', "const a = 4 / 2; // it's\nimport { x } from '../plan/index.js';", 'a.ts:2: '],
  ])('%s: %s', async (path, source, expected) => {
    await using dir = await tempDir();
    await withSource(dir, path, source);
    const { code, lines } = await check(dir.path);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(expected);
    expect(code).toBe(1);
  });

  test.each([
    ['core/src/jupyter-node/a.ts', "import type { X } from '../catalog/index.js';"],
    ['core/src/start/a.ts', "import { x } from '../jupyter/index.js';\nimport { y } from '../launch/index.js';"],
    ['core/src/client.ts', "export * from './kernel/index.js';"],
    ['core/src/raw/a.ts', "import net from 'node:net';\nimport { x } from '@kernelkit/zmtp';"],
    ['core/src/notebook/a.ts', "import { parse } from 'lossless-json';\nimport { x } from './b.js';"],
    ['zmtp/src/a.ts', "import net from 'node:net';"],
    ['core/src/specs/a.ts', "// import { x } from '../plan/index.js';"],
    ['core/src/specs/a.ts', "/*\nimport { x } from '../plan/index.js';\n*/"],
    ['core/src/specs/a.ts', "const text = `\nimport { x } from '../plan/index.js';\n`;"],
    ['core/src/specs/a.ts', 'const text = "import(\'../plan/index.js";'],
  ])('allows %s: %s', async (path, source) => {
    await using dir = await tempDir();
    await withSource(dir, path, source);
    expect(await check(dir.path)).toMatchObject({ code: 0 });
  });

  // client.ts → the file beside it
  test.each([
    ['core/src/start/index.ts', "import { createServer } from 'node:net';", "start/index.ts:1: 'node:net'"],
    ['core/src/start/index.ts', "import WebSocket from 'ws';", "start/index.ts:1: 'ws'"],
    ['core/src/start/index.ts', "import { x } from '@kernelkit/zmtp';", "start/index.ts:1: '@kernelkit/zmtp'"],
    ['core/src/start/index.ts', "const x = await import('undici');", "start/index.ts:1: 'undici'"],
    ['core/src/client.ts', "export * from 'node:net';", "client.ts:1: 'node:net'"],
  ])('what a browser reaches: %s: %s', async (path, source, expected) => {
    await using dir = await tempDir();
    await withSource(dir, 'core/src/client.ts', "export { x } from './start/index.js';");
    await dir.write('packages/core/package.json', JSON.stringify({ dependencies: { ws: '8', undici: '7' } }));
    await dir.write(`packages/${path}`, source);
    const { code, lines } = await check(dir.path);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(expected);
    expect(lines[0]).toContain('runs in a browser, by way of core/src/client.ts');
    expect(code).toBe(1);
  });

  test('types are nothing that a browser reaches', async () => {
    await using dir = await tempDir();
    await withSource(dir, 'core/src/client.ts', "export type { X } from './start/index.js';");
    await dir.write('packages/core/src/start/index.ts', "import { createServer } from 'node:net';");
    expect(await check(dir.path)).toMatchObject({ code: 0 });
  });

  test('a place without sources is no success', async () => {
    await using dir = await tempDir();
    const { code, lines } = await check(dir.path);
    expect(code).toBe(1);
    expect(lines[0]).toContain('no source was found');
  });
});
