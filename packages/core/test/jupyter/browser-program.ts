/** What the page of browser.test.ts runs: bundled for a browser, and called from the test by name. */
import {
  browserNetwork,
  connectServerKernel,
  JupyterServer,
  type Kernel,
  KernelkitError,
  kernelRest,
  type Network,
  type OutputEvent,
  type PastedServer,
  serverFromUrl,
  startServerKernel,
  type WebSocketLike,
} from '@kernelkit/core/client';

/** An error, as plain data. */
export interface Failure {
  kind: string;
  message: string;
  fix: string | null;
  causeFix: string | null;
}

const fixOf = (error: unknown): string | null => (error instanceof KernelkitError ? error.fix : null);

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof KernelkitError))
      return { kind: 'untyped', message: String(error), fix: null, causeFix: null };
    return { kind: error.kind, message: error.message, fix: error.fix, causeFix: fixOf(error.cause) };
  }
  return { kind: 'none', message: 'nothing failed', fix: null, causeFix: null };
}

/** The page's network, and the sockets that were opened over it. */
function watched(): { network: Network; sockets: WebSocketLike[] } {
  const platform = browserNetwork();
  const sockets: WebSocketLike[] = [];
  const network: Network = {
    fetch: platform.fetch,
    openWebSocket(...args) {
      const socket = platform.openWebSocket(...args);
      sockets.push(socket);
      return socket;
    },
  };
  return { network, sockets };
}

async function collect(kernel: Kernel, code: string): Promise<{ events: OutputEvent[]; status: string }> {
  const execution = kernel.execute(code);
  const events: OutputEvent[] = [];
  for await (const event of execution) events.push(event);
  return { events, status: (await execution).status };
}

export const programs = {
  async whole(url: string) {
    const { network, sockets } = watched();
    const server = new JupyterServer(serverFromUrl(url, { network }));
    const version = await server.check();
    const { kernelspecs } = await server.kernelspecs();
    const before = (await server.kernels()).length;
    const kernel = await startServerKernel(server.settings, { name: 'python3' });
    const running = (await server.kernels()).map(({ id }) => id === kernel.id);
    const shown = await collect(kernel, 'print("hello")\n6 * 7');
    const failed = await kernel.execute('1 / 0');
    const asked = await kernel.execute('print("<" + input("who? ") + ">")', { onInput: ({ prompt }) => `${prompt}me` });
    const loop = kernel.execute('import time\nwhile True: print("on", flush=True); time.sleep(0.05)', {
      collect: false,
    });
    for await (const _ of loop) break;
    await kernel.interrupt();
    const interrupted = (await loop).error?.ename;
    const guest = await connectServerKernel(server.settings, kernel.id);
    await kernel.execute('x = bytes(range(256)).hex()');
    const joined = await collect(guest, 'x');
    await guest.close();
    await kernel.close();
    return {
      version,
      specs: Object.keys(kernelspecs),
      ...{ before, running, shown, interrupted, joined },
      failed: failed.error,
      asked: asked.outputs,
      protocols: sockets.filter(({ readyState }) => readyState >= 2).map(({ protocol }) => protocol),
      after: (await server.kernels()).length,
    };
  },
  /** A comm's buffers, there and back. */
  async buffers(url: string) {
    const kernel = await startServerKernel(serverFromUrl(url));
    await kernel.execute(
      [
        'def opened(comm, msg):',
        '    @comm.on_msg',
        '    def echo(msg): comm.send({}, buffers=[bytes(b)[::-1] for b in msg["buffers"]])',
        'get_ipython().kernel.comm_manager.register_target("echo", opened)',
      ].join('\n'),
    );
    const comm = await kernel.openComm('echo');
    const echoed = new Promise<Uint8Array[]>((resolve) => {
      comm.onMessage = ({ buffers }) => resolve(buffers);
    });
    await comm.send({}, [new Uint8Array([1, 2, 3]), new Uint8Array(1_000_000).fill(7)]);
    const [small, large] = await echoed;
    await kernel.close();
    return { small: Array.from(small ?? []), large: large?.byteLength };
  },
  listing: (url: string) => failureOf(new JupyterServer(serverFromUrl(url)).kernelspecs()),
  starting: (url: string) => failureOf(startServerKernel(serverFromUrl(url))),
  refused: (url: string) => failureOf(new JupyterServer(serverFromUrl(url)).startKernel({ name: 'no-such-spec' })),
  /** A kernel that is ended by somebody else. */
  async culled(url: string) {
    const server = new JupyterServer(serverFromUrl(url));
    const rest = kernelRest(server);
    const kernel = await startServerKernel(server.settings, { rest });
    const first = await server.deleteKernel(kernel.id);
    await kernel.close();
    return {
      first,
      connecting: (await failureOf(connectServerKernel(server.settings, kernel.id, { rest }))).kind,
      kernel: await server.kernel(kernel.id),
      again: await server.deleteKernel(kernel.id),
    };
  },
  /** The server is one that lets the page ask, and yet takes no WebSocket from it. */
  connecting: (url: string, id: string) => failureOf(connectServerKernel(withoutLook(url), id)),
};

/** The REST interface is not asked through the browser's rules: what is left is the WebSocket. */
function withoutLook(url: string): PastedServer {
  const network: Network = {
    ...browserNetwork(),
    fetch: async (input) =>
      Response.json({ id: input.slice(input.lastIndexOf('/') + 1), name: 'python3', execution_state: 'idle' }),
  };
  return serverFromUrl(url, { network });
}

export type Programs = typeof programs;
