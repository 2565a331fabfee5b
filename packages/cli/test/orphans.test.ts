import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isolatedEnv } from '../../../testing/support/index.js';
import { membersOf, startOwner, until, watchdogsOf } from '../../core/test/process/owner.js';
import { faultyEntry } from '../../core/test/support.js';
import { addSpec, faultySpec, kernelkit } from './support.js';

test.skipIf(process.platform !== 'linux')(
  'the kernel of a program that was killed with its watchdog is ended by the next command, which says so',
  async () => {
    await using user = await isolatedEnv();
    const runtime = user.dir.join('run');
    await mkdir(runtime, { mode: 0o700 });
    const variables = { XDG_RUNTIME_DIR: runtime };
    await using owner = await startOwner('wait', [faultyEntry({ deaf: true })], variables);
    await using living = await startOwner('wait', [faultyEntry()], variables);
    const [orphan, kept] = [owner.kernels[0]!.pid, living.kernels[0]!.pid];
    for (const pid of [...watchdogsOf(owner.pid), owner.pid]) process.kill(pid, 'SIGKILL');
    await owner.ended;
    expect(membersOf(orphan).length).toBeGreaterThan(0);

    await addSpec(user, 'mine', faultySpec());
    const env = { ...user.env, ...variables };
    const { status, stderr } = await kernelkit(['exec', '-k', 'mine', '[["reply"], ["idle"]]'], { env });
    expect(status).toBe(0);
    expect(stderr).toMatch(new RegExp(`ended A test kernel \\(process ${orphan}, started .*\\): its owner was killed`));
    expect(await until(() => membersOf(orphan).length === 0)).not.toBeNull();
    // what has an owner is that one's affair
    expect(membersOf(kept).length).toBeGreaterThan(0);
    const { stdout } = await kernelkit(['doctor', '--json'], { env });
    const journal = JSON.parse(stdout).steps.find(({ name }: { name: string }) => name === 'journal');
    expect(journal).toMatchObject({ status: 'ok', details: [expect.stringContaining(`process ${kept}`)] });
  },
);
