import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath } from '../catalog/index.js';
import {
  type Environment,
  type EnvironmentCache,
  environmentMakers,
  findEnvironments,
  packageVersion,
  type Where,
  whereOf,
} from '../environments/index.js';
import { AbortedError } from '../errors/index.js';
import { NodeFiles } from '../files/index.js';
import { isRunning, startTimeOf } from '../process/index.js';
import { homeDirectory, type ProcessVariables } from '../specs/index.js';
import { PrivateServerError } from './errors.js';
import type { FoundServer } from './find.js';
import { POINTER, type PrivateServer, privateServerDir, readPrivateServer } from './private-place.js';
import { type Step, take } from './steps.js';

/** Where the private environment with jupyter_server is made, and who hears what the installer says. */
export interface InstallServerOptions {
  /** Where it is made. Default: `privateServerDir`'s. */
  dir?: string;
  /** The Python to make it with, which stays as it is. Default: the newest that there is. */
  python?: string;
  /** Default: this process's environment, and the home that it names. */
  env?: ProcessVariables;
  home?: string;
  environments?: readonly Environment[];
  cache?: EnvironmentCache;
  /** What pip, or uv, prints. */
  onOutput?: (text: string) => void;
  signal?: AbortSignal;
}

/** jupyter_server 2 wants Python 3.8; what is older gets an older server, which serves as well. */
const OLDEST_PYTHON = '3.7';

/**
 * Makes a private environment with a Jupyter server in it, unless there is one. It asks nobody: the caller has. It appears whole or not at
 * all: one whose making was broken off is removed by the next. No other Python is touched.
 *
 * @throws PrivateServerError with the last that was printed; AbortedError
 */
export async function installPrivateServer(options: InstallServerOptions = {}): Promise<FoundServer> {
  const { env = process.env, signal } = options;
  const { platform } = process;
  const home = options.home ?? homeDirectory(platform, env);
  const where = whereOf({ platform, env, home, cwd: process.cwd() });
  const dir = where.path.resolve(options.dir ?? privateServerDir(where));
  const known = await completeServer(dir, where);
  if (known !== null) return known;
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((cause: Error) => {
    throw new PrivateServerError(`${dir} cannot be made: ${cause.message}`, {
      ...{ argv: [], output: '', cause, fix: 'name another directory (KERNELKIT_SERVER_DIR)' },
    });
  });
  await removeUnfinished(dir);
  const pythons = options.python === undefined ? await basePythons(options, home, where) : [options.python];
  if (pythons.length === 0) {
    throw new PrivateServerError(`there is no Python ${OLDEST_PYTHON} or newer to make an environment with`, {
      ...{ argv: [], output: '', fix: 'install Python: apt install python3-venv, or https://www.python.org/downloads' },
    });
  }
  let failure: unknown;
  for (const python of pythons) {
    if (signal?.aborted) throw new AbortedError('Installing a Jupyter server', signal.reason);
    const made = join(dir, `env-${randomBytes(6).toString('hex')}`);
    try {
      const server = await makeIn(made, python, where, options);
      // another may have been as quick; the one that is in use stays
      const other = await completeServer(dir, where);
      if (other === null) await point(dir, server);
      else await rm(made, { recursive: true, force: true });
      return other ?? (await completeServer(dir, where))!;
    } catch (error) {
      await rm(made, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => {});
      if (!(error instanceof PrivateServerError)) throw error;
      // a Debian without python3-venv, say: another Python may do
      failure ??= error;
    }
  }
  throw failure;
}

/** The private server that is there, and can be used. */
async function completeServer(dir: string, where: Where): Promise<FoundServer | null> {
  const found = await readPrivateServer(dir, where);
  if (found === null || !(await stat(found.python).catch(() => null))) return null;
  const version = packageVersion({ ...found, version: null }, 'jupyter_server', { files: new NodeFiles(), where });
  return version === null ? null : { ...found, package: 'jupyter_server', version };
}

async function makeIn(
  made: string,
  python: string,
  where: Where,
  { env = process.env, onOutput, signal }: InstallServerOptions,
): Promise<PrivateServer> {
  await mkdir(made, { mode: 0o700 });
  const maker = { pid: process.pid, startTime: startTimeOf(process.pid) };
  await writeFile(join(made, MAKER), JSON.stringify(maker));
  const prefix = join(made, 'venv');
  const own = where.platform === 'win32' ? join(prefix, 'Scripts', 'python.exe') : join(prefix, 'bin', 'python');
  const uv = findOnPath({ platform: where.platform, env, cwd: made, files: new NodeFiles() }, 'uv');
  const steps: Step[] =
    uv === null
      ? [
          { argv: [python, '-m', 'venv', prefix], what: 'making the virtual environment' },
          { argv: [own, '-m', 'pip', 'install', 'jupyter_server'], what: 'installing jupyter_server' },
        ]
      : [
          { argv: [uv, 'venv', '--python', python, prefix], what: 'making the virtual environment' },
          { argv: [uv, 'pip', 'install', '--python', own, 'jupyter_server'], what: 'installing jupyter_server' },
        ];
  steps.push({ argv: [own, '-c', 'import jupyter_server.serverapp'], what: 'trying jupyter_server' });
  for (const step of steps) await take(step, { cwd: made, env, onOutput, signal });
  return { prefix, python: own };
}

/** Who makes an environment, beside it. */
const MAKER = 'maker.json';

async function point(dir: string, server: PrivateServer): Promise<void> {
  const temporary = join(dir, `.${POINTER}.${randomBytes(6).toString('hex')}`);
  await writeFile(temporary, JSON.stringify(server), { mode: 0o600 });
  await rename(temporary, join(dir, POINTER));
}

/** What was being made when its maker went, and what the pointer does not name. */
async function removeUnfinished(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!/^env-[0-9a-f]{12}$/.test(name)) continue;
    if (!(await isBeingMade(join(dir, name)))) await rm(join(dir, name), { recursive: true, force: true });
  }
}

async function isBeingMade(path: string): Promise<boolean> {
  try {
    const { pid, startTime } = JSON.parse(await readFile(join(path, MAKER), 'utf8'));
    return isRunning(pid, startTime);
  } catch {
    return false;
  }
}

/** Pythons that an environment can be made with, the best first: the newest of the installations, then those that only a manager or an environment has. */
async function basePythons(
  { env = process.env, environments, cache, signal }: InstallServerOptions,
  home: string,
  where: Where,
): Promise<string[]> {
  const found: Environment[] = [...(environments ?? [])];
  if (environments === undefined) {
    const search = { env, home, cwd: where.cwd, ask: false, ...(cache && { cache }), ...(signal && { signal }) };
    for await (const finding of findEnvironments(search)) {
      if (finding.type === 'environment') found.push(finding.environment);
    }
  }
  return environmentMakers(found, OLDEST_PYTHON)
    .map(({ python }) => python!)
    .slice(0, TRIES);
}

/** Of many Pythons one will do, or none: a registry that cannot be reached fails all alike. */
const TRIES = 3;
