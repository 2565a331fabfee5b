import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

test('sources import only each other', () => {
  expect(files.length).toBeGreaterThan(10);
  for (const name of files) {
    const source = readFileSync(`${SOURCES}${name}`, 'utf8');
    const imports = [...source.matchAll(/(?:from|import|import\()\s*['"]([^'"]+)['"]/g)].map((match) => match[1]!);
    expect(
      imports.filter((path) => !/^\.\.?\/.*\.js$/.test(path)),
      name,
    ).toEqual([]);
    // Globals that only Node has.
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(code.match(/\b(?:Buffer|process|require|__dirname|setImmediate)\b\s*[.(]/), name).toBeNull();
  }
});

test('it bundles for a browser, and runs where there is nothing but what browsers have', async () => {
  const result = await build({
    entryPoints: [`${SOURCES}index.ts`],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'protocol',
    target: 'es2022',
    metafile: true,
    logLevel: 'silent',
  });
  expect(result.warnings).toEqual([]);
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.length).toBeGreaterThan(10);
  expect(inputs.filter((path) => !path.includes('packages/protocol/src/'))).toEqual([]);
  const code = result.outputFiles[0]!.text;
  for (const name of builtinModules) expect(code).not.toContain(`"node:${name}"`);

  const answer: unknown = runInNewContext(
    `${code};
    const message = protocol.createMessage({ channel: 'iopub', type: 'stream', session: 's', content: { name: 'stdout', text: 'é😀' }, buffers: [new Uint8Array([1])] });
    const zmq = protocol.decodeZmq(protocol.encodeZmq(message, protocol.unsigned), 'iopub', protocol.unsigned).message;
    const v1 = protocol.decodeWebSocketV1(protocol.encodeWebSocketV1(message));
    const legacy = protocol.decodeWebSocketLegacy(protocol.encodeWebSocketLegacy(message));
    JSON.stringify([zmq, v1, legacy].map((one) => one.content.text + one.buffers[0][0]))`,
    { TextEncoder, TextDecoder, crypto: globalThis.crypto },
  );
  expect(JSON.parse(answer as string)).toEqual(['é😀1', 'é😀1', 'é😀1']);
});

test('a broken import would be found', async () => {
  const bundled = build({
    stdin: { contents: "import { createHmac } from 'node:crypto'; console.log(createHmac);", loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    logLevel: 'silent',
  });
  await expect(bundled).rejects.toThrow('node:crypto');
});
