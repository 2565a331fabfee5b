import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { release, tmpdir, type } from 'node:os';
import type { Catalog } from '@kernelkit/core';
import { commandForAny } from '../install-kernel/suggest.js';
import { quoted } from '../report.js';
import { version } from '../version.js';
import { examineKept } from './kept.js';
import { examineLeftovers } from './leftovers.js';
import { examinePlaces } from './places.js';
import { examineSockets } from './sockets.js';
import type { Steps } from './steps.js';

/** A Unix socket's whole path may be so long, with `/kernelkit-XXXXXX/k-5` in it. */
const ROOM = (process.platform === 'darwin' ? 103 : 107) - 21;

/** What has to do with no kernel in particular. */
export async function examineMachine(steps: Steps, found: Catalog, ms: number, cwd: string): Promise<void> {
  await steps.add(
    'program',
    'ok',
    `kernelkit ${version}, Node ${process.versions.node}, ${type()} ${release()}, ${process.platform} ${process.arch}`,
    { details: await limits() },
  );
  await runDirectory(steps);
  await examineSockets(steps);
  await examineLeftovers(steps);
  await examineKept(steps);
  await examinePlaces(steps, found);
  const visible = found.kernels.filter(({ hidden }) => hidden === null);
  const startable = visible.filter((entry) => entry.startable);
  const summary = `${startable.length} of ${visible.length} kernels can be started`;
  const failed = found.searched.filter(({ error }) => error !== null);
  const details = failed.map(({ path, error }) => `${path} could not be searched: ${error}`);
  if (startable.length === 0) {
    await steps.add('kernels', 'failed', summary, {
      ms,
      details,
      fix: commandForAny(found, cwd),
    });
  } else await steps.add('kernels', failed.length > 0 ? 'warning' : 'ok', summary, { ms, details });
}

/** What the system allows this process, as far as it says so: what a kernel meets, too. */
async function limits(): Promise<string[]> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const of = (name: string) => new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(text)?.[1];
  const memory = (await readFile('/sys/fs/cgroup/memory.max', 'utf8').catch(() => '')).trim();
  const found = [
    ['open files', of('Max open files')],
    ['processes', of('Max processes')],
    ['address space', of('Max address space')],
    [
      'memory of the container',
      memory === '' || memory === 'max' ? undefined : `${Math.round(Number(memory) / 2 ** 20)} MiB`,
    ],
  ].flatMap(([name, value]) => (value === undefined || value === 'unlimited' ? [] : [`${name}: ${value}`]));
  return found.length === 0 ? [] : [`limits: ${found.join(', ')}`];
}

/** The directory that run directories are made in. */
async function runDirectory(steps: Steps): Promise<void> {
  const dir = tmpdir();
  try {
    await access(dir, constants.W_OK | constants.X_OK);
  } catch {
    const fix = 'Set TMPDIR to a directory that you may write to.';
    await steps.add('run files', 'failed', `connection files go to ${dir}, which cannot be written`, { fix });
    return;
  }
  if (process.platform !== 'win32' && Buffer.byteLength(dir) > ROOM) {
    const fix = 'Set TMPDIR to a shorter path.';
    await steps.add('run files', 'warning', `${dir} is too long for Unix sockets: kernels will listen on TCP`, { fix });
  } else await steps.add('run files', 'ok', `connection files and sockets go to ${dir}, in a private directory each`);
}

/** The kernels that cannot be started: how to mend each. */
export async function examineProblems(steps: Steps, found: Catalog): Promise<void> {
  for (const { displayName, name, hidden, problem, environment } of found.kernels) {
    if (hidden !== null || problem === null) continue;
    const who = environment?.prefix ?? name;
    await steps.add('problem', 'warning', `${displayName} (${quoted(who)}): ${problem.message}`, { fix: problem.fix });
  }
}
