import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { diagnoseStart, diskProbe } from '../diagnosis/index.js';
import { AbortedError } from '../errors/index.js';
import { NodeFiles } from '../files/index.js';
import { type JournalRecord, recordKernel } from '../journal/index.js';
import { JupyterServer, type Network, type ServerSettings, serverFromUrl } from '../jupyter/index.js';
import { nodeNetwork } from '../jupyter-node/index.js';
import { KernelProcess, SpawnError } from '../process/index.js';
import { homeDirectory, type ProcessVariables, rootsHere } from '../specs/index.js';
import { CleanUp, Deadline, settlesWithin } from '../wait/index.js';
import { LocalServerError } from './errors.js';
import { type FindServerOptions, type FoundServer, findJupyterServer } from './find.js';
import { PrivateDir } from './private-dir.js';
import { configName, serverConfig } from './server-config.js';
import { serverEnvironment } from './server-environment.js';
import { ServerKernels } from './server-kernels.js';
import { type LocalSpec, writeSpecs } from './specs.js';

/** Which server is started, with which kernelspecs, and for how long it may take. */
export interface LocalServerOptions extends FindServerOptions {
  /** The Python that runs it. Default: `findJupyterServer`'s, by these very options. */
  server?: FoundServer;
  /** Kernelspecs that it has to itself, before those that the user has. */
  specs?: readonly LocalSpec[];
  /** Milliseconds until a server that runs but does not answer counts as failed. Default 60,000. */
  timeout?: number;
  /** Each line that it prints, as it comes; no token. */
  onOutput?: (line: string) => void;
}

/** A Jupyter server of our own, for this process alone. */
export interface LocalServer extends AsyncDisposable {
  /** For `JupyterServer`, `startServerKernel` and all else that takes a server. */
  readonly settings: ServerSettings;
  readonly pid: number;
  /** As it tells it itself. */
  readonly version: string;
  /** The directory that contents, and the paths of sessions, start at. */
  readonly root: string;
  /** The last that it printed; no token. */
  readonly log: string;
  /** Resolves when it has ended, however that came. */
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  /** Ends its kernels, then itself, whatever it takes, and removes what it leaves. Idempotent. */
  close(): Promise<void>;
}

const START_MS = 60_000;
const LOOK_MS = 20;
/** How long a server may take to end its kernels, and then itself. */
const KERNELS_MS = 8000;
const TERM_MS = 3000;

/**
 * Starts a Jupyter server that nobody else can use: on loopback, with a token of its own, its files in a private directory, nothing of it in
 * the user's. Extensions and terminals are off, contents are read-only, and the user's own configuration of Jupyter is not read. It ends with
 * `close`, and with this process, however that ends.
 *
 * @throws JupyterServerMissingError, LocalServerError, AbortedError
 */
export async function startLocalServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  const { signal } = options;
  const server = options.server ?? (await findJupyterServer(options));
  if (signal?.aborted) throw new AbortedError('Starting a Jupyter server', signal.reason);
  // last in, first out
  const cleanUp = new CleanUp();
  try {
    return await carryOut(server, options, cleanUp);
  } catch (error) {
    // what cannot be cleaned up must not hide why the start failed
    await cleanUp.run().catch(() => {});
    throw error;
  }
}

