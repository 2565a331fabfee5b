import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeServer } from '../../../../testing/servers/index.js';
import { isolatedEnv, kernelTest } from '../../../../testing/support/index.js';
import { type PlanKernelOptions, planKernel, startThroughLocalServer } from '../../src/index.js';
import { entryOf, printed, realEntry, resultText } from '../support.js';
import { foundServer, LOCAL, privateDirOf, runs } from './support.js';

const SERVER_PID = 'import os; print(os.getppid())';

describeServer(LOCAL, ({ name }) => {
  it('runs in the environment of its plan, and its end is the end of the server', async () => {
    await using user = await isolatedEnv({ extra: { TAKEN: 'away', KEPT: 'as it is', JUPYTER_PATH: '/nowhere' } });
    const { env, home: cwd } = user;
    const planned: PlanKernelOptions = { env, cwd, overrides: { ADDED: '$KEPT {prefix} $$', TAKEN: null } };
    const kernel = await startThroughLocalServer(planKernel(realEntry('ipykernel'), planned), {
      ...{ server: foundServer(name), env, path: 'a notebook.ipynb', type: 'notebook' },
    });
    const names = ['ADDED', 'KEPT', 'TAKEN', 'JUPYTER_PATH', 'JUPYTER_DATA_DIR', 'JUPYTER_CONFIG_DIR'];
    const code = `import os, json; print(json.dumps([os.getcwd()] + [os.environ.get(n) for n in ${JSON.stringify(names)}]))`;
    expect(JSON.parse(printed(await kernel.execute(code)))).toEqual([
      ...[cwd, '$KEPT {prefix} $$', 'as it is', null, '/nowhere', env.JUPYTER_DATA_DIR, env.JUPYTER_CONFIG_DIR],
    ]);
    const server = Number(printed(await kernel.execute(SERVER_PID)));
    expect(runs(server)).toBe(true);
    const dir = privateDirOf(server);
    await kernel.restart();
    expect(resultText(await kernel.execute('6 * 7'))).toBe('42');
    await kernel.close();
    expect(runs(server)).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  it('tells that the kernel is gone, soon, when its server is killed', async () => {
    await using user = await isolatedEnv();
    const { env, home: cwd } = user;
    const kernel = await startThroughLocalServer(planKernel(realEntry('ipykernel'), { env, cwd }), {
      ...{ server: foundServer(name), env },
    });
    const server = Number(printed(await kernel.execute(SERVER_PID)));
    const dir = privateDirOf(server);
    const begin = performance.now();
    const running = kernel.execute('import time; time.sleep(1000)').then(
      () => null,
      (error: unknown) => error,
    );
    process.kill(server, 'SIGKILL');
    expect(await running).toMatchObject({ kind: expect.stringMatching(/^kernel-/) });
    expect(performance.now() - begin).toBeLessThan(15_000);
    await kernel.close();
    expect(existsSync(dir)).toBe(false);
  });
});

describeServer('jupyter-server', () => {
  kernelTest('ir', 'a program that is known by its name alone is found as the plan finds it', async () => {
    await using user = await isolatedEnv();
    const { env, home: cwd } = user;
    await using kernel = await startThroughLocalServer(planKernel(realEntry('ir'), { env, cwd }), {
      ...{ server: foundServer('jupyter-server'), env },
    });
    expect(resultText(await kernel.execute('6 * 7'))).toContain('42');
  });

  it('starts no server for what cannot be started, is not trusted, or was given up', async () => {
    await using user = await isolatedEnv();
    const { env, home: cwd } = user;
    const options = { server: foundServer('jupyter-server'), env };
    const missing = planKernel(entryOf({ argv: ['no-such-program-here', '{connection_file}'] }), {
      ...{ env, cwd: user.dir.join('gone') },
    });
    await expect(startThroughLocalServer(missing, options)).rejects.toMatchObject({ name: 'KernelStartError' });
    const plan = await planKernel(realEntry('ipykernel'), { env, cwd });
    const untrusted = startThroughLocalServer(plan, { ...options, trust: () => false });
    await expect(untrusted).rejects.toMatchObject({ kind: 'untrusted-spec' });
    const given = startThroughLocalServer(plan, { ...options, signal: AbortSignal.abort('enough') });
    await expect(given).rejects.toMatchObject({ kind: 'aborted' });
  });

  it('ends the server of a kernel that ends at its start, and says so', async () => {
    await using user = await isolatedEnv();
    const { env, home: cwd } = user;
    const dies = entryOf({ argv: ['/bin/sh', '-c', 'exit 3', '{connection_file}'], display_name: 'Dies' });
    const started = startThroughLocalServer(planKernel(dies, { env, cwd }), {
      ...{ server: foundServer('jupyter-server'), env, answerTimeout: 20_000 },
    });
    await expect(started).rejects.toThrow();
  });
});
