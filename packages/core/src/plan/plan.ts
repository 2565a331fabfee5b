import type { Activation } from '../activation/index.js';
import type { CatalogEntry, EntryProblem } from '../catalog/index.js';
import { type Quirks, quirksOfArgv } from '../channels/index.js';
import type { DotenvFile } from './dotenv.js';
import { type EnvironmentChange, type EnvironmentLayer, mergeEnvironment, type Variables } from './environment.js';
import { fillArgv } from './template.js';

/** What the planner needs of an activation. */
export type PlannedActivation = Pick<
  Activation,
  'variables' | 'sources' | 'scripts' | 'notes' | 'fallbacks' | 'problem' | 'ms' | 'cached'
>;

/** How the kernel's sockets are addressed: the rungs of DESIGN, decision 6. */
export type Rung = 'ipc' | 'zero-ports' | 'reserved-ports';

/**
 * What starting an entry would do, as data: everything is decided but the ports, the key and the connection file's name.
 * `kernelkit explain` prints it; `launch` carries it out.
 */
export interface LaunchPlan {
  entry: CatalogEntry;
  /** Final but for `{connection_file}` and `{kernel_id}`, which are known at the launch. */
  argv: string[];
  cwd: string;
  transport: 'ipc' | 'tcp';
  rung: Rung;
  /** Where the run directory is made: what was found about the length of socket paths holds there. */
  runBase: string;
  interrupt: 'signal' | 'message';
  /** The whole environment of the kernel's process. */
  environment: Record<string, string>;
  /** What differs in it from this process's, and who set it. */
  changes: EnvironmentChange[];
  /** Shell scripts that were run to compute it. */
  scripts: string[];
  /** The activation that it stands on; null where the kernel needs none. */
  activation: PlannedActivation | null;
  quirks: Quirks;
  /** Why it would not start; a plan is made all the same, as far as it goes. */
  problem: EntryProblem | null;
}

/** All that a plan is made of, beside the entry: nothing is read from this process. */
export interface PlanOptions {
  /** The kernel's working directory. */
  cwd: string;
  /** This process's environment. */
  env: Variables;
  platform: NodeJS.Platform;
  home: string;
  /** What activating its environment sets, computed before. */
  activation?: PlannedActivation | null;
  /** A `.env` file's variables, laid over the activation and under the kernelspec's own. */
  dotenv?: DotenvFile | null;
  /** Laid over everything; null unsets. */
  overrides?: Readonly<Record<string, string | null>>;
  /** Forces the transport. Default: `ipc` where the kernel is known to take it. */
  transport?: 'ipc' | 'tcp';
  /** Where run directories are made: a Unix socket's path must fit into 107 bytes (103 on macOS). */
  runBase: string;
  /** The process that the kernel should not outlive; null for one that stays. */
  parentPid: number | null;
  /** What Jupyter calls the session: the notebook's path (`__session__` in ipykernel). */
  sessionName?: string;
}

/** `/kernelkit-XXXXXX/k-5` */
const SOCKET_NAME_BYTES = 21;

/** Makes the plan for an entry. Pure: the same input gives the same plan, nothing is read, started or written. */
export function makePlan(entry: CatalogEntry, options: PlanOptions): LaunchPlan {
  const { spec } = entry;
  const names = { prefix: entry.prefix, resource_dir: entry.resourceDir, cwd: options.cwd };
  const argv = fillArgv(
    entry.program === null ? entry.argv : [entry.program, ...entry.argv.slice(1)],
    names,
    options.home,
  );
  const quirks = quirksOfArgv(argv);
  const fits = ipcFits(quirks, options);
  const rung = chooseRung(quirks, options, fits);

  const { activation = null, dotenv = null } = options;
  const layers: EnvironmentLayer[] = [...inheritedLayers(entry), ...activationLayers(activation)];
  if (Object.keys(quirks.environment).length > 0) {
    layers.push({ kind: 'kernelkit', detail: `${quirks.family} kernels need it`, variables: quirks.environment });
  }
  if (dotenv !== null) layers.push({ kind: 'dotenv', detail: dotenv.file, variables: dotenv.variables });
  if (spec !== null && Object.keys(spec.env).length > 0) {
    layers.push({ kind: 'kernelspec', detail: entry.specFile ?? entry.name, variables: spec.env, substitute: true });
  }
  if (options.overrides !== undefined)
    layers.push({ kind: 'override', detail: 'the caller', variables: options.overrides });
  layers.push(...ownLayers(options));
  const { environment, changes } = mergeEnvironment(options.env, layers, options.platform);

  return {
    entry,
    argv,
    cwd: options.cwd,
    transport: rung === 'ipc' ? 'ipc' : 'tcp',
    rung,
    runBase: options.runBase,
    interrupt: spec?.interrupt_mode === 'message' || quirks.interrupt === 'message' ? 'message' : 'signal',
    environment,
    changes,
    scripts: activation?.scripts ?? [],
    activation,
    quirks,
    problem:
      entry.problem ??
      (argv.length > 0 ? unconnected(argv) : null) ??
      (options.transport === 'ipc' ? noSockets(quirks, fits, options) : null),
  };
}

