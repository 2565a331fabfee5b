/** `kernelkit serve --keep`, as its users see it. That kernels are adopted as they should packages/server/test/keep.test.ts shows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import { isolatedEnv } from '../../../testing/support/index.js';
import { addSpec, command, ensureBuilt, faultySpec, kernelkit } from './support.js';

beforeAll(ensureBuilt);

const TOKEN = 'secret-of-the-gateway';

async function serving(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [command, 'serve', '--port', '0', ...args], {
    ...{ env: { ...env, KERNELKIT_SERVE_TOKEN: TOKEN }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    void exited.then(() => reject(new Error(`it ended: ${told}`)));
  });
  return {
    told: () => told,
    async ask(method: string, path: string, body?: string) {
      const headers = { Authorization: `token ${TOKEN}` };
      const answer = await fetch(`${url}api/kernels${path}`, { method, headers, ...(body !== undefined && { body }) });
      return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
    },
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      return (await exited)[0] as number | null;
    },
  };
}

test.skipIf(process.platform === 'win32')(
  'kernels run on when it is ended or killed; it says so, and doctor, too; the next one has them, and one at a time',
  async () => {
    await using user = await isolatedEnv();
    await addSpec(user, 'mine', faultySpec());
    const first = await serving(user.env, '--keep');
    const { body } = await first.ask('POST', '', '{"name":"mine"}');
    const { id } = body as { id: string };
    const state = async (of: typeof first) =>
      ((await of.ask('GET', `/${id}`)).body as { execution_state: string }).execution_state;
    await expect.poll(() => state(first), { timeout: 20_000 }).toBe('idle');
    const second = await kernelkit(['serve', '--port', '0', '--keep'], {
      env: { ...user.env, KERNELKIT_SERVE_TOKEN: TOKEN },
    });
    expect(second).toMatchObject({ status: 7, stdout: '', stderr: expect.stringContaining('keeps its kernels in') });
    expect(await first.end('SIGTERM')).toBe(143);
    expect(first.told()).toContain('1 kernels run on: the same command has them again');
    expect(first.told()).toContain(`kernel ${id} (mine) runs on`);

    const kept = async () => {
      const { stdout } = await kernelkit(['doctor', '--json'], { env: user.env });
      const { steps } = JSON.parse(stdout) as { steps: { name: string; status: string; details: string[] }[] };
      return steps.find(({ name }) => name === 'kept');
    };
    expect(await kept()).toMatchObject({
      status: 'warning',
      details: [expect.stringMatching(`${id}: process \\d+, no gateway`)],
    });
    // what doctor and other commands clear up is not theirs
    const next = await serving(user.env, '--keep');
    await expect.poll(() => state(next)).toBe('idle');
    expect(await kept()).toMatchObject({ status: 'ok' });
    expect(await next.ask('DELETE', `/${id}`)).toMatchObject({ status: 204 });
    expect(await next.end('SIGTERM')).toBe(143);
    expect(await kept()).toBeUndefined();
  },
);
