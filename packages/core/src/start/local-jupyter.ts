import { findOnPath } from '../catalog/index.js';
import { AbortedError } from '../errors/index.js';
import { NodeFiles } from '../files/index.js';
import {
  JupyterServer,
  type KernelStartRest,
  kernelRest,
  type StartServerKernelOptions,
  startServerKernel,
} from '../jupyter/index.js';
import {
  type LocalServer,
  type LocalServerOptions,
  type LocalSpec,
  ownDirectories,
  startLocalServer,
} from '../jupyter-local/index.js';
import type { Kernel } from '../kernel/index.js';
import { checkPlan, type LaunchOptions } from '../launch/index.js';
import type { LaunchPlan } from '../plan/index.js';

/** Which Jupyter server starts a kernel of this machine, and how. */
export interface LocalJupyterOptions
  extends Omit<LocalServerOptions, 'cwd' | 'specs'>,
    Pick<StartServerKernelOptions, 'answerTimeout' | 'reconnect'>,
    Pick<LaunchOptions, 'trust'> {
  /** The session's path, relative to the plan's directory. Default: one that nobody has. */
  path?: string;
  /** Of the session: `notebook`, `console`, `file`. Default `console`. */
  type?: string;
}

/**
 * Carries a plan out through a Jupyter server of its own: the plan's command line and environment become a kernelspec that only this server
 * has. `close` ends the kernel, its session and the server.
 *
 * @param plan made from the same environment (`env`) as is given here
 * @throws KernelStartError, JupyterServerMissingError, LocalServerError, ServerError, AbortedError
 */
export async function startThroughLocalServer(
  plan: LaunchPlan | Promise<LaunchPlan>,
  options: LocalJupyterOptions = {},
): Promise<Kernel> {
  const made = await plan;
  await checkPlan(made, options);
  const { answerTimeout, reconnect, path, type, trust: _, ...serverOptions } = options;
  const spec = specOfPlan(made, options.env ?? process.env);
  const server = await startLocalServer({ ...serverOptions, cwd: made.cwd, specs: [spec] });
  try {
    return await startServerKernel(server.settings, {
      ...{ name: spec.name, rest: restOf(server) },
      ...(answerTimeout !== undefined && { answerTimeout }),
      ...(reconnect !== undefined && { reconnect }),
      ...(path !== undefined && { path }),
      ...(type !== undefined && { type }),
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    await server.close();
    if (options.signal?.aborted) throw new AbortedError(`Starting ${made.entry.displayName}`, options.signal.reason);
    throw error;
  }
}

/** A plan as a kernelspec, for a server that has the environment which the plan was made from. */
export function specOfPlan(plan: LaunchPlan, env: Readonly<Record<string, string | undefined>>): LocalSpec {
  const { entry, changes, environment, cwd, interrupt } = plan;
  const [program = '', ...rest] = plan.argv;
  // A server takes a bare "python" for its own; and everything else it would look for on its own PATH.
  const isBare = !/[\\/]/.test(program);
  const rules = { platform: process.platform, env: environment, cwd, files: new NodeFiles() };
  const argv = [(isBare ? findOnPath(rules, program) : null) ?? program, ...rest];
  const own: Record<string, string> = ownDirectories(env);
  const unset: string[] = [];
  for (const { name, value } of changes) {
    // whose child it is, the server tells it
    if (name === 'JPY_PARENT_PID') continue;
    if (value === null) unset.push(name);
    else own[name] = value;
  }
  return {
    ...{ name: 'kernelkit', displayName: entry.displayName, language: entry.language, argv },
    ...{ env: own, unset, interruptMode: interrupt },
  };
}

/** The end of the kernel is the end of its server; and a server that has ended has no kernels any more. */
function restOf(server: LocalServer): KernelStartRest {
  const rest = kernelRest(new JupyterServer(server.settings));
  let isOver = false;
  void server.exited.then(() => {
    isOver = true;
  });
  const andClose =
    (end: (id: string, signal?: AbortSignal) => Promise<void>) =>
    async (id: string, signal?: AbortSignal): Promise<void> => {
      try {
        if (!isOver) await end(id, signal);
      } finally {
        await server.close();
      }
    };
  return {
    ...rest,
    get: async (id, signal) => (isOver ? null : rest.get(id, signal)),
    remove: andClose(rest.remove),
    removeSession: andClose(rest.removeSession),
  };
}