async function carryOut(server: FoundServer, options: LocalServerOptions, cleanUp: CleanUp): Promise<LocalServer> {
  const { env = process.env, cwd: root = process.cwd(), specs = [], timeout = START_MS, signal } = options;
  const argv = [server.python, '-m', server.package];
  const dir = await PrivateDir.create();
  cleanUp.add(() => dir[Symbol.asyncDispose]());
  const token = randomBytes(32).toString('hex');
  const hidden = (text: string): string => text.replaceAll(token, '•••');
  const config = serverConfig({ server, token, port: await freePort(), root });
  await writeFile(join(dir.dirs.config, configName(server)), config, { mode: 0o600 });
  await writeSpecs(dir.dirs.data, specs);
  const environment = serverEnvironment(env, dir.dirs, {
    userData: userDataDir(env, root, options.home),
    unset: specs.flatMap(({ unset = [] }) => unset),
    delimiter,
  });
  const failed = (what: string, child: KernelProcess | null, cause?: unknown): LocalServerError =>
    explained({ what, argv, cwd: root, environment, child, log: hidden(logOf(child)), cause });

  let child: KernelProcess;
  try {
    // Not in `root`: Python, and Jupyter's configuration, take what lies in the working directory for theirs.
    const cwd = dir.path;
    child = await KernelProcess.spawn({
      ...{ argv, cwd, env: environment },
      ...(options.onOutput && { onOutput: byLine((line) => options.onOutput?.(hidden(line))) }),
    });
  } catch (error) {
    throw failed('could not be started', null, error);
  }
  const connectionFile = join(dir.dirs.runtime, 'server.json');
  const kernels = new ServerKernels(child.pid, { cwd: root, connectionFile });
  const record = recorded(child, { root, connectionFile, runDir: dir.path });
  cleanUp.add(async () => void (await (await record)?.remove().catch(() => {})));
  cleanUp.add(() => kernels.end());
  cleanUp.add(async () => void (await child.end(TERM_MS)));
  const inner = await nodeNetwork({ env: {} });
  cleanUp.add(() => inner.close());
  const network = watching(inner, kernels);

  using deadline = new Deadline(timeout, signal);
  // not all of it: what it printed has the token in it
  const exited = child.exited.then(({ code, signal }) => ({ code, signal }));
  const tooSoon = exited.then((): never => {
    throw failed('ended before it answered', child);
  });
  tooSoon.catch(() => {});
  const ready = answers(dir.dirs.runtime, token, network, deadline.signal);
  ready.catch(() => {});
  let known: Awaited<typeof ready>;
  try {
    known = await Promise.race([tooSoon, ready]);
  } catch (error) {
    if (signal?.aborted) throw new AbortedError('Starting a Jupyter server', signal.reason);
    // what broke off is most often the first sign of its end
    if (!(error instanceof LocalServerError) && !deadline.hasPassed && (await child.exitsWithin(500))) await tooSoon;
    if (error instanceof LocalServerError) throw error;
    throw failed(deadline.hasPassed ? `did not answer within ${timeout / 1000} s` : 'does not answer', child, error);
  }

  // kernels first, as long as there is somebody who ends them in good order
  cleanUp.add(() => endKernels(new JupyterServer(known.settings), child));
  const close = (): Promise<void> => cleanUp.run();
  void child.exited.then(() => kernels.end());
  return {
    ...{ settings: known.settings, pid: child.pid, version: known.version, root, exited, close },
    get log() {
      return hidden(logOf(child));
    },
    [Symbol.asyncDispose]: close,
  };
}

/** A port that is free now. Old servers cannot be told to take any: they tell 0 then. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** The user's data directory of Jupyter, which holds the kernelspecs that `--user` installed. */
function userDataDir(env: ProcessVariables, cwd: string, home = homeDirectory(process.platform, env)): string | null {
  const user = rootsHere(new NodeFiles(), { env, cwd, home }).find(({ origin }) => origin === 'user');
  return user === undefined ? null : dirname(user.path);
}

/** Waits until the server says where it is, and answers there. */
async function answers(
  runtime: string,
  token: string,
  network: Network,
  signal: AbortSignal,
): Promise<{ settings: ServerSettings; version: string }> {
  for (; ; await delay(LOOK_MS, undefined, { signal })) {
    const port = await portIn(runtime);
    if (port === null) continue;
    const settings = serverFromUrl(`http://127.0.0.1:${port}/`, { token, network });
    try {
      return { settings, version: await new JupyterServer(settings).check({ signal }) };
    } catch (error) {
      // it says so before it listens
      const { kind } = error as { kind?: unknown };
      if (signal.aborted || kind !== 'server-unreachable') throw error;
    }
  }
}

