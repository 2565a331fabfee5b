/** The programs of examples/, used as a reader would use them. */
import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSpec, alive, ensureBuilt, jsonLines, Running, userWith } from '../../packages/cli/test/support.js';
import { startBrowser } from '../browser/index.js';
import { root } from '../docs/blocks.js';
import { examplesProject, runSteps } from '../docs/examples.js';
import { commandFolder } from '../docs/shell.js';
import { describeKernel, describeTool, type TempDir } from '../support/index.js';

let project: TempDir;
beforeAll(async () => {
  project = await examplesProject();
});
afterAll(() => project[Symbol.asyncDispose]());

interface How {
  env: Record<string, string>;
  input?: string | null;
}

const program = (name: string, args: readonly string[], how: How) =>
  new Running(process.execPath, [join(project.path, name), ...args], how);

describeKernel('ipykernel', ({ prefix }) => {
  const user = () => userWith(['ipykernel']);

  describe('an agent’s tool', () => {
    test('keeps state, a deadline and a budget', async () => {
      await using someone = await user();
      const calls = [
        { code: 'x = 6 * 7; x' },
        { code: 'print("a" * 70 + "b" * 70); 1 / 0', characters: 60 },
        { code: 'import time\nprint("begun", flush=True)\ntime.sleep(60)', seconds: 2 },
        { code: 'print(x)' },
        { code: 'while True:\n  try:\n    time.sleep(60)\n  except KeyboardInterrupt: pass', seconds: 1 },
        { code: 'print(x)' },
        { code: 'import os; os._exit(3)' },
        { code: 'print("again")' },
        { code: 'input("who? ")' },
      ];
      const input = `${calls.map((call) => JSON.stringify(call)).join('\n')}\nno JSON\n`;
      await using tool = program('agent-tool.mjs', [], { env: someone.env, input });
      const { status, stdout, stderr } = await tool.ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const answers = jsonLines(stdout);
      const all = { leftOut: 0, notice: null };
      expect(answers[0]).toEqual({ status: 'ok', text: '42\n', ...all });
      expect(answers[1]).toMatchObject({ status: 'error', notice: null });
      expect(answers[1]?.text).toMatch(/^a{30}\n\[… \d+ characters were left out …\]\n[\s\S]{30}$/);
      expect(answers[1]?.text).toContain('division by zero');
      expect(answers[2]).toMatchObject({ status: 'timeout', notice: expect.stringContaining('variables are kept') });
      expect(answers[2]?.text).toMatch(/^begun\nKeyboardInterrupt/);
      expect(answers[3]).toEqual({ status: 'ok', text: '42\n', ...all });
      expect(answers[4]).toMatchObject({ status: 'timeout', notice: expect.stringContaining('variables are gone') });
      expect(answers[5]).toMatchObject({ status: 'error', text: expect.stringContaining('NameError') });
      expect(answers[6]).toMatchObject({ status: 'failed', notice: expect.stringMatching(/died|ended/) });
      expect(answers[7]).toEqual({ status: 'ok', text: 'again\n', ...all });
      expect(answers[8]).toMatchObject({ status: 'error', text: expect.stringContaining('StdinNotImplementedError') });
      expect(answers[9]).toMatchObject({ status: 'failed', notice: expect.stringContaining('SyntaxError') });
      expect(answers).toHaveLength(10);
    });
  });

  describe('an editor’s picker', () => {
    test('groups kernels, says why one does not start, follows changes, and starts what is picked', async () => {
      await using someone = await user();
      await addSpec(someone, 'lost', {
        argv: ['/nowhere/python', '-m', 'x'],
        display_name: 'Lost',
        language: 'python',
      });
      await using picker = program('kernel-picker.mjs', [], { env: someone.env, input: null });
      await picker.until('stdout', /Cannot be started:\n(.*\n)* +✗ Lost: .*nowhere.*\n(.*\n)*Number\?/);
      const mine = await picker.until('stdout', /^Kernels:\n(?:.*\n)*? +(\d+)\. Python 3/m);
      const { argv } = JSON.parse(await readFile(join(prefix!, 'share/jupyter/kernels/python3/kernel.json'), 'utf8'));
      await addSpec(someone, 'new', { argv, display_name: 'Newly installed', language: 'python' });
      await picker.until('stdout', /\d+\. Newly installed/);
      picker.child.stdin?.write(`99\n${mine[1]}\n`);
      await picker.until('stdout', /There is no 99/);
      await picker.until('stdout', /Python 3.* runs \(ipython\): 6 \* 7 is 42/);
      picker.child.stdin?.end();
      expect(await picker.ended).toMatchObject({ status: 0, stderr: '' });
    });
  });

  describe('an Electron-like main process', () => {
    test('owns kernels for a renderer, and they end with it', async () => {
      await using someone = await user();
      const lines = ['import os; print(os.getpid())', 'x = 6', 'x * 7', '1 / 0'];
      await using app = program('electron/main.mjs', ['python3', ...lines], { env: someone.env });
      const { status, stdout, stderr } = await app.ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const [, pid] = /^a kernel for python\n(\d+)\n42\nZeroDivisionError: division by zero\n$/.exec(stdout) ?? [];
      expect(alive(Number(pid))).toBe(false);
    });

    test('tells the renderer what is wrong', async () => {
      await using someone = await user();
      await using app = program('electron/main.mjs', ['nonesuch'], { env: someone.env });
      const { status, stderr } = await app.ended;
      expect(status).toBe(1);
      expect(stderr).toContain('nonesuch');
    });
  });

  describe('a CI pipeline', () => {
    beforeAll(ensureBuilt);

    test('runs the lines of its workflow, and fails where a notebook shows something else', async () => {
      await using someone = await user();
      const place = join(project.path, 'ci');
      // what pip would have made of it
      await symlink(prefix!, join(place, '.venv'));
      const bin = await commandFolder(someone.dir.path);
      const env = {
        ...someone.env,
        PATH: `${bin}:${someone.env.PATH}`,
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: place,
      };
      const steps = await runSteps(join(place, '.github/workflows/notebooks.yml'));
      const step = (name: string) =>
        promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', steps.get(name)!], { cwd: place, env });
      expect([...steps.keys()]).toEqual(['environment', 'its kernel works', 'the notebooks show what they did']);
      await step('its kernel works');
      await step('the notebooks show what they did');
      const report = () => readFile(join(place, 'reports/notebooks.xml'), 'utf8');
      expect(await report()).toMatch(/<testsuites[^>]* failures="0"/);

      await writeFile(join(place, 'notebooks/sales.csv'), 'region,amount\nnorth,13\nsouth,30\n');
      const failure = await step('the notebooks show what they did').catch((error) => error);
      expect(failure).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/::error file=notebooks\/sales\.ipynb,/),
      });
      expect(await report()).toMatch(/<testsuites[^>]* failures="1"/);
    });
  });

  describe('a notebook web app', () => {
    test('is a page, and a gateway that asks for the token', async () => {
      await using someone = await user();
      await using app = program('notebook-app/app.mjs', [], { env: someone.env });
      const [, page, gateway, token] = await app.until('stdout', /^(http:.*\/)#(http:.*\/)\?token=(\w+)$/m);
      expect(await (await fetch(page!)).text()).toContain('<script type="module" src="/page.js">');
      expect(await (await fetch(`${page}page.js`)).text()).not.toContain(token);
      expect((await fetch(`${page}app.ts`)).status).toBe(404);
      expect((await fetch(`${gateway}api/kernels`)).status).toBe(403);
      const headers = { Authorization: `token ${token}` };
      expect(await (await fetch(`${gateway}api/kernels`, { headers })).json()).toEqual([]);
    });

    test('has 60 lines or so, and a page that compiles', async () => {
      const files = ['app.ts', 'page.ts'].map((name) => readFile(join(root, 'examples/notebook-app', name), 'utf8'));
      const code = (await Promise.all(files)).join('').split('\n');
      expect(code.filter((line) => line !== '').length).toBeLessThanOrEqual(60);
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      await promisify(execFile)(process.execPath, [tsc, '-p', join(root, 'examples/notebook-app')]);
    });

    describeTool('browser', (chromium) => {
      let browser: Browser;
      beforeAll(async () => {
        browser = await startBrowser(chromium);
      }, 60_000);
      afterAll(() => browser?.close());

      test('runs cells in a browser', async () => {
        await using someone = await user();
        await using app = program('notebook-app/app.mjs', [], { env: someone.env });
        const [address] = await app.until('stdout', /^http:.*$/m);
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(String(error)));
        page.on('dialog', (dialog) => void dialog.accept('Ada'));
        const run = async (at: number, code: string) => {
          await page.locator('textarea').nth(at).fill(code);
          await page.locator('textarea').nth(at).press('Shift+Enter');
        };
        const shown = (text: string) => page.locator('main pre').filter({ hasText: text }).first().waitFor();
        await page.goto(address);
        await run(0, 'name = input("who? "); print("hello", name)');
        await shown('hello Ada');
        await run(1, '1 / 0');
        await shown('ZeroDivisionError: division by zero');
        await run(2, 'import time; print("begun"); time.sleep(60)');
        await shown('begun');
        await page.locator('#interrupt').click();
        await shown('KeyboardInterrupt');
        await page.locator('#status').filter({ hasText: 'idle' }).waitFor();
        // the path's kernel is still there
        await page.reload();
        await run(0, 'name.upper()');
        await shown('ADA');
        expect(errors).toEqual([]);
        await page.close();
      });
    });
  });
});
