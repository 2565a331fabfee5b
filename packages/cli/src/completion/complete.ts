import { catalog } from '@kernelkit/core';
import type { Command } from 'commander';
import { currentDirectory } from '../directory.js';
import { KernelNames } from '../kernel-names.js';
import { NamedServers } from '../servers/named.js';
import { type Candidate, wanted } from './wanted.js';

/**
 * What a shell may offer for the last of `words`: a line each, with its meaning after a tab. The last line tells the shell what
 * else to offer: `:files`, `:directories` or `:none`. It fails in silence: a shell that completes has nowhere to say why.
 */
export async function complete(program: Command, words: readonly string[]): Promise<string> {
  const typed = words.at(-1) ?? '';
  const what = wanted(program, words);
  const offered = await candidatesOf(what, words.includes('install-kernel')).catch(() => []);
  const lines = offered
    .filter(({ word }) => word.startsWith(typed) && !/\s/.test(word))
    .map(({ word, text }) => `${word}\t${text.replace(/\s+/g, ' ').trim()}`);
  const { kind } = what;
  // a kernel may be a path, too
  const isPath = kind === 'files' || (kind === 'kernels' && (lines.length === 0 || /[/\\.~]/.test(typed)));
  const rest = kind === 'directories' ? ':directories' : isPath ? ':files' : ':none';
  return `${[...lines, rest].join('\n')}\n`;
}

async function candidatesOf(what: ReturnType<typeof wanted>, lacking: boolean): Promise<readonly Candidate[]> {
  if (what.kind === 'words') return what.words;
  if (what.kind === 'servers') {
    return [...(await new NamedServers().all())].map(([word, { url }]) => ({ word, text: url }));
  }
  return what.kind === 'kernels' ? kernels(lacking) : [];
}

/** @param lacking those that cannot be started, and not those that can */
async function kernels(lacking: boolean): Promise<Candidate[]> {
  const cwd = currentDirectory();
  const { kernels: all } = await catalog({ cwd, env: process.env });
  const names = new KernelNames(all, cwd);
  const meant = all.filter(({ hidden, startable }) => hidden === null && startable !== lacking);
  return meant.map((entry) => ({ word: names.of(entry), text: entry.displayName }));
}
