/** What each real server does to a connection, beside the network: drops output, and replays or loses what came while nobody was there. */
import { expect, test } from 'vitest';
import { FaultyProxy } from '../../../../testing/proxy/index.js';
import { describeServer, jupyterServer } from '../../../../testing/servers/index.js';
import { startServerKernel } from '../../src/jupyter/server-kernel.js';
import { firstOutput } from '../matrix/observe.js';
import { printed, resultText } from '../support.js';
import { noticesOf, PRINT_I, settingsOf } from './kernel-support.js';

describeServer(['jupyter-server', 'jupyter-server1', 'notebook6'], ({ name }) => {
  const version = name === 'jupyter-server' ? 'new' : name === 'jupyter-server1' ? 'old' : 'notebook6';

  test('the connection breaks in a cell: its end comes, its lines are in order, and what is missing is told', async () => {
    await using server = await jupyterServer({ version });
    await using proxy = await FaultyProxy.to(server.port);
    await using kernel = await startServerKernel(settingsOf({ url: proxy.through(server.url), token: server.token }));
    const notices = noticesOf(kernel);
    const running = kernel.execute(`import time\nfor i in range(200): ${PRINT_I}; time.sleep(0.01)`);
    await firstOutput(running);
    proxy.reset();
    const result = await running;
    expect(result.status).toBe('ok');
    const lines = printed(result).trim().split('\n').map(Number);
    expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
    expect(notices.map(({ kind }) => kind)).toContain('reconnected');
    if (lines.length < 200) expect(notices.map(({ kind }) => kind)).toContain('lost');
    expect(resultText(await kernel.execute('1 + 1'))).toBe('2');
  });
});

describeServer('jupyter-server', () => {
  test('a server that drops output for its rate: that it did is told', async () => {
    await using server = await jupyterServer({
      config: { ZMQChannelsWebsocketConnection: { iopub_msg_rate_limit: 50 } },
    });
    await using kernel = await startServerKernel(settingsOf(server));
    const notices = noticesOf(kernel);
    const result = await kernel.execute('for i in range(3000): print(i, flush=True)');
    expect(result.status).toBe('ok');
    expect(notices.find(({ kind }) => kind === 'lost')).toMatchObject({
      reason: expect.stringContaining('rate exceeded'),
    });
    expect(resultText(await kernel.execute('1 + 1'))).toBe('2');
  });
});
