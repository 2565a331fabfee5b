import { delimiter, dirname } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeServer, jupyterServer, pythonOf } from '../../../testing/servers/index.js';
import { isolatedEnv, kernelTest } from '../../../testing/support/index.js';
import { alive, ensureBuilt, kernelkit, notebookOf, userWith } from './support.js';

beforeAll(ensureBuilt);

/** What the kernel's parent is called: kernelkit itself, or a Jupyter server. */
const PARENT = 'import os; print(open(f"/proc/{os.getppid()}/cmdline").read().replace(chr(0), " "))';

describeServer('jupyter-server', ({ name }) => {
  const python = pythonOf(name);

  kernelTest(
    'ipykernel',
    'exec and run start a kernel through a Jupyter server of their own, which ends with them',
    async () => {
      await using user = await userWith(['ipykernel']);
      const env = { ...user.env, PATH: `${dirname(python)}${delimiter}${user.env.PATH ?? ''}` };
      const mode = ['-k', 'python3', '--mode', 'jupyter'];
      const ran = await kernelkit(['exec', ...mode, `${PARENT}; print(os.getppid())`], { env });
      expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/jupyter_server|notebook/) });
      const server = Number(ran.stdout.trim().split('\n').at(-1));
      expect(server).toBeGreaterThan(1);
      expect(alive(server)).toBe(false);

      const path = await user.dir.write('n.ipynb', notebookOf([PARENT]));
      const notebook = await kernelkit(['run', '--stdout', path, ...mode], { env });
      expect(notebook).toMatchObject({ status: 0, stdout: expect.stringMatching(/jupyter_server|notebook/) });
      const raw = await kernelkit(['exec', '-k', 'python3', '--mode', 'raw', PARENT], { env });
      expect(raw.stdout).not.toMatch(/jupyter_server|notebook/);
    },
  );

  test('a kernel that cannot start there is status 4', async () => {
    const bad = { argv: ['/bin/false', '{connection_file}'], display_name: 'Bad', language: 'x' };
    await using server = await jupyterServer({
      specs: { bad },
      config: { AsyncIOLoopKernelRestarter: { time_to_dead: 0.2 } },
    });
    await using user = await isolatedEnv();
    const env = { ...user.env, KERNELKIT_TOKEN: server.token };
    const ran = await kernelkit(['exec', '-k', 'bad', '--server', server.url, '1'], { env });
    expect(ran).toMatchObject({ status: 4, stderr: expect.stringContaining('did not start') });
  });

  test('--mode raw is no way to a kernel of a server', async () => {
    await using server = await jupyterServer({ version: 'new' });
    await using user = await isolatedEnv();
    const env = { ...user.env, KERNELKIT_TOKEN: server.token };
    const ran = await kernelkit(['exec', '-k', 'python3', '--server', server.url, '--mode', 'raw', '1'], { env });
    expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining('--mode raw') });
  });
});
