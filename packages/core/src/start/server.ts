import type { EntryProblem } from '../catalog/index.js';
import { KernelkitError } from '../errors/index.js';
import {
  connectServerKernel,
  type PlannedExchange,
  planExchange,
  type ServerEntry,
  type StartNotice,
  type StartServerKernelOptions,
  startServerKernel,
} from '../jupyter/index.js';
import type { Kernel } from '../kernel/index.js';
import type { StartOptions } from './start.js';

/** How a kernel is started, or joined, at a server: its session's path, type and name, and how the connection is kept. */
export type ServerStartOptions = Omit<StartServerKernelOptions, 'name' | 'signal' | 'onNotice'>;

/** An option that asks of a kernel what no Jupyter server does for one. */
export class ServerOptionError extends KernelkitError {
  /** Its name in StartOptions. */
  readonly option: string;

  constructor(option: string, what: string, fix: string) {
    super('server-option', `${what}: a Jupyter server starts its kernels in its own way (option ${option})`, { fix });
    this.option = option;
  }
}

/** Without these the kernel would not be what was asked for. */
const REFUSED: readonly {
  option: keyof StartOptions;
  isSet: (options: StartOptions) => boolean;
  what: string;
  fix: string;
}[] = [
  {
    option: 'overrides',
    isSet: ({ overrides }) => Object.keys(overrides ?? {}).length > 0,
    what: 'variables cannot be given to a kernel of a server',
    fix: 'Set them in the kernelspec on the server ("env" in kernel.json), or by code in the first cell.',
  },
  {
    option: 'dotenv',
    isSet: ({ dotenv }) => dotenv !== undefined,
    what: 'a .env file cannot be laid over the environment of a kernel of a server',
    fix: 'Set its variables in the kernelspec on the server ("env" in kernel.json), or by code in the first cell.',
  },
  {
    option: 'transport',
    isSet: ({ transport }) => transport !== undefined,
    what: "a server's kernel is reached through the server, not by ipc or tcp",
    fix: 'Leave the transport out for kernels of a server.',
  },
  {
    option: 'mode',
    isSet: ({ mode }) => mode === 'raw',
    what: "a server's kernel cannot be a process of ours",
    fix: 'Leave the mode out for kernels of a server, or name a kernel of this machine.',
  },
];

/** What a caller may give to every start alike: at a server it has nothing to act upon. */
const UNHEEDED: readonly [option: keyof StartOptions, because: string][] = [
  ['cwd', "a server's kernel works in the directory of its session's path (server.path)"],
  ['activate', 'the server, or the kernelspec there, sets the environment up'],
  ['autoRestart', 'the server starts a kernel that died again by its own rules'],
  ['shutdown', 'the server ends its kernels by its own rules'],
  ['trust', 'nothing of the plan is run on this machine'],
  ['onOutput', "what the process writes beside the protocol is in the server's log"],
];

/** @throws ServerOptionError for the first option that is set and must not be left out */
export function refuseOptions(options: StartOptions, which?: readonly (keyof StartOptions)[]): void {
  const refused = REFUSED.find(({ option, isSet }) => (which?.includes(option) ?? true) && isSet(options));
  if (refused !== undefined) throw new ServerOptionError(refused.option, refused.what, refused.fix);
}

/** Says which of the options that are set are not heeded, and why. */
export function tellUnheeded(options: StartOptions, which?: readonly (keyof StartOptions)[]): void {
  for (const notice of unheeded(options, which)) options.onServerNotice?.(notice);
}

function unheeded(options: StartOptions, which?: readonly (keyof StartOptions)[]): StartNotice[] {
  return UNHEEDED.filter(([option]) => which?.includes(option) ?? true)
    .filter(([option]) => options[option] !== undefined && options[option] !== false)
    .map(([option, because]) => ({ kind: 'option-unheeded', message: `${option} is not heeded: ${because}` }));
}

/**
 * Starts the kernel of a server's entry there, or joins the one that it stands for. One that is joined, also by way of a session that the
 * path has already, goes on when this client closes.
 *
 * @throws ServerOptionError, and as `startServerKernel` and `connectServerKernel`
 */
export async function startServerEntry(entry: ServerEntry, options: StartOptions = {}): Promise<Kernel> {
  const { remote } = entry;
  const { signal, timeout, session, onServerNotice } = options;
  refuseOptions(options);
  tellUnheeded(options);
  const shared = {
    ...(timeout !== undefined && { answerTimeout: timeout }),
    ...(session !== undefined && { session }),
    ...options.server,
    ...(signal && { signal }),
  };
  if (remote.kernelId !== null) return connectServerKernel(remote.settings, remote.kernelId, shared);
  return startServerKernel(remote.settings, {
    ...{ name: entry.name, ...sessionNameOf(options) },
    ...shared,
    ...(onServerNotice && { onNotice: onServerNotice }),
  });
}

/** What starting a server's entry would ask of the server. */
export interface ServerPlan extends PlannedExchange {
  entry: ServerEntry;
  transport: 'server';
  /** Nothing is run on this machine. */
  argv: [];
  /** What the server tells of the kernelspec; null where it tells nothing. The values of its variables are not shown. */
  spec: { argv: string[]; interrupt: 'signal' | 'message'; variables: string[] } | null;
  /** What is not heeded, and what else there is to know. */
  notes: string[];
  problem: EntryProblem | null;
}

/**
 * What `start(entry, options)` would ask of the server, for `explain`. Pure: nobody is asked anything.
 * @throws ServerOptionError as `start` would
 */
export function planServer(entry: ServerEntry, options: StartOptions = {}): ServerPlan {
  const { settings, kernelId, spec } = entry.remote;
  refuseOptions(options);
  const notes = unheeded(options).map(({ message }) => message);
  const asked = { name: entry.name, ...sessionNameOf(options), ...options.server };
  if (kernelId === null && asked.path !== undefined && !asked.withoutSession) {
    notes.push(`a session that ${asked.path} has already is joined: its kernel goes on after close`);
  }
  const exchange = planExchange(settings, kernelId, asked);
  return { entry, transport: 'server', argv: [], ...exchange, spec: toldSpec(spec), notes, problem: entry.problem };
}

function sessionNameOf({ sessionName }: StartOptions): Pick<StartServerKernelOptions, 'sessionName'> {
  return sessionName === undefined ? {} : { sessionName };
}

function toldSpec(spec: Readonly<Record<string, unknown>> | null): ServerPlan['spec'] {
  if (spec === null) return null;
  const { argv, env, interrupt_mode: interrupt } = spec;
  return {
    argv: Array.isArray(argv) ? argv.filter((word): word is string => typeof word === 'string') : [],
    interrupt: interrupt === 'message' ? 'message' : 'signal',
    variables: typeof env === 'object' && env !== null ? Object.keys(env) : [],
  };
}
