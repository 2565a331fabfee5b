import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMessage, decodeWebSocketV1, encodeWebSocketV1, type JupyterMessage } from '@kernelkit/protocol';
import WebSocket from 'ws';
import { isRunning } from '../../core/src/process/index.js';

const program = fileURLToPath(new URL('fixtures/keeping.mjs', import.meta.url));

/** A gateway in a process of its own, on a directory of kept kernels. */
export interface KeepingProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly told: () => string;
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  /** Its exit status; null where a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function keepingProcess(dir: string, env: Record<string, string>): Promise<KeepingProcess> {
  const child = spawn(process.execPath, [program, dir], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    void exited.then(() => reject(new Error(`it ended: ${told}`)));
  });
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    ...{ url, pid: child.pid!, told: () => told, end },
    async ask(method, path, body) {
      const answer = await fetch(`${url}${path}`, {
        ...{ method, ...(body !== undefined && { body: JSON.stringify(body) }) },
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
    },
  };
}

/** The kernels' processes that a directory tells of, by id; they are ended at the end of the scope, whatever became of the gateways. */
export async function keptPids(dir: string): Promise<Map<string, { pid: number; startTime: string }>> {
  const found = new Map<string, { pid: number; startTime: string }>();
  for (const name of await readdir(dir).catch(() => [])) {
    const text = await readFile(join(dir, name, 'kernel.json'), 'utf8').catch(() => null);
    if (text === null) continue;
    const { id, process: running } = JSON.parse(text);
    if (running !== null) found.set(id, running);
  }
  return found;
}

export function endAll(dir: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      for (const { pid, startTime } of (await keptPids(dir)).values())
        if (isRunning(pid, startTime)) process.kill(-pid, 'SIGKILL');
    },
  };
}

export interface Client extends AsyncDisposable {
  readonly messages: JupyterMessage[];
  readonly closed: Promise<number>;
  execute(code: string): string;
  /** Answers a question for input. */
  answer(question: JupyterMessage, value: string): void;
  until(fits: (message: JupyterMessage) => boolean): Promise<JupyterMessage>;
  /** The reply to a request, and its idle. */
  reply(id: string): Promise<JupyterMessage>;
}

/** What a client's messages go through: a WebSocket, or the class of a gateway in this process. */
export interface AnySocket {
  binaryType: string;
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(data: Uint8Array): void;
  close(): void;
}

export async function client(
  url: string,
  session: string,
  query = '',
  make: (url: string, protocol: string) => AnySocket = (at, protocol) => new WebSocket(at, protocol) as AnySocket,
): Promise<Client> {
  const socket = make(
    `${url.replace(/^http/, 'ws')}/channels?session_id=${session}${query}`,
    'v1.kernel.websocket.jupyter.org',
  );
  socket.binaryType = 'arraybuffer';
  const messages: JupyterMessage[] = [];
  const waiting = new Set<() => void>();
  socket.onmessage = ({ data }: { data: ArrayBuffer }) => {
    messages.push(decodeWebSocketV1(data));
    for (const look of [...waiting]) look();
  };
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }: { code: number }) => resolve(code);
  });
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = ({ message }: { message: string }) => reject(new Error(message));
  });
  // a gateway that is killed breaks it
  socket.onerror = () => {};
  const until: Client['until'] = (fits) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = messages.find(fits);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    ...{ messages, closed, until },
    execute(code) {
      const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true } as never;
      const request = createMessage({ channel: 'shell', type: 'execute_request', session, content });
      socket.send(encodeWebSocketV1(request));
      return request.header.msg_id;
    },
    answer(parent, value) {
      const content = { value } as never;
      socket.send(
        encodeWebSocketV1(createMessage({ channel: 'stdin', type: 'input_reply', session, content, parent })),
      );
    },
    async reply(id) {
      await until((each) => each.parent_header.msg_id === id && stateOf(each) === 'idle');
      return until((each) => each.parent_header.msg_id === id && each.header.msg_type === 'execute_reply');
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

export function stateOf({ header, content }: JupyterMessage): string | null {
  return header.msg_type === 'status' ? (content as unknown as { execution_state: string }).execution_state : null;
}

/** What a request printed, message by message. */
export function printed(messages: readonly JupyterMessage[], id: string): string[] {
  return messages
    .filter(({ header, parent_header }) => header.msg_type === 'stream' && parent_header.msg_id === id)
    .map(({ content }) => (content as unknown as { text: string }).text);
}