/** What the server wrote of itself, in a directory that nobody else has; null: nothing yet, or not all of it. */
async function portIn(runtime: string): Promise<number | null> {
  // not by our child's pid: the interpreter of a virtual environment on Windows starts another
  const name = (await readdir(runtime)).find((each) => /^(?:jp|nb)server-\d+\.json$/.test(each));
  if (name === undefined) return null;
  try {
    const { port } = JSON.parse(await readFile(join(runtime, name), 'utf8')) as { port?: unknown };
    return typeof port === 'number' && port > 0 ? port : null;
  } catch {
    return null;
  }
}

/** The same network; whatever may have started a kernel is followed by a look at the processes. */
function watching(network: Network, kernels: ServerKernels): Network {
  return {
    async fetch(input, init) {
      const answer = await network.fetch(input, init);
      if (init?.method !== undefined && init.method !== 'GET') kernels.look();
      return answer;
    },
    openWebSocket(...request) {
      // a server that restarts a kernel by itself is connected to anew
      kernels.look();
      return network.openWebSocket(...request);
    },
  };
}

async function endKernels(server: JupyterServer, child: KernelProcess): Promise<void> {
  if (child.exit !== null) return;
  using deadline = new Deadline(KERNELS_MS);
  const { signal } = deadline;
  const ended = server
    .kernels({ signal })
    .then((kernels) => Promise.allSettled(kernels.map(({ id }) => server.deleteKernel(id, { signal }))));
  // what they leave undone is done by signals
  await settlesWithin(Promise.race([ended, child.exited]), KERNELS_MS);
}

function recorded(
  { pid, startTime, argv }: KernelProcess,
  about: { root: string; connectionFile: string; runDir: string },
): Promise<JournalRecord | null> {
  const { root: cwd, connectionFile, runDir } = about;
  return recordKernel({
    ...{ id: `local-jupyter-${randomUUID()}`, pid, startTime, spec: '', displayName: 'a local Jupyter server' },
    ...{ program: argv[0]!, connectionFile, runDir, cwd, startedAt: new Date().toISOString() },
  }).catch(() => null);
}

/** Whole lines of two streams, so that nothing is told in halves. */
function byLine(tell: (line: string) => void): (stream: 'stdout' | 'stderr', chunk: Buffer) => void {
  const begun = { stdout: '', stderr: '' };
  return (stream, chunk) => {
    const lines = (begun[stream] + chunk.toString()).split('\n');
    begun[stream] = lines.pop()!;
    for (const line of lines) tell(line);
  };
}

function logOf(child: KernelProcess | null): string {
  return child === null ? '' : `${child.stdout}${child.stderr}`;
}

function explained(facts: {
  what: string;
  argv: readonly string[];
  cwd: string;
  environment: Record<string, string>;
  child: KernelProcess | null;
  log: string;
  cause: unknown;
}): LocalServerError {
  const { what, argv, cwd, environment, child, log, cause } = facts;
  const exit = child?.exit ?? null;
  const { diagnosis, fix } = diagnoseStart({
    ...{ platform: process.platform, argv, cwd, environment, prefix: null, install: null },
    ...{ spawn: cause instanceof SpawnError ? { code: cause.code } : null, exit },
    ...{ stderr: log, stdout: '', oomKills: 0, probe: diskProbe },
  });
  const why = exit === null && !(cause instanceof SpawnError) ? '' : `: ${diagnosis}`;
  return new LocalServerError(`the Jupyter server of ${argv[0]} ${what}${why}`, {
    ...{ argv, log, cause, exit: exit === null ? null : { code: exit.code, signal: exit.signal } },
    fix: (why === '' ? null : fix) ?? 'see what it printed (`log`), or allow more time',
  });
}
