import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../python/peer.py', import.meta.url));

export type Answer = { ok: unknown; error?: undefined } | { ok?: undefined; error: string };

/** A Python with jupyter_client, which answers questions one after another (test/python/peer.py). */
export interface PythonPeer extends AsyncDisposable {
  ask(op: string, request?: Record<string, unknown>): Promise<Answer>;
  /** As `ask`; throws when Python raised an error. */
  get<T>(op: string, request?: Record<string, unknown>): Promise<T>;
}

export function startPython(python: string): PythonPeer {
  const child: ChildProcess = spawn(python, ['-u', SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close').catch(() => {});
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  let stderr = '';
  let dead: Error | undefined;
  const end = (why: string) => {
    dead ??= new Error(`the Python peer is gone: ${why}\n${stderr}`);
    for (const { reject } of waiting.splice(0)) reject(dead);
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  child.on('error', (error) => end(error.message));
  child.on('close', (code, signal) => end(`exit ${code ?? signal}`));
  child.stdin?.on('error', (error) => end(error.message));
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.resolve(line));

  const ask = async (op: string, request: Record<string, unknown> = {}): Promise<Answer> => {
    const line = await new Promise<string>((resolve, reject) => {
      if (dead) return reject(dead);
      waiting.push({ resolve, reject });
      child.stdin?.write(`${JSON.stringify({ ...request, op })}\n`);
    });
    return JSON.parse(line) as Answer;
  };
  return {
    ask,
    async get<T>(op: string, request?: Record<string, unknown>) {
      const answer = await ask(op, request);
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.ok as T;
    },
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
      child.kill();
      await closed;
    },
  };
}
