import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type TempDir, tempDir } from '../support/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const config = 'testing/test/fixtures/suite/vitest.config.ts';

interface Run {
  readonly code: number;
  readonly output: string;
  readonly summary: { passed: number; failed: number; skipped: number };
}

/** A whole vitest run, with the suite's set-up and reporter, over one fixture file. */
async function suiteRun(dir: TempDir, fixture: string, env: Record<string, string> = {}): Promise<Run> {
  const summary = dir.join(`${fixture}.json`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', config, `fixtures/suite/${fixture}.test.ts`];
  const extra = { KERNELKIT_TEST_SUMMARY: summary, KERNELKIT_TEST_GRACE_MS: '500', NO_COLOR: '1', CI: '', ...env };
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: root, env: { ...process.env, ...extra } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
  return { code, output, summary: JSON.parse(await readFile(summary, 'utf8')) };
}

describe('the leak check', () => {
  test.skipIf(process.platform !== 'linux')(
    'fails a run whose tests pass but leave things behind, names them and ends them',
    async () => {
      await using dir = await tempDir();
      const { code, output, summary } = await suiteRun(dir, 'leaking');
      expect(code).toBe(1);
      expect(summary).toEqual({ passed: 4, failed: 1, skipped: 0 });
      const list = output.slice(output.indexOf('the tests left something behind:'));
      const pids = [...list.matchAll(/process (\d+): (sleep 1234|\/bin\/sh .*connection\.json)$/gm)].map((match) =>
        Number(match[1]),
      );
      expect(pids).toHaveLength(3);
      const files = [...list.matchAll(/file {4}(\S+)/g)].map((match) => match[1]!);
      expect(files.map((file) => file.replace(/^.*kkt-[^/]+\//, '').replace(/-.*/, '')).sort()).toEqual([
        'd',
        't/kernelkit',
      ]);
      for (const file of files) expect(existsSync(file)).toBe(false);
      // empty for a process that ended and that nobody has waited for yet; the file is not there for one that is gone
      for (const pid of pids) expect(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).toBe('');
    },
  );

  test.skipIf(process.platform !== 'linux').each(['SIGINT', 'SIGTERM'] as const)(
    'a run that %s ends leaves nothing either',
    async (signal) => {
      await using dir = await tempDir();
      const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', config, 'fixtures/suite/hanging.test.ts'];
      const child = spawn(process.execPath, args, {
        cwd: root,
        env: { ...process.env, TMPDIR: dir.path, NO_COLOR: '1' },
      });
      const closed = once(child, 'close');
      let output = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        output += chunk;
        if (/waiting in .*\n/.test(output)) child.kill(signal);
      }
      await closed;
      const [, waiting, pid] = /waiting in (\S+) for (\d+)/.exec(output) ?? [];
      expect(waiting).toContain(dir.path);
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).toBe('');
      // vitest's own folder of transformed sources is not the suite's
      expect((await readdir(dir.path)).filter((name) => name.startsWith('kkt-'))).toEqual([]);
    },
  );

  test('says nothing of a run that put everything away', async () => {
    await using dir = await tempDir();
    const { code, output, summary } = await suiteRun(dir, 'clean');
    expect(output).not.toContain('left something behind');
    expect({ code, summary }).toEqual({ code: 0, summary: { passed: 1, failed: 0, skipped: 0 } });
  });
});

describe('the count', () => {
  const ipykernel = { name: 'ipykernel', available: true, kernelspec: '/k/i', version: '7' };
  const deno = { name: 'deno', available: true, kernelspec: null, version: '2' };
  const ir = { name: 'ir', available: false, kernelspec: null, version: null, reason: 'no R on this machine' };
  const lacking = JSON.stringify({ kernels: { ipykernel, deno, ir } });

  test('what passes only when tried again, as is done in CI, is listed', async () => {
    await using dir = await tempDir();
    const { code, output, summary } = await suiteRun(dir, 'flaky', { CI: '1' });
    expect({ code, summary }).toEqual({ code: 0, summary: { passed: 2, failed: 0, skipped: 0 } });
    expect(output).toMatch(/passed when tried again\n {2}\S*flaky\.test\.ts > passes the second time\n(?! {2})/);
    expect((await suiteRun(dir, 'flaky')).summary).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('lists by name what was skipped for want of a kernel', async () => {
    await using dir = await tempDir();
    const list = await dir.write('kernels.json', lacking);
    const { code, output, summary } = await suiteRun(dir, 'mixed', {
      KERNELKIT_TEST_KERNELS: list,
      KERNELKIT_REQUIRE_KERNELS: '',
    });
    expect({ code, summary }).toEqual({ code: 1, summary: { passed: 2, failed: 1, skipped: 2 } });
    expect(output).toMatch(
      /skipped for want of a kernel: ir\n.*mixed\.test\.ts > \[no kernel: ir\] > runs on a kernel\n/,
    );
    expect(output).not.toContain('want of a kernel: ipykernel');
  });

  test.each(['all', 'deno, ir'])(
    'a kernel that KERNELKIT_REQUIRE_KERNELS=%s asks for fails instead',
    async (required) => {
      await using dir = await tempDir();
      const list = await dir.write('kernels.json', lacking);
      const env = { KERNELKIT_TEST_KERNELS: list, KERNELKIT_REQUIRE_KERNELS: required };
      const { output, summary } = await suiteRun(dir, 'mixed', env);
      expect(summary).toEqual({ passed: 2, failed: 2, skipped: 1 });
      expect(output).toContain('no R on this machine');
    },
  );

  test('a tool that is missing is listed, too, and fails where it is required', async () => {
    await using dir = await tempDir();
    const uv = { name: 'uv', available: true, version: '1', program: '/t/uv', reason: null };
    const hatch = { name: 'hatch', available: false, version: null, program: null, reason: 'pip found none' };
    const list = await dir.write('list-of-tools.json', JSON.stringify({ tools: { uv, hatch } }));
    const ofRun = (required: string) =>
      suiteRun(dir, 'tools', { KERNELKIT_TEST_TOOLS: list, KERNELKIT_REQUIRE_KERNELS: required });
    const lenient = await ofRun('');
    expect(lenient.summary).toEqual({ passed: 1, failed: 0, skipped: 1 });
    expect(lenient.output).toMatch(/skipped for want of a tool: hatch\n.*> \[no tool: hatch\] > makes another\n/);
    const strict = await ofRun('all');
    expect(strict.summary).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(strict.output).toContain('pip found none');
  });

  test('a file that cannot be read is a failure', async () => {
    await using dir = await tempDir();
    const { code, summary } = await suiteRun(dir, 'broken');
    expect(code).toBe(1);
    expect(summary.failed).toBeGreaterThan(0);
  });
});
