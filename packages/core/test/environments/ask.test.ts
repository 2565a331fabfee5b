import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { layOut, python } from '../../../../testing/environments/index.js';
import { askInterpreter } from '../../src/environments/ask.js';
import { EnvironmentCache } from '../../src/environments/index.js';
import { AbortedError } from '../../src/errors/index.js';
import { NodeFiles } from '../../src/files/index.js';
import { processAlive } from '../support.js';
import { type Machine, machine, search } from './support.js';

/** A script named python on PATH, which is all that is known of it. */
function script(home: Machine, body: string, name = 'python'): string {
  const path = home.join('own', 'bin', name);
  home.target.file(path, `#!/bin/sh\necho "$0" >> ${home.join('started')}\n${body}\n`, 0o755);
  return path;
}

const answer = (prefix: string, executable: string) => `printf '%s\\n' '${prefix}' 3.11.4 '${executable}'`;

const started = (home: Machine) =>
  existsSync(home.join('started')) ? readFileSync(home.join('started'), 'utf8').trim().split('\n') : [];

/** A script that hangs, with a child that would outlive it. */
const HANGS = (home: Machine) => `/bin/sleep 600 & echo $! > ${home.join('pid')}; echo $$ >> ${home.join('pid')}; wait`;

function pids(home: Machine): number[] {
  return readFileSync(home.join('pid'), 'utf8').trim().split('\n').map(Number);
}

async function untilGone(processes: readonly number[]): Promise<void> {
  for (;;) {
    // a zombie is dead: whoever inherited it has not reaped it yet
    const alive = processes.filter(
      (pid) => processAlive(pid) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
    );
    if (alive.length === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a program that no file tells of', () => {
  test('is asked, once: the cache knows it then, until it changes', async () => {
    await using home = await machine();
    python(home.ground, home.join('opt', 'py'), '3.11.4', { header: false });
    const path = script(home, answer(home.join('opt', 'py'), path_(home)));
    const cache = () => new EnvironmentCache(home.join('cache.json'));
    for (let round = 0; round < 2; round++) {
      const mine = cache();
      const { environments, errors } = await search({ ...home.options, cache: mine }, home.home);
      mine.save();
      expect(errors).toEqual({});
      expect(environments).toMatchObject([
        { kind: 'unknown', prefix: home.join('opt', 'py'), python: path, version: '3.11.4' },
      ]);
    }
    expect(started(home)).toEqual([path]);
    script(home, `true\n${answer(home.join('opt', 'py'), path_(home))}`);
    await search({ ...home.options, cache: cache() }, home.home);
    expect(started(home)).toHaveLength(2);
  });

  test('that starts an interpreter which was found by itself: another name for that', async () => {
    await using home = await machine();
    const [laid] = layOut(home.ground, [{ as: 'pyenv', version: '3.11.4' }], home.workspace);
    const path = script(home, answer(laid!.prefix, `${laid!.prefix}/bin/python3.11`));
    const { environments } = await search(home.options, home.home);
    expect(environments).toHaveLength(1);
    expect(environments[0]!.aliases).toContain(path);
  });

  test('is not asked where the caller does not want it, and shims never are', async () => {
    await using home = await machine();
    script(home, answer('/x', '/x'));
    const { environments } = await search({ ...home.options, ask: false }, home.home);
    layOut(home.ground, [{ as: 'pyenv' }], home.workspace);
    home.target.file(home.join('.pyenv', 'shims', 'python3'), `#!/bin/sh\ntouch ${home.join('shimmed')}\n`, 0o755);
    await search({ ...home.options, env: { ...home.options.env, PATH: home.join('.pyenv', 'shims') } }, home.home);
    expect(environments).toEqual([]);
    expect([started(home), existsSync(home.join('shimmed'))]).toEqual([[], false]);
  });

  test.each([
    ['says nothing', 'exit 0', /did not say what it is/],
    ['fails', 'exit 3', /status 3|did not say/],
    ['talks without end', 'while :; do echo 0123456789012345678901234567890123456789; done', /far too much/],
    ['is no program', null, /EACCES/],
  ])('one that %s is a place with an error, and the others are asked', async (_what, body, error) => {
    await using home = await machine();
    python(home.ground, home.join('opt', 'py'), '3.11.4');
    const path = script(home, body ?? 'exit 1');
    if (body === null) chmodSync(path, 0o644);
    script(home, answer(home.join('opt', 'py'), '/x'), 'python3');
    const found = await search(
      { ...home.options, env: { ...home.options.env, PATH: home.join('own', 'bin') } },
      home.home,
    );
    expect(found.environments.map(({ prefix }) => prefix)).toEqual([home.join('opt', 'py')]);
    expect(Object.keys(found.errors)).toEqual([path]);
    expect(found.errors[path]).toMatch(error);
  });

  test('one that hangs is ended in time, with everything that it started', async () => {
    await using home = await machine();
    const path = script(home, HANGS(home));
    const options = { env: home.options.env, timeoutMs: 300 };
    const [said] = await askInterpreter([path], new NodeFiles(), undefined, undefined, options);
    expect(said).toMatchObject({ error: expect.stringContaining('within 0.3 s') });
    await untilGone(pids(home));
  });

  test('one whose child keeps its output open does not keep the search', async () => {
    await using home = await machine();
    const path = script(home, `/bin/sleep 600 & echo $! > ${home.join('pid')}; exit 4`);
    const [said] = await askInterpreter([path], new NodeFiles(), undefined, undefined, { env: home.options.env });
    expect(said).toMatchObject({ error: expect.stringContaining('status 4') });
    await untilGone(pids(home));
  });
});

describe('a search that is aborted', () => {
  test('before it begins, and between two environments', async () => {
    await using home = await machine();
    layOut(home.ground, [{ as: 'venv' }, { as: 'poetry' }, { as: 'pipx' }], home.workspace);
    const reason = new Error('enough');
    await expect(search({ ...home.options, signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      cause: reason,
    });
    const { findEnvironments } = await import('../../src/environments/index.js');
    const controller = new AbortController();
    const seen: string[] = [];
    const run = async () => {
      for await (const finding of findEnvironments({ ...home.options, signal: controller.signal })) {
        if (finding.type !== 'environment') continue;
        seen.push(finding.environment.kind);
        controller.abort();
      }
    };
    await expect(run()).rejects.toBeInstanceOf(AbortedError);
    expect(seen).toHaveLength(1);
  });

  test('while an interpreter is asked: nothing is left running', async () => {
    await using home = await machine();
    execFileSync('mkfifo', [home.join('ready')]);
    script(
      home,
      `/bin/sleep 600 & echo $! > ${home.join('pid')}; echo $$ >> ${home.join('pid')}; echo > ${home.join('ready')}; wait`,
    );
    const controller = new AbortController();
    const searching = search({ ...home.options, signal: controller.signal }, home.home);
    const { readFile } = await import('node:fs/promises');
    await Promise.race([readFile(home.join('ready')), searching]);
    controller.abort();
    await expect(searching).rejects.toBeInstanceOf(AbortedError);
    await untilGone(pids(home));
  });
});

function path_(home: Machine): string {
  return home.join('own', 'bin', 'python');
}
