import { setTimeout as delay } from 'node:timers/promises';
import { KernelkitError, KernelStartError } from '@kernelkit/core';

/** Something that must never happen did. It ends the soak. */
export class Violation extends Error {}

/** How long anything that is no start may take: far more than a machine under load needs, far less than for ever. */
export const SOON_MS = 90_000;
/** How long a kernel that was started may keep silent: the slowest need ten seconds on a machine that does nothing else. */
export const SILENT_MS = 100_000;
/** More than that, since every other kernel may have its turn before; so that it is the start itself that tells why. */
export const START_MS = 240_000;

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what);
}

/** The promise's value. @throws Violation when it takes too long, or fails */
export async function within<T>(what: string, ms: number, promise: Promise<T>): Promise<T> {
  const settled = await settles(what, ms, promise);
  if ('value' in settled) return settled.value;
  throw new Violation(`${what}: ${described(settled.error)}`, { cause: settled.error });
}

/** The error that it rejects with, which must have one of these kinds. @throws Violation */
export async function rejects(what: string, promise: Promise<unknown>, ...kinds: string[]): Promise<KernelkitError> {
  const settled = await settles(what, SOON_MS, promise);
  must('error' in settled, `${what}: it should have failed with ${kinds.join(' or ')}`);
  const { error } = settled;
  const isRight = error instanceof KernelkitError && kinds.includes(error.kind);
  must(isRight, `${what}: expected was ${kinds.join(' or ')}, and it is ${described(error)}`);
  return error;
}

/** The value or the error, in time. @throws Violation when it takes too long */
export async function settles<T>(
  what: string,
  ms: number,
  promise: Promise<T>,
): Promise<{ value: T } | { error: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Violation(`${what}: not within ${ms / 1000} s`)), ms);
  });
  const settled = promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return Promise.race([settled, late]).finally(() => clearTimeout(timer));
}

/** Waits until something that is under way has come about. @throws Violation */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, ms = SOON_MS): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    must(performance.now() < deadline, `${what}: not within ${ms / 1000} s`);
    await delay(50);
  }
}

function described(error: unknown): string {
  if (!(error instanceof KernelkitError)) return String(error);
  const facts = error instanceof KernelStartError ? `\n${JSON.stringify(factsOf(error), null, 2)}` : '';
  return `${error.kind} (${error.message})${facts}`;
}

/** What a start knew when it failed, without the environment, which may hold secrets. */
function factsOf({ failure }: KernelStartError): object {
  const { environment: _, ...facts } = failure;
  return facts;
}
