/** jupyter_server's gateway client, which `jupyter lab --gateway-url` uses, with nbclient on top, and papermill on that. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeServer, pythonOf } from '../../../testing/servers/index.js';
import { kernel } from '../../../testing/support/index.js';
import { type TestGateway, testGateway } from './support.js';

const programOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A gateway whose kernel takes longer to start than that client gives one whose WebSocket is open: a second. */
async function slowGateway(): Promise<TestGateway> {
  // its WebSocket sends no credentials (jupyter-protocol.md §7)
  const served = await testGateway({ token: '' });
  const code = 'import time, runpy; time.sleep(1.5); runpy.run_module("ipykernel_launcher", run_name="__main__")';
  const argv = [kernel('ipykernel').python, '-c', code, '-f', '{connection_file}'];
  const spec = JSON.stringify({ argv, display_name: 'Slow', language: 'python' });
  await served.home.dir.write('home/.local/share/jupyter/kernels/python3/kernel.json', spec);
  return served;
}

describeServer('jupyter-server', () => {
  test('runs a notebook on a kernel of ours, and ends it', async () => {
    await using served = await slowGateway();
    const { url } = await served.listen();
    const args = [programOf('gateway_client.py'), url.slice(0, -1), 'python3'];
    const options = { env: served.home.env, timeout: 90_000 };
    const { stdout } = await promisify(execFile)(pythonOf('jupyter-server'), args, options);
    const outputs = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(outputs[0]).toEqual([{ output_type: 'stream', name: 'stdout', text: 'hello\n' }]);
    expect(outputs[1][0].data['text/plain']).toBe('42');
    expect(outputs[2]).toEqual([{ output_type: 'stream', name: 'stderr', text: 'err\n' }]);
    expect(outputs[3][0]).toMatchObject({ output_type: 'error', ename: 'ZeroDivisionError' });
    expect(served.gateway.kernels.started).toBe(1);
    expect(served.gateway.kernels.list()).toEqual([]);
  });
});

describeServer('jupyterlab', () => {
  test('papermill runs a notebook with a parameter on a kernel of ours, and ends it', async () => {
    await using served = await slowGateway();
    const { url } = await served.listen();
    const { stdout } = await promisify(execFile)(pythonOf('jupyterlab'), [programOf('papermill_client.py'), '7'], {
      ...{ cwd: served.root, env: { ...served.home.env, JUPYTER_GATEWAY_URL: url.slice(0, -1) }, timeout: 90_000 },
    });
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!).at(-1)).toMatchObject([{ text: '42\n' }]);
    expect(served.gateway.kernels.started).toBe(1);
    expect(served.gateway.kernels.list()).toEqual([]);
  });
});
