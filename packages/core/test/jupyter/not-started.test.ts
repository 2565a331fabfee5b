/** A kernel that cannot start: its server tries five times and forgets it, and tells nothing of it on the WebSocket. */
import { expect, test } from 'vitest';
import { describeServer, jupyterServer } from '../../../../testing/servers/index.js';
import { JupyterServer, ServerStartFailedError, startServerKernel } from '../../src/jupyter/index.js';
import { settingsOf } from './kernel-support.js';

const BAD = { argv: ['/bin/false', '{connection_file}'], display_name: 'Bad', language: 'x' };

for (const [program, version] of [
  ['jupyter-server', 'new'],
  ['jupyter-server1', 'old'],
  ['notebook6', 'notebook6'],
] as const) {
  describeServer(program, () => {
    test('a kernel that cannot start is told when its server has given it up, and not when the patience ends', async () => {
      await using server = await jupyterServer({
        version,
        specs: { bad: BAD },
        // or it would take the server a quarter of a minute
        config: { KernelRestarter: { time_to_dead: 0.2 }, AsyncIOLoopKernelRestarter: { time_to_dead: 0.2 } },
      });
      const settings = settingsOf(server);
      const begin = performance.now();
      const answerTimeout = 600_000;
      const started = startServerKernel(settings, { name: 'bad', answerTimeout });
      await expect(started).rejects.toBeInstanceOf(ServerStartFailedError);
      await expect(started).rejects.toMatchObject({ kind: 'server-start-failed', fix: expect.any(String) });
      expect(performance.now() - begin).toBeLessThan(answerTimeout);
      const rest = new JupyterServer(settings);
      expect([await rest.kernels(), await rest.sessions()]).toEqual([[], []]);
    });
  });
}
