import { basename, dirname, extname, join } from 'node:path';
import type { Command } from 'commander';
import { EXISTING, type FoundKernels, findKernels, type KernelOption, kernelOption } from '../choose.js';
import { currentDirectory, directory } from '../directory.js';
import { UsageError } from '../errors.js';
import {
  type ActivationFlags,
  act,
  activationOf,
  addActivation,
  addCommon,
  addMode,
  collect,
  type ModeFlags,
  type Outcome,
  seconds,
} from '../options.js';
import { parameters } from '../parameters.js';
import { errorDocument, reportError } from '../report.js';
import { type RunPlan, runNotebook } from '../run-notebook.js';
import type { Session } from '../session.js';
import { ExitStatus, statusOf, worse } from '../status.js';

interface Options extends ActivationFlags, KernelOption, ModeFlags {
  output?: string;
  inplace?: boolean;
  stdout?: boolean;
  param?: string[];
  cwd?: string;
  timeout?: number;
  allowErrors?: boolean;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description('Execute notebooks, each on a fresh kernel, and write them with their outputs.')
    .argument('<notebook...>', 'the notebooks (.ipynb)')
    .option(
      '-o, --output <out>',
      'where to write (default: NAME.executed.ipynb beside the notebook; - is standard output)',
    )
    .option('--inplace', 'write over the notebook')
    .option('--stdout', 'write to standard output')
    .option('-k, --kernel <kernel>', "the kernel (default: the notebook's own, else the best that can be started)")
    .option(...EXISTING)
    .option('-p, --param <name=value>', 'set a parameter, as papermill does; may be given several times', collect)
    .option('--cwd <dir>', "the directory that the kernel runs in (default: the notebook's)")
    .option('--timeout <s>', 'seconds that each cell may take', seconds)
    .option('--allow-errors', 'go on after cells that raise an error');
  addActivation(command);
  addMode(command);
  addCommon(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, options, notebooks) => {
    checkTogether(session, options, notebooks);
    session.screen.readerMayGo = targetOf('', options) !== null;
    const plan: RunPlan = {
      kernel: await kernelOption(options),
      parameters: options.param === undefined ? null : parameters(options.param),
      cwd: options.cwd === undefined ? null : await directory(options.cwd),
      timeout: options.timeout ?? null,
      allowErrors: options.allowErrors === true,
      activation: activationOf(options, session),
      mode: options,
    };
    return runAll(session, notebooks, plan, (path) => targetOf(path, options));
  });
}

/** One after the other; what keeps one from being executed does not keep the others. The worst status counts. */
async function runAll(
  session: Session,
  notebooks: readonly string[],
  plan: RunPlan,
  target: (path: string) => string | null,
): Promise<ExitStatus> {
  const { screen, signal, json } = session;
  let found: Promise<FoundKernels> | null = null;
  const kernels = (): Promise<FoundKernels> => {
    found ??= findKernels(session, plan.cwd ?? currentDirectory());
    return found;
  };
  let status: ExitStatus = ExitStatus.ok;
  for (const path of notebooks) {
    session.failure = (error) => ({
      notebook: path,
      output: null,
      status: 'error',
      executed: 0,
      kernel: null,
      error: errorDocument(error),
    });
    try {
      status = worse(status, await runNotebook(session, path, target(path), plan, kernels));
    } catch (error) {
      signal.throwIfAborted();
      reportError(screen, `run ${path}`, error);
      if (json) await screen.json(session.failure(error));
      status = worse(status, statusOf(error));
    }
  }
  return status;
}

/** @throws UsageError */
function checkTogether({ json }: Session, options: Options, notebooks: readonly string[]): void {
  const ways = [
    options.output !== undefined && '-o',
    options.inplace && '--inplace',
    options.stdout && '--stdout',
  ].filter(Boolean);
  if (ways.length > 1) throw new UsageError(`${ways.join(' and ')} cannot be given together`);
  const toStdout = options.stdout === true || options.output === '-';
  if (notebooks.length > 1 && (toStdout || options.output !== undefined)) {
    throw new UsageError(
      `several notebooks cannot be written to one ${toStdout ? 'standard output' : 'file'}`,
      'run them one by one',
    );
  }
  if (toStdout && json)
    throw new UsageError('--json and the notebook cannot both go to standard output', 'name a file with -o');
}

/** Where a notebook's result goes; null: standard output. */
function targetOf(path: string, { output, inplace, stdout }: Options): string | null {
  if (stdout === true || output === '-') return null;
  if (inplace === true) return path;
  return output ?? join(dirname(path), `${basename(path, extname(path))}.executed.ipynb`);
}

const HELP = `
The result is a valid notebook even when a cell fails: everything that was executed so far is in it. When Ctrl-C or
SIGTERM ends the command, nothing is written. With --json: a line for each cell, then a line for each notebook.

Examples:
  kernelkit run analysis.ipynb                       writes analysis.executed.ipynb
  kernelkit run analysis.ipynb --inplace --timeout 600
  kernelkit run report.ipynb -p year=2026 -p region=north -o north.ipynb
  kernelkit run --stdout -k ir model.ipynb | jq '.cells[].outputs'
  kernelkit run --server lab analysis.ipynb          on a server that was named (kernelkit server add)
  kernelkit run --allow-errors examples/*.ipynb`;
