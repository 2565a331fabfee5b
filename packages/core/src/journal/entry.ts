import { isAbsolute, resolve } from 'node:path';
import type { Machine, Owner } from './machine.js';

export const VERSION = 1;

/** What the journal is told of a kernel. */
export interface KernelRecord {
  /** The kernel's id; a file is named for it. */
  id: string;
  /** The pid of its process, which leads a process group. */
  pid: number;
  /** `KernelProcess.startTime`. Null on Windows: such a process is never ended, since it may be another by then. */
  startTime: string | null;
  /** The kernelspec's name. */
  spec: string;
  displayName: string;
  /** argv[0]. */
  program: string;
  connectionFile: string;
  /** Removed when the kernel is found dead and its owner, too; null: there is nothing to remove. */
  runDir: string | null;
  cwd: string;
  /** ISO 8601, UTC. */
  startedAt: string;
}

/** An entry of the journal, as it lies in its file. */
export interface RecordedKernel extends KernelRecord, Machine {
  version: typeof VERSION;
  owner: Owner;
}

/**
 * What became of a kernel: `owned`: it runs, and so does its owner · `orphaned`: it runs, its owner does not · `ended` · `elsewhere`: of
 * another machine or container, where this one cannot look.
 */
export type KernelState = 'owned' | 'orphaned' | 'ended' | 'elsewhere';

export interface JournalEntry extends RecordedKernel {
  state: KernelState;
  /** The entry's own file. */
  file: string;
}

/** A file of the journal that nothing is done with. */
export interface JournalProblem {
  file: string;
  kind: 'unreadable' | 'not-an-entry' | 'unknown-version' | 'left-alone' | 'not-removed';
  message: string;
}

export function fileNameOf(id: string): string {
  return `kernel-${id}.json`;
}

/** What an id may be: a plain file name, also together with its prefix. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** No system gives a pid that does not fit; to kill(2), -2^31 and what wraps round would mean something else. */
const MAX_PID = 2 ** 31 - 1;

/**
 * Checks strictly what was read from a file: its pid may be sent SIGKILL, and its directory removed.
 *
 * @param fileName the name that the file has
 * @param ownPid a process is no kernel of its own
 * @returns the entry, or why it is none; `version` where the entry is of a version that we do not know
 */
export function parseEntry(
  value: unknown,
  fileName: string,
  ownPid: number,
): { entry: RecordedKernel } | { wrong: string; version?: unknown } {
  if (!isObject(value)) return { wrong: 'it is no JSON object' };
  if (value.version !== VERSION) return { wrong: `version ${JSON.stringify(value.version)}`, version: value.version };
  const wrong = Object.entries(FIELDS).find(([name, check]) => !check(value[name]))?.[0];
  if (wrong !== undefined) return { wrong: `"${wrong}" is not what it should be` };
  if (value.pid === ownPid) return { wrong: '"pid" is that of this very process' };
  if (fileName !== fileNameOf(value.id as string)) return { wrong: 'it has not the name of its "id"' };
  // Nothing is taken over but what was checked.
  const fields = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, value[name]]));
  const { pid, startTime } = value.owner as Record<string, unknown>;
  return { entry: { version: VERSION, ...fields, owner: { pid, startTime } } as RecordedKernel };
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value.length <= 8192 && !value.includes('\0');
const name: Check = (value) => text(value) && value !== '';
const path: Check = (value) => name(value) && isAbsolute(value as string);
/** Without a slash at its end, which would follow a link, and nothing on its way that leads back. */
const plainPath: Check = (value) => path(value) && resolve(value as string) === value;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const startTime = orNull((value) => typeof value === 'string' && /^[\w :.+-]{1,64}$/.test(value));
/** 0 is a group of one's own, 1 the system's first process, and what is negative all that one may signal. */
const pid: Check = (value) => Number.isSafeInteger(value) && (value as number) > 1 && (value as number) <= MAX_PID;
/** The first process of a container may own kernels. */
const owner: Check = (value) =>
  isObject(value) && (value.pid === 1 || pid(value.pid)) && 'startTime' in value && startTime(value.startTime);

const FIELDS: Record<Exclude<keyof RecordedKernel, 'version'>, Check> = {
  id: (value) => typeof value === 'string' && ID.test(value),
  pid,
  startTime,
  spec: text,
  displayName: text,
  program: name,
  connectionFile: path,
  runDir: orNull(plainPath),
  cwd: path,
  startedAt: (value) => name(value) && !Number.isNaN(Date.parse(value as string)),
  host: name,
  bootId: orNull(name),
  pidNamespace: orNull(name),
  owner,
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
