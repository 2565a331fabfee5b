import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { describeKernel, kernel as provided, tempDir } from '../../../../testing/support/index.js';
import {
  attach,
  catalog,
  findConnectionFile,
  type Kernel,
  planKernel,
  resolveKernel,
  start,
  startPlan,
} from '../../src/index.js';
import { readConnectionFile } from '../../src/start/connection-file.js';
import { join } from '../../src/start/join.js';
import type { HostOptions } from '../../src/start/raw-host.js';
import { faultyEntry, printed, realEntry } from '../support.js';

const run = promisify(execFile);

/** A kernel of ours, and its connection file. */
async function ours(name: 'ipykernel' | 'ir' | 'xpython', transport: 'ipc' | 'tcp' = 'tcp', options: HostOptions = {}) {
  const { kernel, host } = await startPlan(planKernel(realEntry(name), { transport }), options);
  return {
    kernel,
    file: host.launched.connectionFile,
    pid: host.launched.process.pid,
    [Symbol.asyncDispose]: () => kernel.close(),
  };
}

/** Resolves with the text that comes on iopub, once it holds `wanted`. */
function shown(kernel: Kernel, wanted: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const stop = kernel.on('iopub', ({ header, content }) => {
      if (header.msg_type === 'stream') text += (content as { text: string }).text;
      if (!text.includes(wanted)) return;
      stop();
      resolve(text);
    });
  });
}

function becomes(kernel: Kernel, status: string): Promise<void> {
  if (kernel.status === status) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = kernel.on('status', (now) => {
      if (now !== status) return;
      stop();
      resolve();
    });
  });
}

