/**
 * The main process's half: it owns the kernels, and a renderer asks for them over a port. The renderer gets plain data only, which
 * `postMessage` can copy; nothing of Node reaches it.
 */
import { type Kernel, KernelkitError, start } from '@kernelkit/core';

/** Electron's `MessagePortMain`, a `MessagePort` of worker_threads, a forked child: whatever takes and gives messages. */
export interface Port {
  postMessage(message: unknown): void;
  onMessage(listener: (message: Request) => void): void;
}

export type Request = { ask: number } & (
  | { do: 'start'; name: string }
  | { do: 'execute'; kernel: string; code: string }
  | { do: 'interrupt' | 'restart' | 'close'; kernel: string }
);

export class KernelOwner {
  readonly #kernels = new Map<string, Kernel>();

  /** Answers one renderer: `{ask, output}` for each output, then `{ask, result}` or `{ask, error}`; `{kernel, died}` by itself. */
  serve(port: Port): void {
    port.onMessage((request) => {
      const { ask } = request;
      this.#do(request, port).then(
        (result) => port.postMessage({ ask, result }),
        (error: unknown) => port.postMessage({ ask, error: plain(error) }),
      );
    });
  }

  /** For `app.on('will-quit')`. Without it kernels end with the process all the same, by its exit hook or a watchdog. */
  async close(): Promise<void> {
    await Promise.all([...this.#kernels.values()].map((kernel) => kernel.close()));
    this.#kernels.clear();
  }

  async #do(request: Request, port: Port): Promise<unknown> {
    if (request.do === 'start') {
      const kernel = await start(request.name, { autoRestart: { limit: 3 } });
      this.#kernels.set(kernel.id, kernel);
      kernel.on('died', ({ diagnosis, fix }) => port.postMessage({ kernel: kernel.id, died: { diagnosis, fix } }));
      return { kernel: kernel.id, language: kernel.info.language_info.name };
    }
    const kernel = this.#kernels.get(request.kernel);
    if (kernel === undefined) throw new Error(`there is no kernel ${request.kernel}`);
    switch (request.do) {
      case 'execute': {
        const execution = kernel.execute(request.code, { collect: false });
        for await (const output of execution) port.postMessage({ ask: request.ask, output });
        const { status, executionCount } = await execution;
        return { status, executionCount };
      }
      case 'interrupt':
        return kernel.interrupt();
      case 'restart':
        return kernel.restart();
      case 'close':
        this.#kernels.delete(kernel.id);
        return kernel.close();
    }
  }
}

function plain(error: unknown): { kind: string; message: string; fix: string | null } {
  if (error instanceof KernelkitError) return { kind: error.kind, message: error.message, fix: error.fix };
  return { kind: 'error', message: String(error), fix: null };
}
