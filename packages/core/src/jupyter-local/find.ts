import { findOnPath } from '../catalog/index.js';
import {
  BELOW,
  type Candidate,
  commandToInstall,
  compareVersions,
  type Environment,
  type EnvironmentCache,
  findEnvironments,
  packageVersion,
  type Where,
  whereOf,
} from '../environments/index.js';
import { type Files, NodeFiles } from '../files/index.js';
import { homeDirectory, type ProcessVariables } from '../specs/index.js';
import { JupyterServerMissingError } from './errors.js';
import { privateServerDir, readPrivateServer } from './private-place.js';

/** A Python that can run a Jupyter server. */
export interface FoundServer {
  python: string;
  prefix: string;
  /** `notebook`: the classic one, before it stood on jupyter_server. */
  package: 'jupyter_server' | 'notebook';
  version: string;
}

/** Where a Python with jupyter_server is looked for. */
export interface FindServerOptions {
  /** Default: this process's environment and working directory, and the home that the environment names. */
  env?: ProcessVariables;
  cwd?: string;
  home?: string;
  /** The interpreter to take; no other is looked for. */
  python?: string;
  /** What is known of environments already. Default: they are looked for. */
  environments?: readonly Environment[];
  /** What earlier searches for environments found out. */
  cache?: EnvironmentCache;
  /** The place of the private environment. Default: `privateServerDir`'s. */
  privateDir?: string;
  signal?: AbortSignal;
}

/**
 * Finds a Python that has jupyter_server 1 or newer, or the classic notebook, from files. Of several: the one of the nearest project, the
 * activated one, the private one (`installPrivateServer`), then the newest server, `jupyter` on PATH among them.
 *
 * @throws JupyterServerMissingError with the command that would get one; AbortedError
 */
export async function findJupyterServer(options: FindServerOptions = {}): Promise<FoundServer> {
  const { env = process.env, cwd = process.cwd(), signal } = options;
  const { platform } = process;
  const home = options.home ?? homeDirectory(platform, env);
  const where = whereOf({ platform, env, home, cwd });
  const files = new NodeFiles();
  const look = { files, where };
  const search = { env, cwd, home, ...(options.cache && { cache: options.cache }), ...(signal && { signal }) };
  if (options.python !== undefined) {
    const [chosen] = await inspected([options.python], where, search);
    const server = chosen === undefined ? null : serverIn(chosen, look);
    if (server !== null) return server;
    const command = chosen === undefined ? null : commandToInstall(chosen, 'jupyter_server', look);
    throw new JupyterServerMissingError(`there is no Jupyter server in ${options.python}`, command);
  }
  const environments = options.environments ?? (await collected(search));
  const own = await readPrivateServer(options.privateDir ?? privateServerDir(where), where);
  const further = [...onPath(look, cwd), ...(own === null ? [] : [own.python])];
  const unknown = further.filter((python) => !environments.some((known) => known.python === python));
  const all = [...environments, ...(await inspected(unknown, where, search))];
  const ranked = all
    .map((environment) => ({ environment, server: serverIn(environment, look) }))
    .filter((each): each is { environment: Environment; server: FoundServer } => each.server !== null)
    .sort(
      (a, b) =>
        rank(a.environment, own?.python) - rank(b.environment, own?.python) ||
        Number(a.server.package === 'notebook') - Number(b.server.package === 'notebook') ||
        compareVersions(b.server.version, a.server.version),
    );
  if (ranked[0] !== undefined) return ranked[0].server;
  throw missing(all, look);
}

/** The Jupyter server that an environment has; null: none, or one of before 2021. */
export function serverIn(environment: Environment, look: { files: Files; where: Where }): FoundServer | null {
  const { prefix, python, problem } = environment;
  if (python === null || problem !== null) return null;
  const server = packageVersion(environment, 'jupyter_server', look);
  if (server !== null && compareVersions(server, '1') >= 0)
    return { python, prefix, package: 'jupyter_server', version: server };
  const notebook = packageVersion(environment, 'notebook', look);
  if (notebook === null || compareVersions(notebook, '5') < 0 || compareVersions(notebook, '7') >= 0) return null;
  return { python, prefix, package: 'notebook', version: notebook };
}

