import { type Catalog, type CatalogEntry, catalog, toJson } from '@kernelkit/core';
import type { Command } from 'commander';
import { warnOfSearchErrors } from '../choose.js';
import { currentDirectory } from '../directory.js';
import { act, addCommon, type Outcome } from '../options.js';
import type { Screen } from '../screen.js';
import { ExitStatus } from '../status.js';
import { type Cell, table } from '../table.js';

interface Options {
  all?: boolean;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description('List every kernel that can be picked, the startable ones first. Starts nothing.')
    .option('--all', 'also what is shadowed, duplicate or hidden, with the reason, and the places that were searched');
  addCommon(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async ({ screen, signal, json }, { all = false }) => {
    const found = await catalog({ cwd: currentDirectory(), env: process.env, signal });
    const kernels = found.kernels.filter((entry) => all || entry.hidden === null);
    warnOfSearchErrors(screen, found.searched);
    if (json) await screen.json({ kernels: kernels.map(toJson), searched: found.searched }, 2);
    else await print(screen, { kernels, searched: found.searched }, all);
    return ExitStatus.ok;
  });
}

async function print(screen: Screen, { kernels, searched }: Catalog, all: boolean): Promise<void> {
  if (kernels.length === 0) {
    screen.note('No kernel was found. Searched:');
    for (const { path } of searched) screen.note(`  ${path}`);
  } else {
    const bold = (text: string): string => screen.paintOut('bold', text);
    const head = ['NAME', 'LANGUAGE', 'DISPLAY NAME', 'WHERE'].map((text): Cell => ({ text, paint: bold }));
    await screen.write(table([head, ...kernels.map((entry) => row(screen, entry))], screen.columns));
  }
  if (all) await screen.write(`\nSearched\n${table(searched.map(placeRow), screen.columns)}`);
  else if (screen.verbose)
    for (const place of searched)
      screen.detail(
        placeRow(place)
          .map((cell) => cell.text)
          .join('  '),
      );
}

function row(screen: Screen, entry: CatalogEntry): Cell[] {
  const dim = (text: string): string => screen.paintOut('dim', text);
  const where = entry.resourceDir ?? entry.specFile ?? entry.argv[0] ?? '';
  const last = (): Cell => {
    if (entry.problem !== null) {
      const { message, fix } = entry.problem;
      const text = `${where}  does not start: ${message}${fix === null ? '' : ` (${fix})`}`;
      return { text, paint: (shown) => screen.paintOut('red', shown) };
    }
    if (entry.hidden !== null) return { text: `${where}  ${entry.hidden.reason} by ${entry.hidden.by}`, paint: dim };
    return { text: where, paint: dim };
  };
  const name: Cell = { text: entry.name };
  if (entry.startable && entry.hidden === null) name.paint = (text) => screen.paintOut('cyan', text);
  return [name, { text: entry.language }, { text: entry.displayName }, last()];
}

function placeRow({ path, found, error, ms }: Catalog['searched'][number]): Cell[] {
  return [
    { text: `  ${path}` },
    { text: error === null ? `${found} found` : 'failed' },
    { text: `${ms.toFixed(1)} ms  ${error ?? ''}` },
  ];
}

const HELP = `
Examples:
  kernelkit list                 a table of what can be started here
  kernelkit list --all           with what is hidden, why, and where was searched
  kernelkit list --json | jq -r '.kernels[].name'

There is no --watch yet.`;
