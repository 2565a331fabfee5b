import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LaunchPlan, quirksOfArgv, type StayingKernel, thisMachine } from '@kernelkit/core';
import type { KernelStart } from '../kernels/start.js';

/** What is started, as far as it can be written down. */
export type KeptStart = Omit<KernelStart, 'id' | 'onPlan' | 'onHost'> & {
  readonly name: string;
  /** Whether a client brought it as a whole. */
  readonly isTrusted: boolean;
};

/** What another gateway has to know of a kernel. */
export interface KeptRecord {
  readonly version: 1;
  readonly id: string;
  /** ISO 8601: in the order of these kernels are listed. */
  readonly created: string;
  readonly start: KeptStart;
  /** The ZeroMQ identity of whoever talks to it: answers that are under way come to the next one, too. */
  readonly session: string;
  /** Its process; null: there is none yet. */
  readonly process: KeptProcess | null;
  /** Why there is no process any more; null where nobody has seen it end. */
  readonly ended: { readonly message: string; readonly stderr: string; readonly at: string } | null;
}

export interface KeptProcess extends StayingKernel {
  readonly started: string;
  readonly machine: ReturnType<typeof thisMachine>;
}

export function processOf(kernel: StayingKernel): KeptProcess {
  return { ...kernel, started: new Date().toISOString(), machine: thisMachine() };
}

/** Whether a pid of that process means something here. */
export function isOfThisMachine({ machine }: KeptProcess): boolean {
  const here = thisMachine();
  return machine.host === here.host && machine.bootId === here.bootId && machine.pidNamespace === here.pidNamespace;
}

const MAX_PID = 2 ** 31 - 1;

/** The record in a kernel's directory; null: none that can be used. Its process may be signalled, and its directory removed. */
export async function readRecord(directory: string): Promise<KeptRecord | null> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(directory, 'kernel.json'), 'utf8'));
  } catch {
    return null;
  }
  if (!isRecord(value) || value.version !== 1) return null;
  const { id, created, start, session, process: running, ended } = value;
  if (![id, created, session].every(isText) || !isRecord(start) || !isText(start.name) || !isText(start.cwd))
    return null;
  if (!isRecord(start.entry) || !isRecord(start.overrides)) return null;
  if (ended !== null && !(isRecord(ended) && isText(ended.message) && isText(ended.stderr))) return null;
  if (running !== null && !isProcess(running, dirname(directory))) return null;
  return {
    ...(value as unknown as KeptRecord),
    process: running === null ? null : withQuirks(running as unknown as KeptProcess),
  };
}

/** What is Infinity in them is nothing in JSON; they follow from argv. */
function withQuirks(running: KeptProcess): KeptProcess {
  const plan: LaunchPlan = { ...running.plan, quirks: quirksOfArgv(running.plan.argv) };
  return { ...running, plan };
}

function isProcess(value: unknown, keep: string): boolean {
  if (!isRecord(value)) return false;
  const { pid, startTime, argv, connectionFile, runDir, plan, started, machine } = value;
  return (
    Number.isSafeInteger(pid) &&
    (pid as number) > 1 &&
    (pid as number) <= MAX_PID &&
    isText(startTime) &&
    Array.isArray(argv) &&
    isText(runDir) &&
    dirname(runDir) === keep &&
    isText(connectionFile) &&
    dirname(connectionFile) === runDir &&
    isText(started) &&
    isRecord(machine) &&
    isRecord(plan) &&
    Array.isArray(plan.argv) &&
    isRecord(plan.environment) &&
    isRecord(plan.entry)
  );
}

const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
