/** `jupyter console --existing` on a kernel of the gateway, while a client of the gateway has it too. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { connectServerKernel } from '@kernelkit/core';
import { expect, test } from 'vitest';
import { describeKernel, peerPython } from '../../../testing/support/index.js';
import { settingsOf } from '../../core/test/jupyter/kernel-support.js';
import { printed } from '../../core/test/support.js';
import { testGateway } from './support.js';

interface Reading {
  readonly kernelspec: string;
  readonly transport: string;
  /** What the gateway's client runs first, the console then, and the client at the end. */
  readonly cells: readonly [string, string, string];
}

const READINGS: Record<string, Reading> = {
  ipykernel: { kernelspec: 'python3', transport: 'ipc', cells: ['a = 40', 'b = a + 2; print("b is", b)', 'print(b)'] },
  // not over Unix sockets: its own can none
  deno: {
    ...{ kernelspec: 'deno', transport: 'tcp' },
    cells: ['var a = 40', 'var b = a + 2; console.log("b is", b)', 'console.log(b)'],
  },
};

/** @returns what it printed */
async function consoleOf(file: string, line: string, env: Record<string, string>): Promise<string> {
  const running = promisify(execFile)(
    ...[peerPython(), ['-m', 'jupyter_console', '--existing', file, '--simple-prompt']],
    ...[{ env, timeout: 50_000 }],
  );
  running.child.stdin!.end(`${line}\n`);
  return (await running).stdout;
}

describeKernel('peer', () => {
  describeKernel(['ipykernel', 'deno'], ({ name }) => {
    const { kernelspec, transport, cells } = READINGS[name]!;

    test(`over ${transport}: each sees what the other did, and the kernel outlives it`, async () => {
      await using served = await testGateway({ names: [name] });
      const { url } = await served.listen();
      const { id, hub } = await served.gateway.kernels.create({ name: kernelspec });
      const settings = settingsOf({ url, token: served.gateway.token });
      await using kernel = await connectServerKernel(settings, id);
      const seen: string[] = [];
      kernel.on('iopub', ({ header, content }) => {
        if ((header.msg_type as string) === 'stream') seen.push((content as { text: string }).text);
      });
      await kernel.execute(cells[0]);
      const told = await served.ask('GET', `api/kernels/${id}/connection`);
      const { connection_file: file } = (await told.json()) as { connection_file: string };
      expect((await stat(file)).mode & 0o077).toBe(0);
      expect(await consoleOf(file, cells[1], served.home.env)).toMatch(/b is 42\n.*keeping kernel alive/s);
      expect(printed(await kernel.execute(cells[2]))).toBe('42\n');
      expect(seen.join('')).toBe('b is 42\n42\n');
      await hub.restart();
      // another process, another file
      const after = await served.ask('GET', `api/kernels/${id}/connection`);
      const { connection_file: next } = (await after.json()) as { connection_file: string };
      expect(await consoleOf(next, cells[1].replace('a + 2', '7'), served.home.env)).toContain('b is 7\n');
    });
  });
});

describeKernel('ipykernel', () => {
  test('no file while it is not up; who has no token hears of none', async () => {
    await using served = await testGateway();
    const { url } = await served.listen();
    const { id, hub } = await served.gateway.kernels.create({ name: 'python3' });
    const at = async () => (await served.ask('GET', `api/kernels/${id}/connection`)).json();
    expect(await at()).toEqual({ connection_file: null });
    await hub.ready;
    expect(await at()).toMatchObject({ connection_file: expect.stringMatching(/kernel-.*\.json$/) });
    expect((await fetch(`${url}api/kernels/${id}/connection`)).status).toBe(403);
    await hub.close();
    expect(await at()).toEqual({ connection_file: null });
  });
});
