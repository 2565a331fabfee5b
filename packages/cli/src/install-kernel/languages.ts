import type { CatalogEntry } from '@kernelkit/core';
import { InstallKernelError } from './errors.js';
import type { Ground } from './ground.js';
import { runnable } from './managers.js';
import { somePython } from './python.js';
import type { Plan } from './remedy.js';
import { aptCommand } from './system.js';

/** What `--language` takes. */
export const LANGUAGES = ['python', 'r', 'julia', 'deno', 'xeus'] as const;

export type Language = (typeof LANGUAGES)[number];

/** What else people, and notebooks, call them. */
const CALLED: Readonly<Record<string, Language>> = {
  ...Object.fromEntries(LANGUAGES.map((language) => [language, language])),
  ...{ python3: 'python', ipykernel: 'python', ir: 'r', irkernel: 'r', ijulia: 'julia' },
  ...{ typescript: 'deno', javascript: 'deno', 'xeus-python': 'xeus', xpython: 'xeus' },
};

/** The language that a text means; null: none that a kernel can be installed for. */
export function languageOf(text: string): Language | null {
  // IJulia's kernelspecs have Julia's version in their names
  const lower = text
    .trim()
    .toLowerCase()
    .replace(/-[\d.]+$/, '');
  return Object.hasOwn(CALLED, lower) ? CALLED[lower]! : null;
}

/** A kernel for a language, wherever it comes to be. @throws InstallKernelError */
export async function forLanguage(ground: Ground, language: Language): Promise<Plan> {
  switch (language) {
    case 'python':
      return somePython(ground, 'ipykernel');
    case 'xeus':
      return somePython(ground, 'xeus-python');
    case 'r':
      return forR(ground);
    case 'julia':
      return forJulia(ground);
    case 'deno':
      return forDeno(ground);
  }
}

function forR(ground: Ground): Plan {
  const gives = speaking('r');
  const there = ground.found.kernels.find(gives);
  if (there !== undefined) return { kind: 'there', entry: there };
  const missing = ground.found.kernels.find(({ problem }) => problem?.kind === 'irkernel-missing');
  if (missing?.problem?.fix) return simple([missing.problem.fix], gives);
  throw new InstallKernelError('language-missing', 'there is no R on PATH that IRkernel could be installed for', {
    fix:
      ground.onPath('apt') === null
        ? 'install R (https://www.r-project.org), and run this again'
        : aptCommand(ground, 'r-base-core r-cran-irkernel'),
  });
}

function forJulia(ground: Ground): Plan {
  const gives = speaking('julia');
  const there = ground.found.kernels.find(gives);
  if (there !== undefined) return { kind: 'there', entry: there };
  if (ground.onPath('julia') === null) {
    throw new InstallKernelError('language-missing', 'there is no julia on PATH that IJulia could be installed for', {
      fix: 'install Julia (https://julialang.org/downloads), and run this again',
    });
  }
  // PowerShell hands no double quotes on to a program
  const name = process.platform === 'win32' ? '\\"IJulia\\"' : '"IJulia"';
  return simple([`julia -e 'import Pkg; Pkg.add(${name})'`], gives);
}

/** Deno is a kernel as it is, and a package of npm, which is where this program comes from. */
function forDeno(ground: Ground): Plan {
  const gives = (entry: CatalogEntry) => entry.runtime === 'deno' && isThere(entry);
  const there = ground.found.kernels.find(
    (entry) => gives(entry) || (speaking('typescript')(entry) && entry.name === 'deno'),
  );
  if (there !== undefined) return { kind: 'there', entry: there };
  return simple(runnable('npm install --global deno', null, ground), gives);
}

function simple(commands: string[], gives: (entry: CatalogEntry) => boolean): Plan {
  return { kind: 'remedy', remedy: { commands, notes: [], makes: null, gives } };
}

function speaking(language: string): (entry: CatalogEntry) => boolean {
  return (entry) => entry.language.toLowerCase() === language && isThere(entry);
}

function isThere({ startable, hidden, source, server }: CatalogEntry): boolean {
  return startable && hidden === null && source !== 'running' && server === null;
}
