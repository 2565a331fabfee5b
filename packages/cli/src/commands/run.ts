import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXISTING, type FoundKernels, findKernels, type KernelOption, kernelOption } from '../choose.js';
import { currentDirectory, directory } from '../directory.js';
import { UsageError } from '../errors.js';
import { underHeading } from '../option-groups.js';
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
import { addDisplay, type DisplayFlags, displayOf } from '../rich/options.js';
import { ignored } from '../run/check.js';
import { findNotebooks, isDirectory, withTargets } from '../run/notebooks.js';
import type { RunPlan } from '../run/plan.js';
import { resultFile } from '../run/result-file.js';
import { runAll } from '../run/run-all.js';
import type { Session } from '../session.js';

interface Options extends ActivationFlags, DisplayFlags, KernelOption, ModeFlags {
  output?: string;
  inplace?: boolean;
  stdout?: boolean;
  param?: string[];
  cwd?: string;
  timeout?: number;
  allowErrors?: boolean;
  jobs?: number;
  show?: boolean;
  check?: boolean;
  ignore?: string[];
  checkImages?: boolean;
  junit?: string;
  annotations?: 'github' | 'none';
  keepKernel?: boolean;
  from?: string;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description('Execute notebooks, each on a fresh kernel, and write them with their outputs.')
    .argument('<notebook...>', 'the notebooks (.ipynb), or directories of them')
    .option('-k, --kernel <kernel>', "the kernel (default: the notebook's own, else the best that can be started)")
    .option(...EXISTING)
    .option('-p, --param <name=value>', 'set a parameter, as papermill does; may be given several times', collect)
    .option('--cwd <dir>', "the directory that the kernel runs in (default: the notebook's)")
    .option('--timeout <s>', 'seconds that each cell may take', seconds)
    .option('--allow-errors', 'go on after cells that raise an error')
    .option('-j, --jobs <n>', 'notebooks that are executed at the same time; auto: one for each processor', jobs);
  underHeading(command, 'Where the result goes:', (one) => {
    one
      .option(
        '-o, --output <out>',
        'a file, of several notebooks a directory (default: NAME.executed.ipynb beside the notebook; - is standard output)',
      )
      .option('--inplace', 'write over the notebook')
      .option('--stdout', 'write to standard output');
  });
  underHeading(command, 'A notebook as a test:', (one) => {
    one
      .option('--check', 'compare the outputs with the stored ones, and write nothing unless told where')
      .option(
        '--ignore <regex>',
        'with --check: text that may differ; @dates, @durations and @uuids are there; may be given several times',
        collect,
      )
      .option('--check-images', 'with --check: compare the bytes of images too')
      .option('--junit <file>', 'write a report as CI systems read it: JUnit XML')
      .addOption(
        new Option(
          '--annotations <kind>',
          'mark failures in the way of GitHub Actions (default: there, where GITHUB_ACTIONS is true)',
        ).choices(['github', 'none']),
      );
  });
  underHeading(command, 'Going on after a failure:', (one) => {
    one
      .option('--keep-kernel', 'leave the kernel of a notebook that fails as it is, to go on with')
      .option(
        '--from <cell>',
        'begin with this cell: its number, its id, or failed; with -k ID, on a kernel that stays',
      );
  });
  underHeading(command, 'Outputs in the terminal:', (one) => {
    addDisplay(one.option('--show', 'print the outputs as they come; the others are for it'));
  });
  addActivation(command);
  addMode(command);
  addCommon(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, options, named) => {
    checkTogether(session, options, named);
    const single = named.length === 1 && !(await isDirectory(named[0]!));
    const tasks = await withTargets(await findNotebooks(named), single, options);
    session.screen.readerMayGo = tasks.every(({ target }) => target.kind !== 'stdout') && options.show !== true;
    const plan: RunPlan = {
      kernel: await kernelOption(options),
      parameters: options.param === undefined ? null : parameters(options.param),
      cwd: options.cwd === undefined ? null : await directory(options.cwd),
      timeout: options.timeout ?? null,
      allowErrors: options.allowErrors === true,
      activation: activationOf(options, session),
      mode: options,
      check:
        options.check === true ? { ignore: ignored(options.ignore ?? []), media: options.checkImages === true } : null,
      from: options.from ?? null,
      keepKernel: options.keepKernel === true,
      show: options.show === true ? await displayOf(session, options) : null,
    };
    let found: Promise<FoundKernels> | null = null;
    return runAll(session, tasks, plan, {
      jobs: options.jobs ?? 1,
      junit: options.junit === undefined ? null : await resultFile(options.junit, '--junit'),
      annotate: (options.annotations ?? (process.env.GITHUB_ACTIONS === 'true' ? 'github' : 'none')) === 'github',
      catalog: () => {
        found ??= findKernels(session, plan.cwd ?? currentDirectory());
        return found;
      },
    });
  });
}

