import { basename, dirname } from 'node:path';
import type { KernelState, RecordedKernel } from './entry.js';
import type { Machine } from './machine.js';

/** What can be seen from here of machines and processes. */
export interface World {
  machine: Machine;
  /** This process, and the group that it is in. */
  self: { pid: number; group: number | null };
  /** Whether that very process runs. */
  runs(pid: number, startTime: string | null): boolean;
  /** The group that a process is in. */
  groupOf(pid: number): number | null;
}

/** What became of a kernel, and whether its owner is gone. */
export function stateOf(entry: RecordedKernel, world: World): { state: KernelState; ownerGone: boolean } {
  const { machine } = world;
  // A name of the machine that has changed makes litter; one that is not looked at would end another machine's kernel.
  if (entry.host !== machine.host) return { state: 'elsewhere', ownerGone: false };
  if (entry.bootId !== machine.bootId) {
    if (entry.bootId === null || machine.bootId === null) return { state: 'elsewhere', ownerGone: false };
    return { state: 'ended', ownerGone: true };
  }
  if (entry.pidNamespace !== machine.pidNamespace) return { state: 'elsewhere', ownerGone: false };
  const ownerGone = !world.runs(entry.owner.pid, entry.owner.startTime);
  const runs = world.runs(entry.pid, entry.startTime);
  return { state: runs ? (ownerGone ? 'orphaned' : 'owned') : 'ended', ownerGone };
}

/** Why the group of a kernel must not be ended; null when it may be. Asked again before it is: it may have gone meanwhile. */
export function whyNotEnd(entry: RecordedKernel, world: World): string | null {
  const { state } = stateOf(entry, world);
  if (state !== 'orphaned') return `it is not left over: ${state}`;
  if (entry.startTime === null) return 'its start time is not known: it may be another process by now';
  if (entry.pid === world.self.pid || entry.pid === world.self.group) return 'this program runs in its group';
  if (world.groupOf(entry.pid) !== entry.pid) return 'it leads no process group';
  return null;
}

/**
 * Whether a path may be that of a run directory, by its name alone: `kernelkit-…`, directly in the directory for temporary
 * files. Both paths are real ones.
 */
export function isRunDir(path: string, temporary: string): boolean {
  return dirname(path) === temporary && /^kernelkit-[A-Za-z0-9_-]+$/.test(basename(path));
}
