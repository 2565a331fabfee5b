import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ROOT, RUN } from '../support/suite.js';
import { removeTree } from '../support/temp-dir.js';
import { clearAtExit, describeLeaks, endLeaked, findLeaks } from './leaks.js';
import { addFailure } from './summary.js';

// A kernel whose owner died is ended by its watchdog; a loaded machine takes its time.
const GRACE_MS = Number(process.env.KERNELKIT_TEST_GRACE_MS ?? 10_000);

/**
 * Gives the run a mark and a root for its temporary files, and checks at the end that nothing is left of either.
 * The root's name is short: Unix sockets lie below it, and their paths may have 107 bytes.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const since = Date.now();
  const root = await mkdtemp(join(tmpdir(), 'kkt-'));
  const tmp = join(root, 't');
  await mkdir(tmp);
  await chmod(root, 0o755);
  await chmod(tmp, 0o1777);
  // the workers' environment only: this process carries no mark, and its own temporary files are vitest's business
  const run = randomBytes(8).toString('hex');
  // the journal of a run lies with its temporary files, and not with the developer's own
  project.config.env = { ...project.config.env, [RUN]: run, [ROOT]: root, TMPDIR: tmp, XDG_RUNTIME_DIR: '' };
  const mark = { marker: `${RUN}=${run}`, root };
  // on a machine of its own the run also answers for the machine's TMPDIR; elsewhere others work there too
  const alsoSince = process.env.CI ? { dir: tmpdir(), ms: since } : undefined;
  const atExit = () => clearAtExit(mark);
  process.once('exit', atExit);
  return async () => {
    const leaks = await findLeaks({ ...mark, tmp, ...(alsoSince && { alsoSince }) }, GRACE_MS);
    await endLeaked(mark, leaks.processes);
    await removeTree(root);
    process.off('exit', atExit);
    if (leaks.processes.length === 0 && leaks.files.length === 0) return;
    process.stderr.write(`\n${describeLeaks(leaks)}\n`);
    addFailure();
    // vitest logs an error that a teardown throws and exits with 0
    process.exitCode = 1;
  };
}
