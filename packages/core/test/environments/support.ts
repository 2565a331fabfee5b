import { join } from 'node:path';
import { DiskTarget, type Ground, groundOf, MemoryFiles } from '../../../../testing/environments/index.js';
import { isolatedEnv } from '../../../../testing/support/index.js';
import {
  type Environment,
  type EnvironmentFinding,
  type FindEnvironmentsOptions,
  findEnvironments,
} from '../../src/environments/index.js';

/** A user with a home, a working directory in it, and a PATH that leads into the home alone. */
export interface Machine extends AsyncDisposable {
  ground: Ground;
  target: DiskTarget;
  home: string;
  workspace: string;
  /** The search's options; none of the variables that environments.md names is set but XDG's. */
  options: FindEnvironmentsOptions & { env: Record<string, string>; cwd: string };
  join(...parts: string[]): string;
}

export async function machine(extra: Record<string, string> = {}): Promise<Machine> {
  const isolated = await isolatedEnv({ extra: { PATH: undefined, PYENV_ROOT: undefined } });
  const { home } = isolated;
  const target = new DiskTarget();
  const workspace = join(home, 'work', 'project');
  target.dir(workspace);
  return {
    ground: groundOf(target, home),
    target,
    home,
    workspace,
    options: { env: { ...isolated.env, PATH: join(home, 'own', 'bin'), ...extra }, cwd: workspace, home },
    join: (...parts) => join(home, ...parts),
    [Symbol.asyncDispose]: () => isolated[Symbol.asyncDispose](),
  };
}

export interface Found {
  environments: Environment[];
  /** Places that failed, path → error. */
  errors: Record<string, string>;
  places: string[];
  findings: EnvironmentFinding[];
}

/** Everything that a search tells. What lies outside of `below` is this machine's, and left out. */
export async function search(options: FindEnvironmentsOptions, below?: string): Promise<Found> {
  const findings: EnvironmentFinding[] = [];
  for await (const finding of findEnvironments(options)) findings.push(finding);
  const isOurs = (path: string) => below === undefined || path.startsWith(below);
  const byIdentity = new Map<string, Environment>();
  for (const finding of findings) {
    if (finding.type !== 'environment' || !isOurs(finding.environment.prefix)) continue;
    // a second finding of one environment replaces the first: an interpreter was asked meanwhile
    const specs = finding.environment.specs.map((spec) => ({ ...spec, root: { ...spec.root, ms: 0 } }));
    byIdentity.set(`${finding.environment.prefix}\0${finding.environment.python}`, { ...finding.environment, specs });
  }
  const places = findings.filter((finding) => finding.type === 'place' && isOurs(finding.path)) as Extract<
    EnvironmentFinding,
    { type: 'place' }
  >[];
  return {
    environments: [...byIdentity.values()],
    errors: Object.fromEntries(places.flatMap(({ path, error }) => (error === null ? [] : [[path, error]]))),
    places: places.map(({ path }) => path),
    findings,
  };
}

/** The one environment with this prefix. */
export function at(found: Found, prefix: string): Environment {
  const matching = found.environments.filter((environment) => environment.prefix === prefix);
  if (matching.length !== 1) {
    const known = found.environments.map((environment) => environment.prefix).join('\n  ');
    throw new Error(
      `${matching.length} environments at ${prefix}; errors ${JSON.stringify(found.errors)}; found:\n  ${known}`,
    );
  }
  return matching[0]!;
}

/** The same in memory, for a platform that this is not. */
export function memoryMachine(platform: NodeJS.Platform, extra: Record<string, string> = {}) {
  const files = new MemoryFiles(platform);
  const windows = platform === 'win32';
  const home = windows ? 'C:\\Users\\ann' : platform === 'darwin' ? '/Users/ann' : '/home/ann';
  const ground = groundOf(files, home);
  const { join } = ground.path;
  const workspace = join(home, 'work', 'project');
  files.dir(workspace);
  const env: Record<string, string> = windows
    ? { USERPROFILE: home, APPDATA: join(home, 'AppData', 'Roaming'), LOCALAPPDATA: join(home, 'AppData', 'Local') }
    : { HOME: home };
  const options: FindEnvironmentsOptions = {
    ...{ platform, files, home, cwd: workspace, ask: false },
    env: { ...env, PATH: join(home, 'own', ...(windows ? [] : ['bin'])), ...extra },
  };
  return { files, home, ground, workspace, options };
}