describeKernel('ipykernel', () => {
  test.each(['tcp', 'ipc'] as const)(
    'a second client: its own replies, all output, and it ends nothing (%s)',
    async (transport) => {
      await using first = await ours('ipykernel', transport);
      const second = await attach(first.file);
      expect([second.status, second.info.implementation]).toEqual(['idle', 'ipython']);
      const seen = shown(first.kernel, 'from the second');
      expect(printed(await second.execute('x = 41; print("from the second")'))).toBe('from the second\n');
      expect(await seen).toContain('from the second');
      const other = shown(second, '42');
      expect(printed(await first.kernel.execute('print(x + 1)'))).toBe('42\n');
      expect(await other).toContain('42');
      await second.close();
      await expect(second.execute('1')).rejects.toMatchObject({ kind: 'kernel-closed' });
      expect(printed(await first.kernel.execute('print(x)'))).toBe('41\n');
    },
  );

  test('each is asked its own questions', async () => {
    await using first = await ours('ipykernel');
    await using second = await attach(first.file);
    const answer = (name: string) => ({ onInput: ({ prompt }: { prompt: string }) => `${name} to ${prompt}` });
    const [one, two] = await Promise.all([
      first.kernel.execute('print(input("a"))', answer('first')),
      second.execute('print(input("b"))', answer('second')),
    ]);
    expect([printed(one), printed(two)]).toEqual(['first to a\n', 'second to b\n']);
  });

  test('a busy kernel: at once, with the output that it is printing', async () => {
    await using first = await ours('ipykernel');
    const code = 'import time\nfor i in range(10**6):\n    print("tick", i, flush=True)\n    time.sleep(0.05)';
    const running = first.kernel.execute(code, { collect: false });
    running.done.catch(() => {});
    await shown(first.kernel, 'tick 2');
    await using second = await attach(first.file);
    expect(second.status).toBe('busy');
    expect(await shown(second, 'tick')).toContain('tick');
    // it can interrupt what another one started
    await second.interrupt();
    expect((await running).status).toBe('error');
    await becomes(second, 'idle');
    expect(printed(await second.execute('print(1 + 1)'))).toBe('2\n');
  });

  test('its owner ends it: told, with what waited for it', async () => {
    await using first = await ours('ipykernel', 'tcp', { shutdown: { request: 500 } });
    const second = await attach(first.file);
    const died = new Promise((resolve) => second.on('died', resolve));
    // one that heeds an interrupt may answer before the end
    const waiting = second.execute(
      'import time\nwhile True:\n    try: time.sleep(100)\n    except KeyboardInterrupt: pass',
    );
    await becomes(second, 'busy');
    await first.kernel.close();
    await expect(waiting).rejects.toMatchObject({ kind: 'kernel-died' });
    await died;
    expect(second.status).toBe('dead');
    await second.close();
  });

  test('a connection file is a KERNEL like any other', async () => {
    await using first = await ours('ipykernel');
    const found = await catalog({ deno: false, cache: false });
    const { entry } = await resolveKernel(found, first.file, { cwd: process.cwd() });
    expect(entry).toMatchObject({ source: 'running', argv: [], startable: true, file: first.file });
    const second = await start(entry);
    expect(printed(await second.execute('print("joined")'))).toBe('joined\n');
    await second.close();
    expect(printed(await first.kernel.execute('print("lives")'))).toBe('lives\n');
  });

  describe('with jupyter_client on the other end', () => {
    const peer = provided('peer').python!;

    test('theirs joins ours', async () => {
      await using first = await ours('ipykernel');
      await first.kernel.execute('x = 6');
      const program = `
import sys
from jupyter_client import BlockingKernelClient
c = BlockingKernelClient(); c.load_connection_file(sys.argv[1]); c.start_channels(); c.wait_for_ready(timeout=30)
c.execute_interactive("print(x * 7)", timeout=30); c.stop_channels()`;
      const { stdout } = await run(peer, ['-c', program, first.file], { timeout: 60_000 });
      expect(stdout).toBe('42\n');
      expect(printed(await first.kernel.execute('print(x)'))).toBe('6\n');
    });

    test('ours joins theirs, which goes on', async () => {
      await using dir = await tempDir();
      const program = `
import sys
from jupyter_client import KernelManager
m = KernelManager(kernel_name="python3", connection_file=sys.argv[1])
m.start_kernel(); c = m.blocking_client(); c.start_channels(); c.wait_for_ready(timeout=30)
c.execute_interactive("x = 6", timeout=30)
print(m.connection_file, flush=True)
sys.stdin.readline()
c.execute_interactive("print(y)", timeout=30)
c.stop_channels(); m.shutdown_kernel(now=True)`;
      const env = { ...process.env, JUPYTER_RUNTIME_DIR: dir.path };
      const child = execFile(peer, ['-c', program, dir.join('kernel-4711-abc.json')], { env, timeout: 60_000 });
      let out = '';
      child.stdout!.on('data', (chunk: string) => {
        out += chunk;
      });
      while (!out.includes('\n')) await once(child.stdout!, 'data');
      // by a part of its name, as jupyter console --existing takes it
      const file = await findConnectionFile('4711', { env });
      expect(file).toBe(out.trim());
      expect(await findConnectionFile(undefined, { env })).toBe(file);
      const kernel = await attach(file);
      expect(printed(await kernel.execute('y = x * 7; print(x)'))).toBe('6\n');
      await kernel.close();
      out = '';
      child.stdin!.write('\n');
      await once(child, 'close');
      expect(out).toBe('42\n');
    });
  });

  test('done with what it was asked before: not while its output waits for a listener', async () => {
    await using first = await ours('ipykernel');
    const { raw, channels, caughtUp } = await join(await readConnectionFile(first.file), first.file);
    await using _ = channels;
    const told: string[] = [];
    channels.listen({ message: ({ header }) => void told.push(header.msg_type) });
    void caughtUp.then(() => told.push('done'));
    const printed = new Promise<void>((resolve) => {
      raw.listen({ message: ({ header }) => void (header.msg_type === 'stream' && resolve()) });
    });
    // behind the answer to the question of whoever joined, and its idle
    await Promise.all([first.kernel.execute('print("later")'), printed]);
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    channels.release();
    await caughtUp;
    expect(told).toContain('stream');
    expect(told.at(-1)).toBe('done');
  });

  test('one that has ended: said in time', async () => {
    await using dir = await tempDir();
    const first = await ours('ipykernel');
    const info = JSON.parse(await readFile(first.file, 'utf8'));
    const copy = await dir.write('kernel-left.json', JSON.stringify(info));
    await first.kernel.close();
    await expect(attach(copy, { timeout: 1000 })).rejects.toMatchObject({
      kind: 'kernel-unreachable',
      message: expect.stringContaining('none of its sockets'),
    });
    await expect(attach(copy, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ kind: 'aborted' });
  });
});

