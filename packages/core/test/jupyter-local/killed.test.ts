import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeServer } from '../../../../testing/servers/index.js';
import { isolatedEnv, kernel } from '../../../../testing/support/index.js';
import type { LocalSpec } from '../../src/index.js';
import { childrenOf } from '../../src/process/index.js';
import { until, watchdogsOf } from '../process/owner.js';
import { foundServer, LOCAL, runs } from './support.js';

const program = fileURLToPath(new URL('owner.mjs', import.meta.url));

describeServer(LOCAL, ({ name }) => {
  it('an owner that is killed by SIGKILL leaves no server, no kernel that heeds nothing, and no file', async () => {
    await using user = await isolatedEnv();
    const tmp = await user.dir.dir('tmp');
    const own = { language: 'x', interruptMode: 'signal' as const, env: {} };
    const ipykernel = [kernel('ipykernel').python!, '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
    // one that looks after its parent, and one that neither does nor heeds a signal
    const deaf = ['/bin/sh', '-c', 'trap "" TERM INT HUP; : {connection_file}; while :; do sleep 1; done'];
    const specs: LocalSpec[] = [
      { ...own, name: 'mine', displayName: 'Python', argv: ipykernel },
      { ...own, name: 'deaf', displayName: 'Deaf', argv: deaf },
    ];
    const options = { server: foundServer(name), cwd: user.home, specs };
    const owner = spawn(process.execPath, [program, 'serve', JSON.stringify(options), '["mine","deaf"]'], {
      ...{ cwd: dirname(program), env: { ...user.env, TMPDIR: tmp }, stdio: ['ignore', 'pipe', 'inherit'] },
    });
    const ended = once(owner, 'exit');
    const lines = createInterface({ input: owner.stdout! });
    const [line] = (await Promise.race([once(lines, 'line'), ended.then(() => ['null'])])) as [string];
    const { pid } = JSON.parse(line) as { pid: number };
    const all = [pid, ...childrenOf(pid)];
    expect(all).toHaveLength(3);
    expect(all.every(runs)).toBe(true);
    owner.kill('SIGKILL');
    await ended;
    expect(await until(() => !all.some(runs))).not.toBeNull();
    // an entry of the journal that was being written is left to a sweep
    const left = () => readdirSync(tmp).filter((each) => each.startsWith('kernelkit-'));
    expect(await until(() => left().length === 0 && watchdogsOf(owner.pid!).length === 0)).not.toBeNull();
  });
});
