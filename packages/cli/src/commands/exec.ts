import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type ExecuteResult, isServerEntry, type Kernel } from '@kernelkit/core';
import type { Command } from 'commander';
import { bestKernel, EXISTING, findKernels, type KernelOption, kernelOption, namedKernel } from '../choose.js';
import { deadline } from '../deadline.js';
import { currentDirectory, directory } from '../directory.js';
import type { Display } from '../display.js';
import { InputFileError, STILL_WAITS, TimeoutError, UsageError } from '../errors.js';
import { underHeading } from '../option-groups.js';
import {
  type ActivationFlags,
  act,
  activationOf,
  addActivation,
  addCommon,
  addMode,
  type ModeFlags,
  type Outcome,
  seconds,
} from '../options.js';
import { JsonOutputs, type OutputSink, TextOutputs } from '../outputs.js';
import { errorDocument } from '../report.js';
import { addDisplay, type DisplayFlags, displayOf } from '../rich/options.js';
import type { Session } from '../session.js';
import { startKernel } from '../start-kernel.js';
import { ExitStatus } from '../status.js';

interface Options extends ActivationFlags, DisplayFlags, KernelOption, ModeFlags {
  timeout?: number;
  file?: string;
  cwd?: string;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description('Run code on a fresh kernel: its output as it comes, then its result.')
    .argument('[code]', 'the code; - reads it from standard input')
    .option('-k, --kernel <kernel>', 'the kernel (default: the best that can be started)')
    .option(...EXISTING)
    .option('-f, --file <file>', 'read the code from a file')
    .option('--timeout <s>', 'interrupt the code after so many seconds', seconds)
    .option('--cwd <dir>', 'the directory that the kernel runs in (default: this one)');
  underHeading(command, 'Pictures and rich output:', addDisplay);
  addActivation(command);
  addMode(command);
  addCommon(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, options, args) => {
    const { screen } = session;
    session.failure = (error) => ({ status: 'error', execution_count: null, error: errorDocument(error) });
    const code = await codeOf(options, args);
    // before the kernel: what cannot be saved should not be computed first
    const display = await displayOf(session, options);
    const here = currentDirectory();
    const cwd = options.cwd === undefined ? here : await directory(options.cwd);
    const named = await kernelOption(options);
    const found = await findKernels(session, cwd);
    const entry = named === null ? await bestKernel(screen, found) : await namedKernel(screen, found, named, here);
    await using kernel = await startKernel(session, found, entry, { cwd, ...activationOf(options, session) }, options);
    const canAsk = process.stdin.isTTY === true && args[0] !== '-';
    const sink = session.json ? new JsonOutputs(screen) : new TextOutputs(screen, display);
    const isJoined = entry.source === 'running' || (isServerEntry(entry) && entry.remote.kernelId !== null);
    return await execute(session, kernel, code, { timeout: options.timeout ?? null, isJoined, canAsk, display, sink });
  });
}

/** The code that was given, in exactly one of the three ways. @throws UsageError, InputFileError */
async function codeOf({ file }: Options, args: readonly string[]): Promise<string> {
  const [code] = args;
  if (file !== undefined && code !== undefined) {
    throw new UsageError('both CODE and -f were given', 'give one of CODE, -f FILE and -');
  }
  if (file === undefined && code === undefined) {
    throw new UsageError('there is no code to run', 'give one of CODE, -f FILE and -');
  }
  if (code !== undefined && code !== '-') return code;
  const source = file ?? 'standard input';
  try {
    const bytes = file === undefined ? await buffer(process.stdin) : await readFile(file);
    // Not replaced but refused: code must not change on its way. A byte order mark is no code.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InputFileError(
      source,
      error instanceof TypeError ? new Error('it is not UTF-8', { cause: error }) : error,
    );
  }
}

async function execute(
  session: Session,
  kernel: Kernel,
  code: string,
  options: { timeout: number | null; isJoined: boolean; canAsk: boolean; display: Display; sink: OutputSink },
): Promise<ExitStatus> {
  const { screen } = session;
  const { sink, timeout } = options;
  const limit = deadline(timeout, session.signal);
  let count: number | null = null;
  let told = false;
  // until something comes of it, it waits behind what others have the kernel run
  let waits = options.isJoined && !limit.signal.aborted;
  session.failure = (error) => ({ status: 'error', execution_count: count, error: errorDocument(error) });
  try {
    const execution = kernel.execute(code, {
      signal: limit.signal,
      // It is shown as it comes: code may print without end.
      collect: false,
      onMessage: ({ header, content }) => {
        waits = false;
        if (header.msg_type === 'execute_input')
          count = (content as { execution_count?: number }).execution_count ?? null;
      },
      ...(options.canAsk && {
        onInput: async (request, ended) => {
          // while a person is asked, the terminal cannot be: its answer would be keys
          await options.display.prepare();
          return (await import('../ask.js')).ask(request, ended);
        },
      }),
    });
    const printed = (async (): Promise<ExecuteResult> => {
      for await (const output of execution) {
        told ||= output.output_type === 'error';
        await sink.take(output);
      }
      return execution.done;
    })();
    // Given up below, it may still fail: the reason is known by then.
    printed.catch(() => {});
    const result = await Promise.race([printed, limit.over.then(() => null)]);
    session.signal.throwIfAborted();
    if (limit.passed) throw new TimeoutError(timeout!, { waits });
    return await ended(session, sink, result!, told);
  } catch (error) {
    // Whatever the interrupt did to the kernel, the time had passed.
    if (limit.passed && !(error instanceof TimeoutError)) throw new TimeoutError(timeout!, { cause: error, waits });
    if (waits && session.signal.aborted) screen.note(STILL_WAITS);
    throw error;
  } finally {
    limit.clear();
    screen.detail('ending the kernel');
  }
}

async function ended(
  { screen, json }: Session,
  sink: OutputSink,
  result: ExecuteResult,
  told: boolean,
): Promise<ExitStatus> {
  const { status, executionCount, error } = result;
  if (status === 'ok') {
    if (json) await screen.json({ status, execution_count: executionCount });
    return ExitStatus.ok;
  }
  const { ename, evalue } = error ?? { ename: 'Aborted', evalue: 'the kernel did not run the code' };
  // Most kernels show an error as an output; of those that only tell it in the reply it has to be shown here.
  if (!told) await sink.take({ output_type: 'error', ename, evalue, traceback: error?.traceback ?? [] });
  if (json) {
    const message = evalue === '' ? ename : `${ename}: ${evalue}`;
    await screen.json({ status, execution_count: executionCount, error: { kind: 'code-error', message, fix: null } });
  }
  return ExitStatus.codeError;
}

const HELP = `
The kernel is started for this code and ended after it; one that ran already (--existing, kernelkit start, a server's) goes on. Input that the code asks for is read from the terminal.
With --json: a line for each output, in nbformat's form, then a last line with "status" and "execution_count".

Examples:
  kernelkit exec '6 * 7'
  kernelkit exec -k ir 'summary(c(1, 2, 3))'
  kernelkit exec -k deno -f script.ts --timeout 60
  kernelkit exec -f plot.py --save-images figures/
  kernelkit exec --existing 'x'                    # on the kernel that Jupyter started last
  id=$(kernelkit start -k python); kernelkit exec -k $id 'x = 1'   # on one that stays
  kernelkit exec --server http://gpu:8888 -k python3 'x'   # on a Jupyter server; its token in KERNELKIT_TOKEN
  echo 'print("hello")' | kernelkit exec -k python -
  kernelkit exec --json '1 / 0' | tail -n 1`;
