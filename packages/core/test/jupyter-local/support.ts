import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { provided, pythonOf, type ServerName } from '../../../../testing/servers/index.js';
import type { FoundServer } from '../../src/index.js';

/** The servers that a local one can be made of. */
export const LOCAL: readonly ServerName[] = ['jupyter-server', 'jupyter-server1', 'notebook6'];

/** A provided server, as `findJupyterServer` would give it. */
export function foundServer(name: ServerName): FoundServer {
  const python = pythonOf(name);
  const { version } = provided(name);
  return {
    ...{ python, prefix: join(python, '..', '..'), version: version ?? '' },
    package: name === 'notebook6' ? 'notebook' : 'jupyter_server',
  };
}

/** Every path below a directory, but for what a kernel itself keeps there. */
export function listing(dir: string, except = /^\.(?:ipython|cache)(?:\/|$)/): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => !except.test(path))
    .sort();
}

/** The processes whose command line or environment holds a text. */
export function holding(text: string, file: 'cmdline' | 'environ'): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/${file}`, 'latin1').includes(text) ? [Number(name)] : [];
    } catch {
      return []; // it ended, or is another user's
    }
  });
}

/** Whether a process runs; a zombie does not. */
export function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

/** The private directory of a local server: it works in it. */
export function privateDirOf(server: number): string {
  return readlinkSync(`/proc/${server}/cwd`);
}
