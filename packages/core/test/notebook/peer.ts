import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { peerPython } from '../../../../testing/support/index.js';

export type PeerOperation = 'rewrite' | 'upgrade' | 'errors' | 'splitlines' | 'dumps' | 'execute';

/** The real nbformat in a Python of its own: `await using peer = new NbformatPeer()`. */
export class NbformatPeer implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();
  #stderr = '';

  constructor() {
    this.#child = spawn(peerPython(), ['-u', fileURLToPath(new URL('peer.py', import.meta.url))], {
      env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
    });
    this.#child.stderr.on('data', (data: Buffer) => {
      this.#stderr += data.toString();
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What nbformat makes of the text; an Error when it raises one. */
  async ask(op: PeerOperation, text: string): Promise<unknown> {
    const previous = this.#last;
    const answer = previous
      .then(() => {
        this.#child.stdin.write(`${JSON.stringify({ op, text })}\n`);
        return this.#lines.next();
      })
      .then(({ value, done }) => {
        if (done === true) throw new Error(`the Python peer ended: ${this.#stderr}`);
        const reply = JSON.parse(value as string) as { ok?: unknown; error?: string };
        return reply.error === undefined ? reply.ok : new Error(reply.error);
      });
    this.#last = answer.catch(() => {});
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }
}
