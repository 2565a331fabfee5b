import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A surrounding in which Jupyter is asked for its kernelspecs. */
export interface PeerCase {
  env: Record<string, string>;
  cwd: string;
  prefix: string;
  basePrefix: string;
  userSite: boolean;
  platform: 'linux' | 'darwin';
}

export interface PeerAnswer {
  dirs: string[];
  specs: Record<string, { resource_dir: string; spec: Record<string, unknown> }>;
}

/** A Python that has jupyter_client: the one that the tests' set-up made, else KERNELKIT_TEST_PYTHON. */
function peerPython(): string {
  const list = fileURLToPath(new URL('../../../../testing/.cache/kernels.json', import.meta.url));
  if (existsSync(list)) {
    const made = JSON.parse(readFileSync(list, 'utf8')) as { kernels?: { peer?: { python?: string | null } } };
    const python = made.kernels?.peer?.python;
    if (python) return python;
  }
  const given = process.env.KERNELKIT_TEST_PYTHON;
  if (given) return given;
  throw new Error('No Python with jupyter_client: run "npm run kernels", or set KERNELKIT_TEST_PYTHON');
}

/** One Python process that answers case after case. */
export class Peer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  constructor() {
    const script = fileURLToPath(new URL('./peer.py', import.meta.url));
    this.#child = spawn(peerPython(), [script], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr!.on('data', (data) => {
      this.#stderr = (this.#stderr + data).slice(-4000);
    });
    this.#child.on('error', (error) => {
      this.#stderr += String(error);
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async ask(question: PeerCase): Promise<PeerAnswer> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`jupyter_client has ended: ${this.#stderr}`);
    return JSON.parse(line.value) as PeerAnswer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.stdin!.end();
    await ended;
  }
}
