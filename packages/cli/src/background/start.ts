import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CatalogEntry,
  Deadline,
  type KernelModel,
  KernelRemovedError,
  type KernelRequest,
  kernelRest,
  type LaunchPlan,
  type PlanKernelOptions,
  ServerError,
  startServerKernel,
} from '@kernelkit/core';
import type { TrustedFailure } from '@kernelkit/server';
import type { Session } from '../session.js';
import { activationWarnings } from '../start-kernel.js';
import { sweepOrphans } from '../sweep-orphans.js';
import { BackgroundStartError } from './errors.js';
import { isListening } from './place.js';
import { type Background, background } from './reach.js';

/** A kernel that has been started, and stays. */
export interface Started {
  id: string;
  /** Where it is, as it is shown. */
  url: string;
}

/** How long a gateway that is about to end may be in the way of a new one. */
const RETRY_MS = 30_000;
const AGAIN_MS = 50;

/**
 * Starts a kernel that stays in the background, in this process's environment; comes back when it answers.
 * @throws BackgroundStartError, BackgroundError, JournalError, ServerError
 */
export async function startInBackground(
  session: Session,
  entry: CatalogEntry,
  options: PlanKernelOptions & { cwd: string },
): Promise<Started> {
  const { screen, signal } = session;
  sweepOrphans(session);
  const begin = performance.now();
  // asked for under an id of our own: whoever has to ask twice gets one kernel
  const id = randomUUID();
  const [there, model] = await create(session, { id, kernelkit: startOf(entry, options) });
  let failure: TrustedFailure | null = null;
  const asked = kernelRest(there.server);
  const get = async (kernelId: string, ended?: AbortSignal): Promise<KernelModel | null> => {
    const now = await asked.get(kernelId, ended);
    failure = (now?.kernelkit?.failure as TrustedFailure | null | undefined) ?? failure;
    return now;
  };
  try {
    const kernel = await startServerKernel(there.settings, {
      ...{ withoutSession: true, owned: false, signal },
      rest: {
        ...asked,
        ...{ get, createKernel: async () => model },
        async remove(kernelId, ended) {
          // why it has to go; nobody can be asked afterwards
          await get(kernelId, ended).catch(() => {});
          await asked.remove(kernelId, ended);
        },
      },
    });
    // the connection only: the kernel stays
    await kernel.close();
  } catch (error) {
    signal.throwIfAborted();
    if (failure !== null) throw new BackgroundStartError(failure, error);
    // it goes with its last kernel: somebody has ended this one
    throw (await isListening(there.place)) ? error : new KernelRemovedError(id);
  }
  screen.detail(`started ${id} at ${there.url} after ${Math.round(performance.now() - begin)} ms`);
  // whoever has ended it meanwhile has ended one that was started
  const now = await there.server.kernel(id, { signal }).catch(() => null);
  signal.throwIfAborted();
  for (const line of activationWarnings(planOf(now))) {
    screen.warn(`${screen.paintErr('yellow', 'warning:')} ${line}`);
  }
  return { id, url: there.url };
}

/** What the gateway reads as its TrustedStart. */
function startOf(entry: CatalogEntry, { cwd, overrides, activate, dotenv }: PlanKernelOptions & { cwd: string }) {
  return { form: 1, entry, cwd, env: process.env, overrides, activate, dotenv };
}

/** A gateway that ends just now is no failure: the next one is asked. */
async function create(session: Session, asked: KernelRequest): Promise<[Background, KernelModel]> {
  using deadline = new Deadline(RETRY_MS, session.signal);
  for (;;) {
    const there = await background(session);
    try {
      return [there, await there.server.startKernel(asked, { signal: session.signal })];
    } catch (error) {
      if (!isGoing(error) || deadline.signal.aborted) throw error;
      await delay(AGAIN_MS, undefined, { signal: deadline.signal });
    }
  }
}

function isGoing(error: unknown): boolean {
  return error instanceof ServerError && (error.status === 503 || error.kind === 'server-unreachable');
}

function planOf(model: KernelModel | null): Pick<LaunchPlan, 'activation'> {
  return { activation: (model?.kernelkit?.activation as LaunchPlan['activation'] | undefined) ?? null };
}
