/**
 * An agent's code tool: JSON lines in, JSON lines out, one kernel behind it whose state stays from call to call.
 *
 *   {"code": "print(6 * 7)", "seconds": 10, "characters": 4000}   →   {"status": "ok", "text": "42\n", …}
 *
 * It always comes back: at the deadline the code is interrupted, and where it does not heed that the kernel is restarted. What is printed
 * beyond the budget is left out of the middle, so that the beginning and the error at the end are both there.
 */
import { createInterface } from 'node:readline';
import { type Kernel, KernelkitError, type OutputEvent, start } from '@kernelkit/core';

interface Call {
  code: string;
  seconds?: number;
  characters?: number;
}

interface Answer {
  status: 'ok' | 'error' | 'timeout' | 'failed';
  text: string;
  /** How many characters were left out of the text. */
  leftOut: number;
  /** What the agent has to know beside the output: that variables are gone, that time was up. */
  notice: string | null;
}

/** Text of which the first and the last half of a budget are kept; memory stays bounded, however much comes. */
class Budget {
  readonly #half: number;
  #head = '';
  #tail = '';
  #leftOut = 0;

  constructor(characters: number) {
    this.#half = Math.ceil(characters / 2);
  }

  add(text: string): void {
    const room = this.#half - this.#head.length;
    this.#head += text.slice(0, room);
    const rest = this.#tail + text.slice(room);
    this.#tail = rest.slice(-this.#half);
    this.#leftOut += rest.length - this.#tail.length;
  }

  result(): Pick<Answer, 'text' | 'leftOut'> {
    const gap = this.#leftOut === 0 ? '' : `\n[… ${this.#leftOut} characters were left out …]\n`;
    return { text: this.#head + gap + this.#tail, leftOut: this.#leftOut };
  }
}

/** What a model can read of an output: a picture is named, and not sent as base64. */
function textOf(output: OutputEvent): string {
  if (output.output_type === 'stream') return output.text;
  if (output.output_type === 'error') return `${output.ename}: ${output.evalue}\n`;
  if (!('data' in output)) return '';
  return (
    `${output.data['text/plain'] ?? ''} ${Object.keys(output.data).filter((type) => type.startsWith('image/'))}`.trim() +
    '\n'
  );
}

async function run(kernel: Kernel, { code, seconds = 30, characters = 10_000 }: Call): Promise<Answer> {
  const budget = new Budget(characters);
  let stopping: Promise<string> | null = null;
  const timer = setTimeout(() => {
    stopping = stop(kernel, seconds);
  }, seconds * 1000);
  let status: Answer['status'] = 'ok';
  let notice: string | null = null;
  try {
    // without `collect` nothing is kept but what the budget keeps
    const execution = kernel.execute(code, { collect: false });
    for await (const output of execution) budget.add(textOf(output));
    if ((await execution).status !== 'ok') status = 'error';
  } catch (error) {
    status = 'failed';
    notice = error instanceof KernelkitError ? [error.message, error.fix].filter(Boolean).join('; ') : String(error);
    // it died, and `autoRestart` is about to have a fresh one for the next call
    if (stopping === null) await restarted(kernel);
  } finally {
    clearTimeout(timer);
  }
  if (stopping !== null) [status, notice] = ['timeout', await stopping];
  return { status, ...budget.result(), notice };
}

/** Gets the kernel to stop, and says what that cost. */
async function stop(kernel: Kernel, seconds: number): Promise<string> {
  const heeded = await kernel.interruptUntilIdle({ attempts: 2, patience: 500 }).catch(() => 'unheeded');
  if (heeded === 'idle') return `stopped after ${seconds} s; variables are kept`;
  await kernel.restart();
  return `stopped after ${seconds} s; it did not heed the interrupt, so the kernel was restarted and variables are gone`;
}

function restarted(kernel: Kernel): Promise<void> {
  return new Promise((resolve) => {
    if (kernel.status !== 'restarting') return resolve();
    const end = kernel.on('status', (status) => {
      if (status === 'restarting') return;
      end();
      resolve();
    });
  });
}

// one that hangs is not waited for when it has to go
const options = { autoRestart: { limit: 3 }, shutdown: { request: 500 } };
const kernel = await start(process.argv[2] ?? 'python3', options);
for await (const line of createInterface({ input: process.stdin })) {
  let answer: Answer;
  try {
    answer = await run(kernel, JSON.parse(line) as Call);
  } catch (error) {
    answer = { status: 'failed', text: '', leftOut: 0, notice: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await kernel.close();
