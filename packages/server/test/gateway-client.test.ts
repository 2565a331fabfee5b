/** jupyter_server's gateway client, which `jupyter lab --gateway-url` uses, with nbclient on top. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeServer, pythonOf } from '../../../testing/servers/index.js';
import { testGateway } from './support.js';

const program = fileURLToPath(new URL('gateway_client.py', import.meta.url));

describeServer('jupyter-server', () => {
  test('runs a notebook on a kernel of ours, and ends it', async () => {
    // its WebSocket sends no credentials (jupyter-protocol.md §7)
    await using served = await testGateway({ token: '' });
    const { url } = await served.listen();
    const { stdout } = await promisify(execFile)(pythonOf('jupyter-server'), [program, url.slice(0, -1), 'python3'], {
      env: served.home.env,
      timeout: 90_000,
    });
    const outputs = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(outputs[0]).toEqual([{ output_type: 'stream', name: 'stdout', text: 'hello\n' }]);
    expect(outputs[1][0].data['text/plain']).toBe('42');
    expect(outputs[2]).toEqual([{ output_type: 'stream', name: 'stderr', text: 'err\n' }]);
    expect(outputs[3][0]).toMatchObject({ output_type: 'error', ename: 'ZeroDivisionError' });
    expect(served.gateway.kernels.started).toBe(1);
    expect(served.gateway.kernels.list()).toEqual([]);
  });
});
