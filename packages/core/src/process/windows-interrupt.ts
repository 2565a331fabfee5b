import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { KernelkitError } from '../errors/index.js';
import { settlesWithin } from '../wait/index.js';
import { WINDOWS_INTERRUPT_PROGRAM } from './windows-interrupt-program.js';

/** No interrupt event could be made, or set. */
export class InterruptEventError extends KernelkitError {
  constructor(why: string) {
    super('interrupt-event', `the kernel's interrupt event does not work: ${why}`, { fix: 'restart the kernel' });
  }
}

/** An event that a kernel waits for to interrupt itself. */
export interface InterruptEvent {
  /** What JPY_INTERRUPT_EVENT is for the kernel: a handle that it inherits. */
  readonly handle: string;
  /** @throws InterruptEventError */
  set(): Promise<void>;
  close(): Promise<void>;
}

/** Compiling the helper's few lines takes a second or so. */
const ANSWER_MS = 10_000;

/**
 * Interrupts on Windows, where no signal leads to a KeyboardInterrupt: ipykernel waits for an event whose handle it inherits from whoever
 * starts it (JPY_INTERRUPT_EVENT; jupyter_client, `win_interrupt.py`). Node cannot make one, so that a PowerShell beside this process does, and
 * duplicates the handle into it. One helper serves all kernels of a process, and ends with the last.
 *
 * Written by the interfaces' documentation; never run on a Windows. Tested with a stand-in for the helper.
 */
export class InterruptEvents {
  readonly #argv: readonly string[];
  #helper: { child: ChildProcess; lines: AsyncIterator<string> } | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #open = 0;

  /** @param argv the helper; for tests */
  constructor(argv: readonly string[] = HELPER) {
    this.#argv = argv;
  }

  /** @throws InterruptEventError */
  async make(): Promise<InterruptEvent> {
    this.#open++;
    let handle: string;
    try {
      handle = await this.#ask('new');
    } catch (error) {
      this.#release();
      throw error;
    }
    let isOpen = true;
    return {
      handle,
      set: async () => void (await this.#ask(`set ${handle}`)),
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        await this.#ask(`close ${handle}`).catch(() => {});
        this.#release();
      },
    };
  }

  #release(): void {
    this.#open--;
    if (this.#open > 0) return;
    this.#helper?.child.stdin?.end();
    this.#helper = null;
  }

  /** One after the other: an answer belongs to the line before it. */
  #ask(line: string): Promise<string> {
    const answer = this.#queue.then(() => this.#answer(line));
    this.#queue = answer.catch(() => {});
    return answer;
  }

  async #answer(line: string): Promise<string> {
    if (this.#helper === null) {
      this.#helper = this.#start();
      await this.#next();
    }
    this.#helper.child.stdin?.write(`${line}\n`);
    return this.#next();
  }

  async #next(): Promise<string> {
    const { child, lines } = this.#helper!;
    const next = lines.next();
    if (!(await settlesWithin(next, ANSWER_MS))) {
      child.kill();
      this.#helper = null;
      throw new InterruptEventError(`its helper did not answer within ${ANSWER_MS / 1000} s`);
    }
    const { value, done } = await next;
    if (done) {
      this.#helper = null;
      throw new InterruptEventError('its helper has ended');
    }
    const [verdict, ...rest] = value.split(' ');
    if (verdict !== 'ok') throw new InterruptEventError(rest.join(' '));
    return rest.join(' ');
  }

  #start(): { child: ChildProcess; lines: AsyncIterator<string> } {
    const [program = '', ...args] = this.#argv;
    const child = spawn(program, [...args, String(process.pid)], {
      env: { ...process.env, [PROGRAM]: WINDOWS_INTERRUPT_PROGRAM },
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    // it ends when its input does, with this process at the latest
    child.unref();
    return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
  }
}

/** The program comes by a variable, so that nothing of it has to be quoted. */
const PROGRAM = 'KERNELKIT_INTERRUPT_PROGRAM';

const HELPER = [
  'powershell.exe',
  ...['-NoLogo', '-NoProfile', '-NonInteractive', '-Command'],
  `& ([ScriptBlock]::Create($env:${PROGRAM}))`,
];

/** Those of this process. */
export const interruptEvents = new InterruptEvents();
