import { catalog } from '@kernelkit/core';
import type { Command } from 'commander';
import { currentDirectory } from '../directory.js';
import { KernelNames } from '../kernel-names.js';
import { Screen } from '../screen.js';
import { NamedServers } from '../servers/named.js';
import { asTyped, type Candidate, type Wanted, wanted } from './wanted.js';

/** How long the gateway in the background may take to answer: somebody waits for a menu. */
const PATIENCE = 2_000;

/**
 * What a shell may offer for the last of `words` (of `--option=value`, for the value): a line each, with its meaning after a tab. The last
 * line tells the shell what else to offer: `:files`, `:notebooks`, `:directories` or `:none`. It fails in silence: a shell that completes
 * has nowhere to say why.
 */
export async function complete(program: Command, given: readonly string[]): Promise<string> {
  const { words, typed } = asTyped(given);
  const what = wanted(program, words);
  const isJoined = words.at(-1) !== typed;
  const offered = await candidatesOf(what).catch(() => []);
  const lines = offered
    .filter(({ word }) => word.startsWith(typed) && !/\s/.test(word))
    .map(({ word, text }) => `${word}\t${text.replace(/\s+/g, ' ').trim()}`);
  // of an option that takes none
  if (isJoined && what.kind === 'nothing') return ':none\n';
  return `${[...lines, `:${restOf(what, lines.length > 0, typed)}`].join('\n')}\n`;
}

function restOf({ kind }: Wanted, isOffered: boolean, typed: string): string {
  if (kind === 'directories' || kind === 'notebooks' || kind === 'files') return kind;
  // a kernel may be a path, too
  return kind === 'kernels' && (!isOffered || /[/\\.~]/.test(typed)) ? 'files' : 'none';
}

async function candidatesOf(what: Wanted): Promise<readonly Candidate[]> {
  switch (what.kind) {
    case 'words':
      return what.words;
    case 'kernels':
      return [...(await kernels(what.which)), ...what.words];
    case 'servers':
      return [...(await new NamedServers().all())].map(([word, { url }]) => ({ word, text: url }));
    case 'staying':
      return staying();
    default:
      return [];
  }
}

async function kernels(which: 'startable' | 'lacking' | 'all'): Promise<Candidate[]> {
  const cwd = currentDirectory();
  const { kernels: all } = await catalog({ cwd, env: process.env });
  const names = new KernelNames(all, cwd);
  const meant = all.filter(
    ({ hidden, startable }) => hidden === null && (which === 'all' || startable === (which === 'startable')),
  );
  return meant.map((entry) => ({ word: names.of(entry), text: entry.displayName }));
}

/** Those in the background: what a server has is too far away to be asked while somebody types. */
async function staying(): Promise<Candidate[]> {
  const { runningBackground } = await import('../background/reach.js');
  const { factsOf } = await import('../background/entries.js');
  const signal = AbortSignal.timeout(PATIENCE);
  const screen = new Screen({ quiet: true, verbose: false, colour: false }, () => {});
  const ignore = () => {};
  const found = await runningBackground({
    ...{ screen, signal, json: false, cache: true, servers: {}, beside: ignore, failure: ignore, report: ignore },
  });
  const running = (await found?.server.kernels({ signal })) ?? [];
  return running.map((model) => {
    const facts = factsOf(model);
    return { word: model.id, text: facts === null ? model.name : `${facts.displayName}, ${facts.cwd}` };
  });
}
