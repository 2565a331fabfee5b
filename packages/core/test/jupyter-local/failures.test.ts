import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { describeServer } from '../../../../testing/servers/index.js';
import { isolatedEnv, kernel, kernelTest, tempDir } from '../../../../testing/support/index.js';
import { type FoundServer, LocalServerError, startLocalServer } from '../../src/index.js';
import { foundServer } from './support.js';

/** A server whose Python is a shell script. */
async function fake(dir: { write(name: string, text: string, mode: number): Promise<string> }, script: string) {
  const python = await dir.write('bin/python', `#!/bin/sh\n${script}\n`, 0o755);
  return { python, prefix: '/nowhere', package: 'jupyter_server', version: '2.0' } satisfies FoundServer;
}

async function failure(start: Promise<unknown>): Promise<LocalServerError> {
  const error = await start.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LocalServerError);
  return error as LocalServerError;
}

describe('a server that does not start', () => {
  it('ends: with its status, and the last that it printed', async () => {
    await using dir = await tempDir();
    const server = await fake(dir, 'echo something is wrong >&2; exit 3');
    const error = await failure(startLocalServer({ server }));
    expect(error).toMatchObject({ kind: 'local-server-failed', exit: { code: 3, signal: null } });
    expect(error.log).toContain('something is wrong');
    expect(error.message).toContain('ended before it answered');
    expect(error.fix).not.toBeNull();
  });

  it('runs and says nothing: it is given up after its time, and ended', async () => {
    await using dir = await tempDir();
    const server = await fake(dir, 'trap "" TERM; echo $$; while :; do sleep 1; done');
    const error = await failure(startLocalServer({ server, timeout: 300 }));
    expect(error.message).toContain('did not answer within 0.3 s');
    expect(error.exit).toBeNull();
  });

  it('is not there', async () => {
    const server: FoundServer = { python: '/nowhere/python', prefix: '/nowhere', package: 'notebook', version: '6' };
    const error = await failure(startLocalServer({ server }));
    expect(error.message).toContain('there is no program /nowhere/python');
  });

  it('says that it listens where nobody does: its time is waited for, no longer', async () => {
    await using dir = await tempDir();
    const says = 'echo \'{"port": 1}\' > "$JUPYTER_RUNTIME_DIR/jpserver-1.json"; exec sleep 1000';
    const error = await failure(startLocalServer({ server: await fake(dir, says), timeout: 500 }));
    expect(error.message).toContain('did not answer within 0.5 s');
  });

  kernelTest('ipykernel', 'has no such package in it: what is missing is named', async () => {
    const python = kernel('ipykernel').python!;
    const server: FoundServer = { python, prefix: '/nowhere', package: 'jupyter_server', version: '2.0' };
    const error = await failure(startLocalServer({ server }));
    expect(error.message).toContain('jupyter_server');
    expect(error.exit).toEqual({ code: 1, signal: null });
  });
});

describeServer('jupyter-server', () => {
  // what is left of it, the suite finds
  it.each([0, 30, 200, 500, 800])('a start that is given up after %i ms leaves nothing', async (ms) => {
    await using user = await isolatedEnv();
    const controller = new AbortController();
    const starting = startLocalServer({
      ...{ server: foundServer('jupyter-server'), env: user.env, cwd: user.home, signal: controller.signal },
    });
    const settled = starting.then(
      (server) => server.close().then(() => 'started'),
      (error: { kind: string }) => error.kind,
    );
    if (ms > 0) await delay(ms);
    controller.abort();
    expect(['aborted', 'started']).toContain(await settled);
    if (ms === 0) expect(await settled).toBe('aborted');
  });
});
