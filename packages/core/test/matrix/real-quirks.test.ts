/** The quirks of reference/testbed.md §1, by its numbers, on the kernels that have them; what the matrix asks of all is there. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { describeKernel, isolatedEnv } from '../../../../testing/support/index.js';
import { catalog, planKernel, resolveKernel, start, startPlan } from '../../src/index.js';
import { printed, realEntry, resultText, startReal } from '../support.js';
import { startOver } from './observe.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

describeKernel('octave', () => {
  test('1. it beats for seconds before it answers', async () => {
    const { kernel, host } = await startPlan(planKernel(realEntry('octave')));
    await using _ = kernel;
    const { connected, replied } = host.launched.timings;
    expect(replied! - connected!).toBeGreaterThan(1000);
    // 5. it gives its version as a list
    expect(typeof kernel.info.implementation_version).toBe('string');
  });

  test('8. its `python` is the one that the package is for, whichever is first on PATH', async () => {
    await using user = await isolatedEnv();
    const first = await user.dir.dir('first');
    await user.dir.write('first/python', '#!/bin/sh\nexit 9\n', 0o755);
    user.env.PATH = `${first}:${user.env.PATH}`;
    const options = { env: user.env, home: user.home, cwd: user.home, deno: false as const };
    const { entry } = await resolveKernel(await catalog(options), 'octave', options);
    const plan = await planKernel(entry, options);
    expect(plan.problem).toBeNull();
    expect(plan.argv[0]).toMatch(/^\/usr\/bin\/python/);
  });
});

describeKernel(['octave', 'm2'], ({ name }) => {
  test('6. escape codes are in its output where its terminal has a line editor, and not as we start it', async () => {
    const escapes = async (overrides: Record<string, string>) => {
      await using kernel = await startReal(name, { overrides });
      return printed(await kernel.execute('6 * 7')).includes('\x1b[?2004');
    };
    expect(await Promise.all([escapes({ TERM: 'xterm' }), escapes({})])).toEqual([true, false]);
  });
});

describeKernel('m2', () => {
  test('3. a cell that is interrupted is never answered, and ends all the same', async () => {
    await using kernel = await startReal('m2');
    const controller = new AbortController();
    const result = await kernel.execute('while true do sleep 1', {
      signal: controller.signal,
      // it prints nothing before a cell is over
      onMessage: ({ header }) => {
        if (header.msg_type === 'execute_input') controller.abort();
      },
    });
    expect(result).toMatchObject({ status: 'aborted', reply: null });
    // Its interpreter is still in the loop.
    await kernel.restart();
    expect(resultText(await kernel.execute('6 * 7'))).toMatch(/o\d+ = 42$/);
  });
});

describeKernel('ipykernel', ({ prefix, kernelspec }) => {
  test('8. its own kernelspec says `python`, which is that of its environment', async () => {
    await using user = await isolatedEnv();
    const first = await user.dir.dir('first');
    await user.dir.write('first/python', '#!/bin/sh\nexit 9\n', 0o755);
    user.env.PATH = `${first}:${user.env.PATH}`;
    const options = { env: user.env, home: user.home, cwd: user.home, deno: false as const };
    expect(JSON.parse(readFileSync(join(kernelspec!, 'kernel.json'), 'utf8')).argv[0]).toBe('python');
    const { entry } = await resolveKernel(await catalog(options), prefix!, options);
    await using kernel = await start(entry, options);
    expect(printed(await kernel.execute('import sys; print(sys.prefix)'))).toBe(`${prefix}\n`);
  });

  test('9. its kernelspec says more than kernelspecs did, and it more than its kernelspec', async () => {
    const entry = realEntry('ipykernel');
    expect(entry.spec).toMatchObject({ kernel_protocol_version: '5.5', metadata: { supported_encryption: ['curve'] } });
    await using kernel = await start(entry);
    expect(kernel.info.protocol_version).toMatch(/^5\./);
    expect(kernel.info.supported_features).toContain('kernel subshells');
  });

  test('10. its Unix sockets are for everybody, so they lie in a directory that is not', async () => {
    const { kernel, host } = await startOver(realEntry('ipykernel'), 'ipc');
    await using _ = kernel;
    const { ip } = host.launched.connection;
    const names = readdirSync(dirname(ip)).filter((name) => name.startsWith(`${basename(ip)}-`));
    expect(names).toHaveLength(5);
    expect(statSync(dirname(ip)).mode & 0o777).toBe(0o700);
  });

  test('12. what it says on standard error is no failure', async () => {
    const { kernel, noise } = await startOver(realEntry('ipykernel'), 'reserved-ports');
    await using _ = kernel;
    expect(resultText(await kernel.execute('6 * 7'))).toBe('42');
    expect(noise()).toMatch(/encrypt/i);
  });
});

describeKernel('ipykernel6', () => {
  test('11. it rewrites its connection file, which stays ours alone', async () => {
    const { kernel, host } = await startOver(realEntry('ipykernel6'), 'zero-ports');
    await using _ = kernel;
    const { connectionFile, connection } = host.launched;
    const written = JSON.parse(readFileSync(connectionFile, 'utf8'));
    expect(written.shell_port).toBe(connection.shell_port);
    expect(written.shell_port).toBeGreaterThan(0);
    expect(statSync(connectionFile).mode & 0o777).toBe(0o600);
  });
});

describeKernel('xpython-raw', () => {
  test('13. what it prints at once after its start is not lost', async () => {
    vi.stubEnv('TMPDIR', '/tmp');
    for (let again = 0; again < 5; again++) {
      await using kernel = await startReal('xpython-raw');
      expect(printed(await kernel.execute('print("first")'))).toBe('first\n');
    }
  });
});

describeKernel('deno', () => {
  test('it may become idle before its result is out, which is not lost', async () => {
    await using kernel = await startReal('deno');
    for (let again = 0; again < 100; again++) expect(resultText(await kernel.execute(`${again}`))).toBe(`${again}`);
  });

  test('what is queued behind an error is aborted, as other kernels do themselves', async () => {
    await using kernel = await startReal('deno');
    const results = await Promise.all([
      kernel.execute('throw new Error("no")'),
      kernel.execute('1'),
      kernel.execute('2'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['error', 'aborted', 'aborted']);
    expect((await kernel.execute('3')).status).toBe('ok');
  });
});

describeKernel('ir', () => {
  test('IRkernel asks for input although it may not: a clear error, and it goes on', async () => {
    await using kernel = await startReal('ir');
    for (let i = 0; i < 5; i++) {
      await expect(kernel.execute('readline("name? ")')).rejects.toMatchObject({ kind: 'input-not-allowed' });
    }
    expect(resultText(await kernel.execute('6 * 7'))).toBe('[1] 42');
  });
});
