import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** In a Node of its own, on the built packages: what keeps it from ending. */
const PROGRAM = `
  import { KernelManager, KernelSpecManager, ServiceManager, SessionManager } from '@jupyterlab/services';
  import { endManagers, serverSettings } from '@kernelkit/lab';
  import { createGateway } from '@kernelkit/server';
  const gateway = createGateway({ rootDir: process.env.HOME });
  const own = { serverSettings: serverSettings(gateway) };
  const kernelManager = new KernelManager(own);
  const sessions = new SessionManager({ ...own, kernelManager });
  const managers = [sessions, kernelManager, new KernelSpecManager(own), new ServiceManager(own)];
  await Promise.all(managers.map(({ ready }) => ready));
  const session = await sessions.startNew({ path: 'a', name: 'a', type: 'console', kernel: { name: 'python3' } });
  const { content } = await session.kernel.requestExecute({ code: '6 * 7' }).done;
  console.log(content.status);
  await HOW;
  await gateway[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  console.log(process.getActiveResourcesInfo().includes('Timeout'));
  THEN`;

describeKernel('ipykernel', ({ jupyterPath }) => {
  test.each([
    ['endManagers(...managers): it ends by itself', 'endManagers(...managers)', ''],
    // what it is for
    ['their own dispose: a timer', 'managers.map((manager) => manager.dispose())', 'process.exit()'],
  ])('what is left after %s', async (_what, how, then) => {
    await using user = await isolatedEnv({ jupyterPath: [jupyterPath!] });
    const program = PROGRAM.replace('HOW', how).replace('THEN', then);
    const argv = ['--input-type=module', '-e', program];
    // a timer of the kernelspecs would keep it for a minute
    const options = { cwd: root, env: user.env, timeout: 40_000 };
    const said = (await promisify(execFile)(process.execPath, argv, options)).stdout.trim().split('\n');
    expect(said).toContain('ok');
    if (then !== '') expect(said.at(-1)).toBe('true');
  });
});
