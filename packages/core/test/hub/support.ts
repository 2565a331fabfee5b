import { createMessage, type JupyterMessage } from '@kernelkit/protocol';
import type { KernelName } from '../../../../testing/support/index.js';
import {
  type HubClientOptions,
  type HubConnection,
  type HubItem,
  type HubOptions,
  KernelHub,
  launch,
  planKernel,
  RawHost,
  type StartOptions,
} from '../../src/index.js';
import { realEntry } from '../support.js';

let sessions = 0;

/** A client that takes all that comes, as a program does that keeps up; `stall` makes it one that does not. */
export class TestClient {
  readonly items: HubItem[] = [];
  readonly connection: HubConnection;
  readonly session: string;
  gone: string | null = null;
  isStalled = false;
  readonly #waiting = new Set<() => void>();

  constructor(hub: KernelHub, options: Partial<HubClientOptions> = {}) {
    this.session = options.session ?? `session-${++sessions}`;
    this.connection = hub.attach({
      ...options,
      session: this.session,
      wake: () => this.pull(),
      gone: (reason) => {
        this.gone = reason;
        this.#look();
      },
    });
  }

  get messages(): JupyterMessage[] {
    return this.items.flatMap((item) => (item.kind === 'message' ? [item.entry.message] : []));
  }

  pull(): void {
    if (this.isStalled) return;
    for (let item = this.connection.take(); item !== null; item = this.connection.take()) this.items.push(item);
    this.#look();
  }

  send(
    type: string,
    content: Record<string, unknown>,
    more: { channel?: 'shell' | 'control' | 'stdin'; parent?: JupyterMessage; id?: string } = {},
  ): string {
    const { channel = 'shell', parent, id } = more;
    const message = createMessage({
      ...{ channel, type: type as never, session: this.session, content: content as never, parent },
      ...(id !== undefined && { id }),
    });
    this.connection.send(message);
    return message.header.msg_id;
  }

  execute(code: string, id?: string): string {
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true };
    return this.send('execute_request', { ...content, stop_on_error: true }, id === undefined ? {} : { id });
  }

  /** Resolves when what this client has got makes `done` true. The test's own timeout ends it. */
  until<T>(done: () => T | undefined | null | false): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = done();
        if (found === undefined || found === null || found === false) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The reply to a request, once its idle is there too. */
  reply(id: string): Promise<JupyterMessage> {
    let from = 0;
    let reply: JupyterMessage | null = null;
    let isIdle = false;
    return this.until(() => {
      for (; from < this.items.length; from++) {
        const item = this.items[from]!;
        if (item.kind !== 'message' || item.entry.message.parent_header.msg_id !== id) continue;
        const { message } = item.entry;
        if (message.channel !== 'iopub' && message.header.msg_type.endsWith('_reply')) reply = message;
        if (stateOf(message) === 'idle') isIdle = true;
      }
      return isIdle && reply;
    });
  }

  status(state: string): Promise<JupyterMessage> {
    return this.until(() => this.messages.find((each) => stateOf(each) === state));
  }

  /** What the request printed, as this client saw it. */
  printed(id: string): string {
    return this.messages
      .filter((each) => each.parent_header.msg_id === id && (each.header.msg_type as string) === 'stream')
      .map((each) => (each.content as { text: string }).text)
      .join('');
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

export function stateOf({ header, content }: JupyterMessage): string | null {
  return (header.msg_type as string) === 'status' ? (content as { execution_state: string }).execution_state : null;
}

export function statusOf({ content }: JupyterMessage): string {
  return (content as { status: string }).status;
}

export interface RunningHub extends AsyncDisposable {
  hub: KernelHub;
  /** What runs it, once it is ready. */
  host(): RawHost;
}

/** A hub on a kernel that core starts. */
export function hubOn(
  entry: KernelName | Parameters<typeof planKernel>[0],
  options: HubOptions = {},
  start: StartOptions = {},
): RunningHub {
  let host: RawHost | null = null;
  const what = typeof entry === 'string' ? realEntry(entry) : entry;
  const hub = new KernelHub(
    'hub',
    async (signal) => {
      // not startPlan: its Kernel would answer the questions that are for the hub's clients
      const launched = await launch(await planKernel(what, { signal, ...start }), { signal, ...start });
      host = new RawHost(launched, start);
      return host;
    },
    options,
  );
  return {
    hub,
    host: () => host!,
    [Symbol.asyncDispose]: () => hub.close(),
  };
}
