import { type CatalogEntry, type Explanation, explain, planKernel } from '@kernelkit/core';
import type { Command } from 'commander';
import { findKernels, namedKernel } from '../choose.js';
import { currentDirectory, directory } from '../directory.js';
import { type ActivationFlags, act, activationOf, addActivation, addCommon, type Outcome } from '../options.js';
import { quoted } from '../report.js';
import type { Screen } from '../screen.js';
import { isServerEntry } from '../servers/entries.js';
import { ExitStatus } from '../status.js';
import { table } from '../table.js';
import { oneLine, widthOf } from '../width.js';

interface Options extends ActivationFlags {
  cwd?: string;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description('Show how a kernel would be started: argv, directory, transport, environment. Starts no kernel.')
    .argument('<kernel>', 'id, name, path, display name, language, or the beginning of a name')
    .option('--cwd <dir>', 'the directory that the kernel would be started in (default: this one)');
  addActivation(command);
  addCommon(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, options, [query = '']) => {
    const { screen, signal, json } = session;
    const here = currentDirectory();
    const cwd = options.cwd === undefined ? here : await directory(options.cwd);
    const found = await findKernels(session, cwd);
    const entry = await namedKernel(screen, found, query, here);
    if (isServerEntry(entry)) {
      await (await import('../servers/explain.js')).explainOnServer(session, entry);
      return ExitStatus.ok;
    }
    const explanation = explain(await planKernel(entry, { cwd, signal, ...activationOf(options, session) }));
    if (json) await screen.json(explanation, 2);
    else await print(screen, explanation, entry);
    return ExitStatus.ok;
  });
}

async function print(screen: Screen, explanation: Explanation, entry: CatalogEntry): Promise<void> {
  const { kernel, argv, cwd, transport, interrupt, environment, scripts, problem } = explanation;
  const paint = screen.paintOut;
  const row = (label: string, text: string) => [
    { text: label, paint: (shown: string) => paint('bold', shown) },
    { text },
  ];
  const rows = [
    row('kernel', `${kernel.displayName} (${kernel.name}, ${kernel.source})`),
    row('id', kernel.id),
    ...(kernel.specFile === null ? [] : [row('spec', kernel.specFile)]),
    ...environmentLines(entry).map((text, at) => row(at === 0 ? 'environment' : '', text)),
    row('argv', argv.length === 0 ? '(none)' : argv.map(quoted).join(' ')),
    row('directory', cwd),
    row('transport', transport),
    row('interrupt', interrupt),
    ...activationLines(explanation).map((text, at) => row(at === 0 ? 'activation' : '', text)),
    ...scripts.map((script) => row('script', script)),
    ...(problem === null
      ? []
      : [row('problem', problem.message), ...(problem.fix === null ? [] : [row('fix', problem.fix)])]),
  ];
  // Never cut: this is what is copied into bug reports.
  await screen.write(table(rows, null));
  if (environment.length === 0) {
    await screen.write('\nIts environment is that of this process.\n');
    return;
  }
  await screen.write('\nIts environment differs from that of this process in:\n');
  const names = Math.max(...environment.map(({ name }) => widthOf(name)));
  for (const { name, value, was, source } of environment) {
    const label = paint('cyan', name) + ' '.repeat(names - widthOf(name));
    const shown = oneLine(value === null ? '(unset)' : shownValue(name, value));
    const from = `${source.kind}: ${source.detail}${was === null ? '' : `; it was ${shownValue(name, was)}`}`;
    // a PATH would push every source out of sight
    const isLong = widthOf(shown) > VALUE_COLUMNS || was !== null;
    const gap = isLong ? `\n  ${' '.repeat(names)}    ` : ' '.repeat(VALUE_COLUMNS - widthOf(shown) + 2);
    await screen.write(`  ${label}  ${shown}${gap}${paint('dim', oneLine(from))}\n`);
  }
}

/** Values that are wider have their source on a line of its own. */
const VALUE_COLUMNS = 36;

/** A value for people: what its name calls a secret is not shown. `--json` has it all, since it is for programs. */
function shownValue(name: string, value: string): string {
  return /KEY|TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL/i.test(name) && value !== '' ? '********' : value;
}

function activationLines({ activation }: Explanation): string[] {
  if (activation === null) return [];
  const { ms, cached, notes, fallbacks, problem } = activation;
  return [
    `${cached ? 'from the cache' : 'computed'}, ${ms.toFixed(1)} ms`,
    ...notes.map(({ message }) => message),
    ...fallbacks.map(({ method, because, failure }) => {
      return `by its ${method}, because ${because}${failure === null ? '' : `: failed: ${failure}`}`;
    }),
    ...(problem === null ? [] : [problem.message]),
  ];
}

/** How a kernelspec was tied to its environment. */
const rungs: Readonly<Record<NonNullable<CatalogEntry['matched']>, string>> = {
  owned: 'its kernelspec lies in it',
  metadata: 'its kernelspec says so (metadata.interpreter)',
  argv: 'argv starts a program of it',
  'conda-run': 'argv is `conda run` in it',
  program: 'the program that argv names was found in it',
  'display-name': 'it has the same name',
};

function environmentLines({ environment, source, matched, owner }: CatalogEntry): string[] {
  if (environment === null) return [];
  const { kind, name, prefix, version, kernelPackage, python } = environment;
  const how = matched === null ? null : rungs[matched];
  const packaged =
    kernelPackage === null ? 'ipykernel is not installed' : `${kernelPackage.name} ${kernelPackage.version}`;
  return [
    [kind, name === version ? '' : name, version ?? '', `in ${prefix}`].filter((part) => part !== '').join(' '),
    python === null ? 'no Python' : `${python}, ${packaged}`,
    ...(owner?.project ? [`of the project ${owner.project}`] : []),
    ...(how === null || source === 'environment' ? [] : [`the kernel's, because ${how}`]),
  ];
}

const HELP = `
{connection_file} stands in argv for a file that is made when the kernel is started.

Examples:
  kernelkit explain python3
  kernelkit explain r --json | jq .argv
  kernelkit explain /opt/env/bin/python --cwd ~/project`;
