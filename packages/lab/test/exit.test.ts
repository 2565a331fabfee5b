import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { suiteEnv } from '../../../testing/support/index.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** In a Node of its own, on the built packages: what keeps it from ending. */
const PROGRAM = `
  import services from '@jupyterlab/services';
  import { endManagers, serverSettings } from '@kernelkit/lab';
  import { createGateway } from '@kernelkit/server';
  const { KernelManager, KernelSpecManager, ServiceManager, SessionManager } = services;
  const gateway = createGateway({ find: async () => ({ kernels: [], searched: [] }) });
  const own = { serverSettings: serverSettings(gateway) };
  const kernels = new KernelManager(own);
  const all = new ServiceManager(own);
  const managers = [all, kernels, new SessionManager({ ...own, kernelManager: kernels }), new KernelSpecManager(own)];
  await Promise.all(managers.map(({ ready }) => ready));
  await HOW;
  await gateway[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  console.log(JSON.stringify(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')));
  THEN`;

test.each([
  // it ends by itself
  ['endManagers(...managers)', '', []],
  // what it is for
  ['Promise.all(managers.map((manager) => manager.dispose()))', 'process.exit()', ['Timeout']],
])('what is left after %s', async (how, then, expected) => {
  const program = PROGRAM.replace('HOW', how).replace('THEN', then);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { ...process.env, ...suiteEnv() },
  });
  const left = JSON.parse(stdout.trim().split('\n').at(-1)!) as string[];
  expect([...new Set(left)]).toEqual(expected);
});
