import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../packages/cli/test/support.js';
import { allBlocks, blocksOf } from '../docs/blocks.js';
import { asProject, runProgram, typeErrors } from '../docs/programs.js';
import { reader } from '../docs/reader.js';
import { asPrinted, typeLines } from '../docs/shell.js';
import { freePort, jupyterServer } from '../servers/index.js';
import { type TempDir, tempDir } from '../support/index.js';

const blocks = allBlocks();
const programs = blocks.filter(({ language, notRun }) => language === 'ts' && notRun === null);
const shells = blocks.filter(({ language, notRun }) => language === 'sh' && notRun === null);

let project: TempDir;
beforeAll(async () => {
  await ensureBuilt();
  project = await tempDir();
  await asProject(project.path);
});
afterAll(() => project[Symbol.asyncDispose]());

/** Runs `work` with a function from what pages print to what there is. */
async function withPlaces(needs: readonly string[], work: (edit: (text: string) => string) => Promise<void>) {
  await using server = needs.includes('server') ? await jupyterServer() : null;
  const port = await freePort();
  await work((text) => {
    const local = text.replace(/\b(?<=[: ])9000\b/g, String(port));
    if (server === null) return local.replace(/=…/g, '=page-token');
    return local
      .replace(/http:\/\/localhost:8888(\/lab)?/g, server.url.replace(/\/$/, ''))
      .replace(/(token|TOKEN)=…/g, `$1=${server.token}`);
  });
}

test('the programs that pages show are programs', async () => {
  expect(await typeErrors(project.path, programs)).toBe('');
});

describe('each runs', () => {
  test.each(programs.map((block) => [`${block.file}:${block.line}`, block] as const))('%s', async (_, block) => {
    await using user = await reader(block.with);
    await withPlaces(block.with, async (edit) => {
      const { stdout } = await runProgram(project.path, block, edit, user.env);
      if (block.code.includes('console.log')) expect(stdout).not.toBe('');
    });
  });
});

describe('lines that pages show work as they are typed', () => {
  test.each(shells.map((block) => [`${block.file}:${block.line}`, block] as const))('%s', async (_, block) => {
    await using user = await reader(block.with);
    await withPlaces(block.with, async (edit) => {
      const { stdout } = await typeLines(block, edit, { cwd: user.home, env: user.env });
      if (block.printed !== null) expect(stdout).toMatch(asPrinted(block.printed, user.home));
    });
  });
});

test('what is said to be printed is told from what is not', () => {
  const pattern = asPrinted('a (1.5 ms) b\n  …\n~/x [y]', '/home/some.one');
  expect('a (20 ms) b\n1\n2\n/home/some.one/x [y]').toMatch(pattern);
  expect('a (20 ms) c\n1\n/home/some.one/x [y]').not.toMatch(pattern);
  expect('a (20 ms) b\n1\n/home/someXone/x [y]').not.toMatch(pattern);
});

test('what is not run says why', () => {
  const others = blocks.filter((block) => !programs.includes(block) && !shells.includes(block));
  for (const { file, line, notRun } of others) expect(notRun, `${file}:${line}`).toMatch(/\w+ \w+/);
});

test('blocks are found as they stand', () => {
  const text =
    '# A\n\n<!-- docs: with server -->\n<!-- docs: before\nlet x = 1;\n-->\n\n```ts\nf(x);\n```\n\ntext\n\n    kernelkit ps\n    ls\n' +
    '\n<!-- docs: printed -->\n```text\na\n```\n\n```text\npicture\n```\n';
  const of = (language: string, line: number, code: string) => ({
    ...{ file: 'a.md', line, language, code, notRun: null, with: [], before: '', printed: null },
  });
  expect(blocksOf(text, 'a.md')).toEqual([
    { ...of('ts', 9, 'f(x);'), with: ['server'], before: 'let x = 1;\n' },
    { ...of('sh', 14, 'kernelkit ps\nls'), printed: 'a' },
  ]);
  expect(() => blocksOf('<!-- docs: hello -->\n\n    ls\n', 'a.md')).toThrow('a.md:3');
});
