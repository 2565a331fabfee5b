import { JupyterServer, type ServerEntry, type ServerSettings, shownUrl } from '@kernelkit/core';
import type { FoundKernels } from '../choose.js';
import { startOnServer } from '../servers/start.js';
import type { Session } from '../session.js';
import type { Steps } from './steps.js';

/** Whether the servers answer, who they take us for, and what they have. */
export async function examineServers(steps: Steps, { signal }: Session, { servers }: FoundKernels): Promise<void> {
  for (const { url, error } of servers?.failures ?? []) {
    const { fix = null } = error as { fix?: string | null };
    await steps.add('server', 'failed', error.message.startsWith(url) ? error.message : `${url}: ${error.message}`, {
      fix,
    });
  }
  for (const settings of servers?.reached ?? []) await examineServer(steps, settings, signal);
}

/** @throws AbortedError */
export async function examineServer(steps: Steps, settings: ServerSettings, signal: AbortSignal): Promise<void> {
  const server = new JupyterServer(settings);
  const begin = performance.now();
  try {
    const version = await server.version({ signal });
    const ms = performance.now() - begin;
    const [me, specs, kernels] = await Promise.all([
      server.me({ signal }),
      server.kernelspecs({ signal }),
      server.kernels({ signal }),
    ]);
    const names = Object.keys(specs.kernelspecs).join(', ');
    await steps.add('server', 'ok', `${shownUrl(settings.baseUrl)} is Jupyter Server ${version}`, {
      ms,
      details: [
        `lets us in${me === null ? '' : ` as ${me.name} (${me.username})`}`,
        `kernelspecs: ${names || 'none'}; the default is ${specs.default || 'not said'}`,
        kernels.length === 1 ? '1 kernel runs' : `${kernels.length} kernels run`,
      ],
    });
  } catch (error) {
    signal.throwIfAborted();
    const { message, fix = null } = error as Error & { fix?: string | null };
    await steps.add('server', 'failed', message, { fix, ms: performance.now() - begin });
  }
}

/** A trial of a server's kernel; one that runs already is joined, and only asked who it is. */
export async function examineServerKernel(
  steps: Steps,
  session: Session,
  found: FoundKernels,
  entry: ServerEntry,
): Promise<void> {
  const settings = found.servers?.settingsOf(entry) ?? entry.remote.settings;
  const begin = performance.now();
  try {
    await using kernel = await startOnServer(session, settings, entry, {});
    await steps.add('start', 'ok', `${entry.displayName}: ready`, { ms: performance.now() - begin });
    const { implementation, implementation_version: version, protocol_version: protocol } = kernel.info;
    await steps.add('speaks', 'ok', `${implementation} ${version}, protocol ${protocol}`);
    if (entry.remote.kernelId !== null) return;
    const from = performance.now();
    const { status } = await kernel.execute('', { signal: session.signal, storeHistory: false });
    await steps.add('execute', status === 'ok' ? 'ok' : 'failed', `it answered with ${status}`, {
      ms: performance.now() - from,
    });
  } catch (error) {
    session.signal.throwIfAborted();
    const { message, fix = null } = error as Error & { fix?: string | null };
    await steps.add('start', 'failed', message, { fix });
  }
}
