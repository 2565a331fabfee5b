import type { CatalogEntry } from '@kernelkit/core';
import type { Command } from 'commander';
import { findKernels, namedKernel } from '../choose.js';
import { currentDirectory, directory } from '../directory.js';
import { fix, remedyOf } from '../doctor/fix.js';
import { examineEntry, examinePlan } from '../doctor/kernel.js';
import { examineMachine, examineProblems } from '../doctor/machine.js';
import { Steps } from '../doctor/steps.js';
import { tryKernel } from '../doctor/trial.js';
import { UsageError } from '../errors.js';
import { groundFor } from '../install-kernel/ground.js';
import { own } from '../install-kernel/own.js';
import {
  type ActivationFlags,
  act,
  activationOf,
  addActivation,
  addCommon,
  type Outcome,
  seconds,
} from '../options.js';
import { entryDocument, isServerEntry } from '../servers/entries.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';

interface Options extends ActivationFlags {
  cwd?: string;
  fix?: boolean;
  yes?: boolean;
  timeout?: number;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description(
      'Say step by step what works, what does not and what to do. With KERNEL: starts it once, has it run something, and ends it.',
    )
    .argument('[kernel]', 'id, name, path, display name, language, or the beginning of a name')
    .option('--cwd <dir>', 'the directory that the kernel is tried in (default: this one)')
    .option('--fix', 'run what a missing package needs, after showing the command and asking')
    .option('--yes', 'with --fix: do not ask')
    .option('--timeout <s>', 'how long the start may take', seconds);
  addActivation(command);
  addCommon(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, options, [query]) => {
    // it would be done to nothing, and nobody told
    if (options.fix === true && query === undefined)
      throw new UsageError('--fix is for a KERNEL', `name one, as list has it; to get one: ${own('install-kernel')}`);
    const here = currentDirectory();
    const cwd = options.cwd === undefined ? here : await directory(options.cwd);
    const steps = new Steps(session.screen, session.json);
    const begin = performance.now();
    const found = await findKernels(session, cwd);
    const ms = performance.now() - begin;
    if (found.servers !== null) await (await import('../doctor/server.js')).examineServers(steps, session, found);
    if (query === undefined) {
      await examineMachine(steps, found, ms, cwd);
      await examineProblems(steps, found);
      return conclude(session, steps, null);
    }
    let entry = await namedKernel(session.screen, found, query, here);
    if (isServerEntry(entry)) {
      await (await import('../doctor/server.js')).examineServerKernel(steps, session, found, entry);
      return conclude(session, steps, entry);
    }
    await examineEntry(steps, entry, ms);
    const remedy = options.fix === true ? await remedyOf(groundFor(found, cwd), entry) : null;
    if (remedy !== null) {
      await steps.add('problem', 'warning', entry.problem!.message);
      const { signal } = session;
      if (await fix(steps, session.screen, remedy, { yes: options.yes === true, cwd, signal })) {
        const { id } = entry;
        const again = await findKernels(session, cwd);
        entry = again.kernels.find((each) => each.id === id) ?? (await namedKernel(session.screen, again, query, here));
      }
    }
    const activate = activationOf(options, session);
    const plan = await examinePlan(steps, entry, { cwd, signal: session.signal, ...activate });
    if (plan !== null) await tryKernel(steps, plan, { signal: session.signal, timeout: options.timeout ?? null });
    return conclude(session, steps, entry);
  });
}

async function conclude({ screen, json }: Session, steps: Steps, entry: CatalogEntry | null): Promise<ExitStatus> {
  const isFailed = steps.verdict === 'failed';
  if (json) await screen.json({ kernel: entry && entryDocument(entry), verdict: steps.verdict, steps: steps.all }, 2);
  return isFailed ? ExitStatus.notStarted : ExitStatus.ok;
}

const HELP = `
Exit status 0: nothing keeps it from working; 3: no such kernel; 4: it cannot be started.

Examples:
  kernelkit doctor                       the machine, and every kernel that cannot be started
  kernelkit doctor python3               one kernel, from its files to its first result
  kernelkit doctor ./.venv --fix         install what is missing, then try it`;