/** @throws UsageError */
function checkTogether({ json }: Session, options: Options, named: readonly string[]): void {
  const ways = [
    options.output !== undefined && '-o',
    options.inplace && '--inplace',
    options.stdout && '--stdout',
  ].filter(Boolean);
  if (ways.length > 1) throw new UsageError(`${ways.join(' and ')} cannot be given together`);
  const toStdout = options.stdout === true || options.output === '-';
  if (toStdout && json)
    throw new UsageError('--json and the notebook cannot both go to standard output', 'name a file with -o');
  if (toStdout && options.show)
    throw new UsageError('--show and the notebook cannot both go to standard output', 'name a file with -o');
  if (options.show && !json && (options.jobs ?? 1) > 1)
    throw new UsageError(
      '--show would mix the outputs of notebooks that run at the same time',
      'add --json, or leave out --jobs',
    );
  const unshown = (['images', 'saveImages', 'prefer', 'full'] as const).find((name) => options[name] !== undefined);
  if (!options.show && unshown !== undefined)
    throw new UsageError(`--${unshown === 'saveImages' ? 'save-images' : unshown} is for --show`, 'add --show');
  if (!options.check && (options.ignore !== undefined || options.checkImages))
    throw new UsageError(
      `${options.ignore === undefined ? '--check-images' : '--ignore'} is for --check`,
      'add --check',
    );
  if (options.from !== undefined && named.length > 1) throw new UsageError('--from is for one notebook');
  if (options.from !== undefined && options.param !== undefined)
    throw new UsageError('-p sets what the cells before --from have used already', 'leave out one of them');
  if (options.keepKernel && options.mode === 'jupyter')
    throw new UsageError(
      '--keep-kernel and --mode jupyter cannot be given together: that server ends with the command',
    );
}

function jobs(text: string): number {
  if (text === 'auto') return availableParallelism();
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It takes a number from 1, or auto.');
  return Number(text);
}

const HELP = `
The result is a valid notebook even when a cell fails: everything that was executed so far is in it. When Ctrl-C or
SIGTERM ends the command, a notebook alone is not written; several are, with what was executed. Of directories every
.ipynb below is taken. With --json: a line for each cell, then a line for each notebook.

Examples:
  kernelkit run analysis.ipynb                       writes analysis.executed.ipynb
  kernelkit run analysis.ipynb --inplace --timeout 600
  kernelkit run report.ipynb -p year=2026 -p region=north -o north.ipynb
  kernelkit run --stdout -k ir model.ipynb | jq '.cells[].outputs'
  kernelkit run --server lab analysis.ipynb          on a server that was named (kernelkit server add)
  kernelkit run --allow-errors examples/*.ipynb
  kernelkit run notebooks/ --jobs 4 -o results/ --junit results/junit.xml
  kernelkit run docs/ --check --ignore @durations    notebooks as tests
  kernelkit run long.ipynb --keep-kernel             and after a failure, with the id that it prints:
  kernelkit run long.ipynb -k ID --from failed`;