describeKernel('ir', () => {
  test('a kernel that never answers on control, busy: taken for busy, and says later who it is', async () => {
    await using first = await ours('ir');
    const running = first.kernel.execute(
      'for (i in 1:3000) { cat("tick", i, "\\n"); flush.console(); Sys.sleep(0.1) }',
    );
    await shown(first.kernel, 'tick 2');
    await using second = await attach(first.file);
    expect([second.status, second.info.implementation]).toEqual(['busy', '']);
    expect(await shown(second, 'tick')).toContain('tick');
    running.done.catch(() => {});
    // by its process, which the journal knows: IRkernel takes no message
    expect(await second.interruptUntilIdle()).toBe('idle');
    await running;
    expect(printed(await second.execute('cat(6 * 7)'))).toBe('42');
    while (second.info.implementation === '') await second.execute('1');
    expect(second.info.implementation).toBe('IRkernel');
  });
});

describe('connection files that are none', () => {
  test.each([
    ['not JSON', '{', 'connection-file-invalid'],
    ['no object', '[]', 'connection-file-invalid'],
    ['without ports', '{"ip": "127.0.0.1", "key": ""}', 'connection-file-invalid'],
    [
      'with ports that are yet to be chosen',
      JSON.stringify({
        ip: '127.0.0.1',
        key: 'k',
        shell_port: 0,
        iopub_port: 0,
        stdin_port: 0,
        control_port: 0,
        hb_port: 0,
        signature_scheme: 'hmac-sha256',
      }),
      'connection-file-invalid',
    ],
    [
      'an unknown scheme',
      JSON.stringify({
        ip: '127.0.0.1',
        key: 'k',
        shell_port: 1,
        iopub_port: 1,
        stdin_port: 1,
        control_port: 1,
        hb_port: 1,
        signature_scheme: 'rot13',
      }),
      'connection-file-invalid',
    ],
  ])('%s', async (_what, text, kind) => {
    await using dir = await tempDir();
    await expect(attach(await dir.write('kernel-x.json', text))).rejects.toMatchObject({
      kind,
      fix: expect.any(String),
    });
  });

  test('not there', async () => {
    await using dir = await tempDir();
    await expect(attach(dir.join('nothing.json'))).rejects.toMatchObject({ kind: 'connection-file-missing' });
    const env = { JUPYTER_RUNTIME_DIR: dir.path };
    for (const query of ['nothing', undefined, dir.join('nothing.json')]) {
      await expect(findConnectionFile(query, { env, home: dir.path })).rejects.toMatchObject({
        kind: 'connection-file-missing',
        searched: [expect.stringContaining(dir.path)],
      });
    }
  });
});

test('one that ends, and whose output is open for longer than the rest: it has died', async () => {
  const { kernel, host } = await startPlan(planKernel(faultyEntry()));
  const second = await attach(host.launched.connectionFile);
  const waiting = second.execute(
    JSON.stringify([
      ['stream', 'x'],
      ['close', 'hb'],
      ['close', 'control'],
      ['close', 'shell'],
      ['wait', 2000],
      ['exit', 0],
    ]),
  );
  await expect(waiting).rejects.toMatchObject({ kind: 'kernel-died' });
  await Promise.all([second.close(), kernel.close()]);
});

test('a kernel whose answers cannot be read: said, with the reason', async () => {
  const { kernel, host } = await startPlan(planKernel(faultyEntry(), { transport: 'tcp' }));
  const info = JSON.parse(await readFile(host.launched.connectionFile, 'utf8'));
  await expect(attach({ ...info, key: 'another' })).rejects.toMatchObject({
    kind: 'kernel-unreachable',
    message: expect.stringContaining('signature'),
  });
  await kernel.close();
});