/** A layer for each variable, since each has its own source. */
function activationLayers(activation: PlannedActivation | null): EnvironmentLayer[] {
  if (activation === null) return [];
  return Object.entries(activation.variables).map(([name, value]) => ({
    kind: 'activation' as const,
    detail: activation.sources[name] ?? 'activation',
    variables: { [name]: value },
  }));
}

/**
 * What must not be handed down from this process to a Python, unless a kernelspec or the caller sets it: PYTHONHOME, which breaks every
 * other Python than its own, and what a framework Python on macOS exports for itself (jupyter_client drops PYTHONEXECUTABLE too).
 */
function inheritedLayers({ runtime, language }: CatalogEntry): EnvironmentLayer[] {
  if (runtime !== 'python' && !language.toLowerCase().startsWith('python')) return [];
  const drop = (name: string, detail: string): EnvironmentLayer => ({
    kind: 'kernelkit',
    detail,
    variables: { [name]: null },
  });
  return [
    drop('PYTHONHOME', 'it would take another Python away from its library'),
    drop('PYTHONEXECUTABLE', 'it would be believed by another Python'),
    drop('__PYVENV_LAUNCHER__', 'it would be believed by another Python'),
  ];
}

function chooseRung(quirks: Quirks, { transport }: PlanOptions, ipcFits: boolean): Rung {
  const isDefault = transport === undefined && quirks.ipc === true && !quirks.losesOverIpc;
  if (ipcFits && (transport === 'ipc' || isDefault)) return 'ipc';
  return quirks.fillsZeroPorts ? 'zero-ports' : 'reserved-ports';
}

/** Whether a kernel's Unix sockets can lie in the run directory. Node has none on Windows. */
function ipcFits(quirks: Quirks, { platform, runBase }: PlanOptions): boolean {
  // sockaddr_un's path, less its NUL.
  const room = Math.min(quirks.ipcPathBytes, platform === 'darwin' ? 103 : 107);
  return platform !== 'win32' && new TextEncoder().encode(runBase).length + SOCKET_NAME_BYTES <= room;
}

/** A kernel that is not told of its connection file cannot know where to listen. */
function unconnected(argv: readonly string[]): EntryProblem | null {
  if (argv.some((element) => element.includes('{connection_file}'))) return null;
  return {
    kind: 'no-connection-file',
    message: 'its argv has no {connection_file}: the kernel cannot know where to listen',
    fix: 'add {connection_file} to argv in its kernel.json, in the way that the kernel takes it',
  };
}

/** Why a kernel cannot be started over Unix sockets, which were asked for; of one that nobody tried it is not known. */
function noSockets({ ipc, family }: Quirks, fits: boolean, { platform, runBase }: PlanOptions): EntryProblem | null {
  if (ipc === false) {
    const message = `kernels of the family ${family} take no Unix sockets`;
    return { kind: 'transport-unavailable', message, fix: 'use tcp' };
  }
  if (fits) return null;
  const windows = platform === 'win32';
  return {
    kind: 'transport-unavailable',
    message: windows
      ? 'there are no Unix sockets on Windows'
      : `the path of a Unix socket in ${runBase} would be too long for this kernel`,
    fix: windows ? 'use tcp' : 'set TMPDIR to a shorter directory, or use tcp',
  };
}

/** What the launch itself needs to say to the kernel; a layer for each, since each has its own reason. */
function ownLayers({ parentPid, platform, sessionName }: PlanOptions): EnvironmentLayer[] {
  const layers: EnvironmentLayer[] = [];
  const add = (name: string, value: string | null, detail: string): void => {
    layers.push({ kind: 'kernelkit', detail, variables: { [name]: value } });
  };
  if (parentPid === null) add('JPY_PARENT_PID', null, 'the kernel stays when its owner ends');
  // On Windows it would have to be a process handle.
  else if (platform !== 'win32')
    add('JPY_PARENT_PID', String(parentPid), 'ipykernel ends itself when its owner has ended');
  if (sessionName !== undefined) add('JPY_SESSION_NAME', sessionName, 'the session, as Jupyter names it');
  return layers;
}