/** Less is better. */
function rank({ nearness, distance, python }: Environment, own: string | undefined): number {
  if (nearness === 'workspace' && distance < BELOW) return distance;
  if (nearness === 'active') return BELOW;
  return python === own ? BELOW + 1 : BELOW + 2;
}

function missing(all: readonly Environment[], look: { files: Files; where: Where }): JupyterServerMissingError {
  const usable = all
    .filter(({ python, problem }) => python !== null && problem === null)
    .sort((a, b) => rank(a, undefined) - rank(b, undefined) || compareVersions(b.version ?? '0', a.version ?? '0'));
  // a project's own, or the activated one; else what everybody on the machine uses
  const best =
    usable.find((each) => rank(each, undefined) <= BELOW) ??
    usable.find(({ kind, nearness }) => kind === 'system' && nearness !== 'tool') ??
    usable.find(({ nearness }) => nearness !== 'tool');
  const message =
    all.length === 0
      ? 'there is no Python on this machine, and so no Jupyter server'
      : `none of the ${all.length} Pythons on this machine has jupyter_server (1 or newer) or notebook`;
  return new JupyterServerMissingError(message, best ? commandToInstall(best, 'jupyter_server', look) : null);
}

async function collected(search: Parameters<typeof findEnvironments>[0]): Promise<Environment[]> {
  const found: Environment[] = [];
  for await (const finding of findEnvironments({ ...search, ask: false })) {
    if (finding.type === 'environment') found.push(finding.environment);
  }
  return found;
}

/** The environments of interpreters: from files where they lie as they should, else asked. */
async function inspected(
  pythons: readonly string[],
  where: Where,
  search: Parameters<typeof findEnvironments>[0],
): Promise<Environment[]> {
  const { path } = where;
  const found: Environment[] = [];
  for (const each of pythons) {
    const python = path.resolve(where.cwd, each);
    const bin = path.dirname(python);
    const isBin = /^(?:bin|scripts)$/i.test(path.basename(bin));
    const place: Candidate['place'] = { locator: 'given', path: python, how: 'own', nearness: 'user' };
    const byFiles = { prefix: isBin ? path.dirname(bin) : bin, python, place };
    // pyenv's shims and other wrappers do not lie in what they start
    for (const given of [byFiles, { prefix: '', python, place }]) {
      const [environment] = await withPrefix({ ...search, given: [given], places: false });
      if (environment === undefined) continue;
      found.push(environment);
      break;
    }
  }
  return found;
}

async function withPrefix(options: Parameters<typeof findEnvironments>[0]): Promise<Environment[]> {
  const found: Environment[] = [];
  for await (const finding of findEnvironments(options)) {
    if (finding.type === 'environment') found.push(finding.environment);
  }
  return found;
}

/** The interpreters that `jupyter-server` and `jupyter` on PATH name in their first line. */
function onPath({ files, where }: { files: Files; where: Where }, cwd: string): string[] {
  const env = { PATH: where.read('PATH'), PATHEXT: where.read('PATHEXT') };
  const pythons = ['jupyter-server', 'jupyter-notebook', 'jupyter'].flatMap((name) => {
    try {
      const program = findOnPath({ platform: where.platform, env, cwd, files }, name);
      const text = program === null ? null : files.text(program, 64 * 1024);
      const python = /^#!\s*(\/\S*python[\d.]*t?)\s*$/m.exec(text?.split('\n')[0] ?? '')?.[1];
      return python === undefined ? [] : [python];
    } catch {
      // a program that is none for us: too big, or not to be read
      return [];
    }
  });
  return [...new Set(pythons)];
}
