import {
  type CatalogEntry,
  installPrivateServer,
  JupyterServerMissingError,
  type Kernel,
  type PlanKernelOptions,
  start,
} from '@kernelkit/core';
import { ask } from './ask.js';
import { UsageError } from './errors.js';
import type { ModeFlags } from './options.js';
import type { Session } from './session.js';

/**
 * Starts a kernel of this machine through a Jupyter server of its own, which ends with it. Where there is no Jupyter server, --install gets one
 * into a private environment, once the person at the terminal has agreed.
 * @throws UsageError, JupyterServerMissingError, PrivateServerError, LocalServerError, KernelStartError, ServerError, AbortedError
 */
export async function startThroughJupyter(
  session: Session,
  entry: CatalogEntry,
  options: PlanKernelOptions,
  { install = false, yes = false }: ModeFlags,
): Promise<Kernel> {
  const { screen, signal } = session;
  const begin = performance.now();
  const attempt = () =>
    start(entry, {
      ...{ ...options, mode: 'jupyter', signal },
      onServerNotice: ({ message }) => screen.detail(message),
    });
  let kernel: Kernel;
  try {
    kernel = await attempt();
  } catch (error) {
    if (!(error instanceof JupyterServerMissingError)) throw error;
    if (!install) {
      screen.note('With --install, kernelkit makes a private environment with a Jupyter server in it.');
      throw error;
    }
    if (!(await agreed(session, yes))) throw error;
    const { prefix, version } = await installPrivateServer({
      signal,
      onOutput: (text) => screen.note(text.trimEnd()),
    });
    screen.note(`jupyter_server ${version} is in ${prefix}`);
    kernel = await attempt();
  }
  screen.detail(
    `started ${entry.displayName} through a Jupyter server after ${Math.round(performance.now() - begin)} ms`,
  );
  return kernel;
}

async function agreed({ signal, screen }: Session, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (process.stdin.isTTY !== true)
    throw new UsageError('--install asks before it installs anything, and nobody is there to be asked', 'add --yes');
  screen.live('');
  const prompt = 'Make a private environment, and install jupyter_server from PyPI into it? [y/N] ';
  return /^y(es)?$/i.test((await ask({ prompt, password: false }, signal)).trim());
}
