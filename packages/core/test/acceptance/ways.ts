/** The ways to a kernel: the same tests run over each of them. */
import { vi } from 'vitest';
import { jupyterServer } from '../../../../testing/servers/index.js';
import type { KernelName } from '../../../../testing/support/index.js';
import { attach, type Kernel, listServer, planKernel, start, startPlan } from '../../src/index.js';
import { settingsOf, UNLIMITED } from '../jupyter/kernel-support.js';
import type { Row } from '../matrix/row.js';
import { realEntry } from '../support.js';

export interface Way {
  readonly name: string;
  /** What it needs on this machine beside the kernel. */
  readonly needs: 'jupyter-server' | null;
  /** Gets it ready for the kernel of one row. */
  open(row: Row): Promise<OpenWay>;
}

/** A way to the kernel of one row. */
export interface OpenWay extends AsyncDisposable {
  /** A kernel of the test's own, that is started again when it dies. */
  start(): Promise<Kernel>;
  /** A second client of a kernel that `start` gave. */
  join(kernel: Kernel): Promise<Kernel>;
}

const raw: Way = {
  name: 'raw',
  needs: null,
  async open(row) {
    const files = new Map<string, string>();
    return {
      async start() {
        if (row.shortPaths) vi.stubEnv('TMPDIR', '/tmp');
        const { kernel, host } = await startPlan(planKernel(realEntry(row.name)), { autoRestart: { delay: 10 } });
        files.set(kernel.id, host.launched.connectionFile);
        return kernel;
      },
      join: ({ id }) => attach(files.get(id)!),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

const server: Way = {
  name: 'through a Jupyter server',
  needs: 'jupyter-server',
  async open({ name }) {
    // What comes too fast for the server's taste is another test's.
    const running = await jupyterServer({ kernels: [name], config: UNLIMITED });
    const settings = settingsOf(running);
    const { entries } = await listServer(settings);
    const entry = entries.find((each) => each.source === 'server' && each.name === nameThere(name));
    return {
      start: () => start(entry!),
      async join({ id }) {
        const now = await listServer(settings);
        return start(now.entries.find(({ remote }) => remote.kernelId === id)!);
      },
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    };
  },
};

/** What the kernelspec of a provided kernel is called on the test's server. */
function nameThere(name: KernelName): string {
  return name === 'ipykernel' ? 'python3' : name;
}

export const WAYS: readonly Way[] = [raw, server];
