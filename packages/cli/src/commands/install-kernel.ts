import { type CatalogEntry, KernelkitError } from '@kernelkit/core';
import { type Command, Option } from 'commander';
import { namedKernel } from '../choose.js';
import { currentDirectory } from '../directory.js';
import { InstallKernelError } from '../install-kernel/errors.js';
import { type Ground, groundOf } from '../install-kernel/ground.js';
import { forLanguage, LANGUAGES, type Language, languageOf } from '../install-kernel/languages.js';
import { own } from '../install-kernel/own.js';
import { forEntry, noEntry } from '../install-kernel/plan.js';
import { asLine, type Plan, type Remedy } from '../install-kernel/remedy.js';
import { isAgreed, take } from '../install-kernel/take.js';
import { KernelNames } from '../kernel-names.js';
import { kernelTable } from '../kernel-table.js';
import { act, addLocal, type Outcome } from '../options.js';
import { quoted } from '../report.js';
import { entryDocument } from '../servers/entries.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';

interface Options {
  language?: Language;
  yes?: boolean;
  dryRun?: boolean;
}

/** What --json says became of it. */
type Status = 'there' | 'dry-run' | 'declined' | 'installed';

export function define(command: Command, outcome: Outcome): void {
  command
    .description(
      'Install what a kernel lacks: shows the command, asks, runs it, and shows the kernel that came of it. A Python that its system manages is left alone.',
    )
    .argument('[kernel]', 'an environment or a kernel that does not start (default: what is nearest)')
    .addOption(new Option('--language <language>', 'what the kernel shall be for').choices(LANGUAGES))
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only print the command');
  addLocal(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, options, [query]) => {
    const cwd = currentDirectory();
    const ground = await groundOf(session, cwd);
    const plan = await planned(session, ground, query, options.language ?? null);
    if (plan.kind === 'there') {
      session.screen.note('Nothing is to be done: this kernel can be started.');
      return show(session, ground, { status: 'there', entry: plan.entry, remedy: null });
    }
    const { remedy } = plan;
    if (options.dryRun === true) {
      for (const note of remedy.notes) session.screen.note(note);
      if (!session.json) await session.screen.write(`${asLine(remedy)}\n`);
      return show(session, ground, { status: 'dry-run', entry: null, remedy });
    }
    const { signal } = session;
    const asker = 'install-kernel';
    if (!(await isAgreed(session.screen, remedy, { yes: options.yes === true, asker, signal }))) {
      session.screen.note('Nothing was run.');
      return show(session, ground, { status: 'declined', entry: null, remedy });
    }
    await take(session.screen, remedy, { cwd, signal });
    const after = await groundOf(session, cwd);
    return show(session, after, { status: 'installed', entry: resulting(after, remedy), remedy });
  });
}

async function planned(
  session: Session,
  ground: Ground,
  query: string | undefined,
  language: Language | null,
): Promise<Plan> {
  if (query === undefined) return forLanguage(ground, language ?? 'python');
  let entry: CatalogEntry;
  try {
    entry = await namedKernel(session.screen, ground.found, query, ground.cwd);
  } catch (error) {
    if (!(error instanceof KernelkitError) || error.kind !== 'kernel-not-found') throw error;
    // `install-kernel julia`: there is none yet, and what is meant is plain
    const meant = language === null ? languageOf(query) : null;
    if (meant === null) throw noEntry(ground, query, error);
    return forLanguage(ground, meant);
  }
  return forEntry(ground, entry, language);
}

/** @throws InstallKernelError where the commands went well and there is no kernel all the same */
function resulting({ found }: Ground, remedy: Remedy): CatalogEntry {
  const entry = found.kernels.find(remedy.gives);
  if (entry !== undefined) return entry;
  throw new InstallKernelError('install-failed', `${asLine(remedy)} went well, but no kernel came of it`, {
    fix: `see what it printed, above, and what is there now: ${own('list --all')}`,
  });
}

async function show(
  { screen, json }: Session,
  { found, cwd }: Ground,
  { status, entry, remedy }: { status: Status; entry: CatalogEntry | null; remedy: Remedy | null },
): Promise<ExitStatus> {
  const name = entry === null ? null : new KernelNames(found.kernels, cwd).of(entry);
  const use = name === null ? null : own(`exec -k ${quoted(name)} '6 * 7'`);
  if (json) {
    const commands = remedy?.commands ?? [];
    await screen.json({ status, commands, kernel: entry && entryDocument(entry), try: use }, 2);
  } else if (entry !== null) {
    await screen.write(kernelTable([entry], found.kernels, { cwd, paint: screen.paintOut, columns: screen.columns }));
    screen.note(`Try it: ${use}`);
  }
  return ExitStatus.ok;
}

const HELP = `
Without KERNEL: for the project's environment, or the active one; where there is neither and no kernel can be started, in a new
environment in ./.venv. KERNEL may also be a language.

Exit status 0: a kernel is there, or nothing was agreed to; 2: nobody is there to be asked, and no --yes; 3: no such kernel, or its
language is not on this machine; 4: it could not be installed.

Examples:
  kernelkit install-kernel                    a Python kernel for this project
  kernelkit install-kernel ./.venv --yes      ipykernel, by the environment's own manager
  kernelkit install-kernel --language r       IRkernel
  kernelkit install-kernel --dry-run          only the command`;
