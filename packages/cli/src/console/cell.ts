import type { ExecuteResult, InputRequest, Kernel } from '@kernelkit/core';
import type { Display } from '../display.js';
import type { Editor } from './editor.js';
import type { History } from './history.js';
import { Interrupts } from './interrupts.js';
import type { Keyboard } from './keyboard.js';
import type { Others } from './others.js';
import { CellOutputs } from './outputs.js';
import type { Prompts } from './prompts.js';
import type { Surface } from './surface.js';

/** What a kernel that reads a line takes for the end of its input (ipykernel raises EOFError for it). */
const END_OF_INPUT = '\x04';

export interface Around {
  kernel: Kernel;
  keyboard: Keyboard;
  surface: Surface;
  editor: Editor;
  others: Others;
  /** What the code's questions were answered with, for the next of them (a debugger's). */
  answers: History;
  prompts: Prompts;
  display: Display;
  colour: boolean;
  /** Ctrl-\ while it runs. */
  onRestart: () => void;
  /** Ends the waiting, and interrupts nothing: a kernel that is not ours goes on with it. */
  signal: AbortSignal;
}

/**
 * Runs code: its outputs are shown as they come, its questions are asked, Ctrl-C interrupts it.
 * @throws KernelDiedError, KernelGoneError; what the screen fails with; the signal's reason
 */
export async function runCell(code: string, around: Around): Promise<ExecuteResult> {
  const { kernel, keyboard, surface, others, prompts, colour, display, signal } = around;
  // for the names of files that images are saved in
  let place = 'cell';
  const outputs = new CellOutputs(surface, colour, { display, place: () => place }, (count) => prompts.out(count));
  const interrupts = new Interrupts(kernel, others.run, (line) => void surface.print(`${line}\n`).catch(() => {}));
  const execution = kernel.execute(code, {
    collect: false,
    // not with the first `busy`: what interrupts the kernel's own work may cost more than the cell
    onMessage: ({ channel, header, content }) => {
      if (channel === 'iopub' && header.msg_type !== 'status') interrupts.begun();
      if (header.msg_type === 'execute_input')
        place = `cell-${(content as { execution_count?: number }).execution_count ?? 0}`;
    },
    onInput: (request, ended) => answer(request, ended, around, interrupts),
  });
  others.add(execution.id);
  const stopListening = keyboard.listen((key) => {
    if (key === 'ctrl-c') interrupts.interrupt();
    else around.onRestart();
  });
  const shown = async (): Promise<ExecuteResult> => {
    let told = false;
    for await (const output of execution) {
      if (signal.aborted) break;
      told ||= output.output_type === 'error';
      await outputs.take(output);
    }
    const result = await execution.done;
    // an interrupt that meets IPython between two steps makes it drop the code, without an answer
    const isDropped = result.reply === null && interrupts.sent;
    if ((result.status !== 'ok' || isDropped) && !told)
      await outputs.take({ output_type: 'error', ...errorOf(result, interrupts.sent) });
    return result;
  };
  const giveUp = whenAborted(signal);
  try {
    return await Promise.race([shown(), giveUp.promise]);
  } finally {
    giveUp.stop();
    stopListening();
    await surface.endLine();
  }
}

/** Some kernels tell an error in their reply alone, and some (R's) say nothing of code that was interrupted but that it was aborted. */
function errorOf({ error }: ExecuteResult, wasInterrupted: boolean): NonNullable<ExecuteResult['error']> {
  if (error !== null) return error;
  if (wasInterrupted) return { ename: 'Interrupted', evalue: '', traceback: [] };
  return { ename: 'Aborted', evalue: 'the kernel did not run the code', traceback: [] };
}

/** Asks what the code asks. Ctrl-C interrupts the code, Ctrl-D ends its input. */
async function answer(
  { prompt, password }: InputRequest,
  ended: AbortSignal,
  { editor, surface, answers }: Around,
  interrupts: Interrupts,
): Promise<string> {
  // what stands before the last line of a prompt is output
  const at = prompt.lastIndexOf('\n') + 1;
  await surface.endLine();
  await surface.print(prompt.slice(0, at));
  const edited = await editor.edit({
    // ipykernel's getpass() has none of its own: nothing would be seen at all
    prompt: () => (password && prompt === '' ? 'Password: ' : prompt.slice(at)),
    continuation: () => '',
    secret: password,
    ...(!password && { history: answers }),
    signal: ended,
  });
  if (edited.kind === 'text') {
    if (!password) answers.add(edited.text);
    return edited.text;
  }
  if (edited.kind === 'end') return END_OF_INPUT;
  interrupts.interrupt();
  return await whenAborted(ended).promise;
}

/** A promise that rejects with a signal's reason. */
function whenAborted(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    stop = () => signal.removeEventListener('abort', end);
  });
  return { promise, stop };
}
