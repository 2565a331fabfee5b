import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const DEFAULT_DEADLINE_MS = 120_000;

interface Answer {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * The other side of a comparison: a program that reads one JSON command a line on stdin and answers each with one line,
 * `{"result": …}` or `{"error": "…"}`. It ends by itself when stdin ends.
 */
export class Peer implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<void>;
  readonly #what: string;
  #waiting: Answer | null = null;
  #stderr = '';

  constructor(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = process.env) {
    const [program, ...args] = argv;
    this.#what = args[0] ?? program;
    this.#child = spawn(program, args, { env, stdio: 'pipe' });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-2000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    this.#child.once('error', (error) => this.#fail(error.message));
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#fail(`it ended with ${signal ?? `status ${code}`}`);
        resolve();
      });
    });
  }

  /** Sends a command and gives its result; one at a time. The result has the shape that the caller knows the program gives. */
  ask<T>(command: string, args: Record<string, unknown> = {}, deadlineMs = DEFAULT_DEADLINE_MS): Promise<T> {
    const answer = this.#ask(command, args, deadlineMs);
    // The caller may be busy with its own side of the exchange when this one fails; it is told when it awaits.
    answer.catch(() => {});
    return answer as Promise<T>;
  }

  async #ask(command: string, args: Record<string, unknown>, deadlineMs: number): Promise<unknown> {
    if (this.#waiting !== null) throw new Error(`${this.#what} is still busy`);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    const timer = setTimeout(() => this.#fail(`no answer to ${command} in ${deadlineMs} ms`), deadlineMs);
    this.#child.stdin.write(`${JSON.stringify({ command, ...args })}\n`);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined) return;
    this.#child.stdin.end();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    clearTimeout(kill);
    // A kernel that it left could hold the pipes open.
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    await this.#exited;
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    let answer: { result?: unknown; error?: string };
    try {
      answer = JSON.parse(line) as typeof answer;
    } catch {
      waiting?.reject(new Error(`${this.#what} printed ${JSON.stringify(line.slice(0, 200))}`));
      return;
    }
    if (answer.error !== undefined) waiting?.reject(new Error(`${this.#what}: ${answer.error}`));
    else waiting?.resolve(answer.result);
  }

  #fail(how: string): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(new Error(`${this.#what}: ${how}\n${this.#stderr}`));
  }
}
