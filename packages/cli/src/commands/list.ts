import type { Catalog } from '@kernelkit/core';
import type { Command } from 'commander';
import { findKernels, warnOfSearchErrors } from '../choose.js';
import { currentDirectory, directory } from '../directory.js';
import { kernelTable, placesTable } from '../kernel-table.js';
import { act, addCommon, type Outcome } from '../options.js';
import type { Screen } from '../screen.js';
import { entryDocument } from '../servers/entries.js';
import { ExitStatus } from '../status.js';
import { wrapped } from '../width.js';

interface Options {
  all?: boolean;
  watch?: boolean;
  cwd?: string;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description(
      'List every kernel that can be picked, the startable ones first; of servers also those that run. Starts none.',
    )
    .option('--all', 'also what is shadowed, duplicate or hidden, with the reason, and the places that were searched')
    .option('--cwd <dir>', "the folder whose project's environments come first (default: this one)")
    .option('--watch', 'go on, with a line for each kernel that is added, removed or changed, until Ctrl-C');
  addCommon(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, { all = false, watch = false, cwd: given }) => {
    const { screen, json } = session;
    const cwd = given === undefined ? currentDirectory() : await directory(given);
    if (watch) return await (await import('../watch-kernels.js')).watchKernels(session, { all, cwd });
    const found = await findKernels(session, cwd);
    const { searched } = found;
    const kernels = found.kernels.filter((entry) => all || entry.hidden === null);
    if (json) await screen.json({ kernels: kernels.map(entryDocument), searched }, 2);
    else await print(screen, { kernels, searched }, found, { all, cwd });
    warnOfSearchErrors(
      screen,
      searched.filter(({ kind }) => kind === 'server'),
    );
    return found.servers?.areAllGone ? ExitStatus.server : ExitStatus.ok;
  });
}

async function print(
  screen: Screen,
  { kernels, searched }: Catalog,
  found: Catalog,
  { all, cwd }: { all: boolean; cwd: string },
): Promise<void> {
  const options = { cwd, paint: screen.paintOut, columns: screen.columns };
  if (kernels.length > 0) await screen.write(kernelTable(kernels, found.kernels, options));
  else {
    const { commandForAny } = await import('../install-kernel/suggest.js');
    screen.note(`No kernel was found in ${searched.length} places (list --all --json names them).`);
    screen.note(`To get one: ${commandForAny(found, cwd)}`);
  }
  if (all) await screen.write(placesTable(searched, options));
  for (const { path, found: count, error, ms } of searched) {
    screen.detail(`${path}  ${error === null ? `${count} found` : 'failed'}  ${ms.toFixed(1)} ms`);
  }
  summary(screen, kernels);
}

/** For a person who has seen more rows than a terminal holds; in a script it would be noise. */
function summary(screen: Screen, kernels: Catalog['kernels']): void {
  const shown = kernels.filter(({ hidden }) => hidden === null);
  const startable = shown.filter((entry) => entry.startable).length;
  const without = shown.filter(({ problem }) => problem?.kind === 'ipykernel-missing').length;
  if (process.stderr.isTTY !== true || without < 2) return;
  const can = startable === 0 ? 'No kernel' : startable === 1 ? '1 kernel' : `${startable} kernels`;
  const text = `${can} can be started. ${without} environments lack ipykernel; the line below each installs it, as kernelkit install-kernel NAME does.`;
  screen.note(`\n${wrapped(text, screen.liveColumns).join('\n')}`);
}

const HELP = `
NAME is what -k takes for that kernel. With --watch and --json: one JSON event a line, {"event": "added" | "removed" |
"changed", "kernel": …}, and {"event": "ready"} when everything that is there has been told.

Examples:
  kernelkit list                 a table of what can be started here
  kernelkit list --all           with what is hidden, why, and where was searched
  kernelkit list --cwd ~/project
  kernelkit list --watch
  kernelkit list --server 'http://localhost:8888/?token=…'
  kernelkit list --json | jq -r '.kernels[].name'`;
