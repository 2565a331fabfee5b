import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { lookAt } from '../process/index.js';

/** Where a pid means something: one run of one machine, and there one namespace of pids (a container has its own). */
export interface Machine {
  /** Temporary files can lie on a disk that several machines share. */
  host: string;
  /** Null where the system has none (only Linux has). */
  bootId: string | null;
  pidNamespace: string | null;
}

/** This process, as an entry names a process's owner. */
export interface Owner {
  pid: number;
  /** Null on Windows. */
  startTime: string | null;
}

let machine: Machine | undefined;
let self: (Owner & { group: number | null }) | undefined;

/** What tells this machine, this boot of it and this container from others, so that a pid of elsewhere is never taken for one of here. */
export function thisMachine(): Machine {
  machine ??= {
    host: hostname() || 'localhost',
    bootId: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
  };
  return machine;
}

export function thisProcess(): Owner & { group: number | null } {
  if (self === undefined) {
    const found = lookAt(process.pid);
    self = { pid: process.pid, startTime: found?.startTime ?? null, group: found?.group ?? null };
  }
  return self;
}

function orNull(read: () => string): string | null {
  try {
    return read() || null;
  } catch {
    return null;
  }
}
