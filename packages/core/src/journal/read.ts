import { join } from 'node:path';
import { isRunning, lookAt } from '../process/index.js';
import { type Identity, isThere, type JournalOptions, journalDirectory, namesIn, readEntry } from './directory.js';
import { type JournalEntry, type JournalProblem, parseEntry } from './entry.js';
import { thisMachine, thisProcess } from './machine.js';
import { stateOf, type World } from './state.js';

/** What is noted of this user's kernels. */
export interface Journal {
  directory: string;
  /** The kernels of this user, those that started first in front. */
  entries: JournalEntry[];
  /** Files that are no entry, or of a version that we do not know. They stay as they are. */
  problems: JournalProblem[];
}

/** An entry, and what a sweep has to know of it beyond what it says. */
export interface FoundEntry {
  entry: JournalEntry;
  ownerGone: boolean;
  identity: Identity;
}

/**
 * Reads what the kernels of this user are, and what became of them. Nothing is changed; that there is no journal is no error.
 *
 * @throws JournalError when the directory cannot be trusted or read
 */
export async function readJournal(options: JournalOptions = {}): Promise<Journal> {
  const { directory, found, problems } = await findEntries(options);
  return { directory, entries: found.map(({ entry }) => entry), problems };
}

/** This process's view of the machine. */
export function thisWorld(): World {
  return {
    machine: thisMachine(),
    self: thisProcess(),
    runs: isRunning,
    groupOf: (pid) => lookAt(pid)?.group ?? null,
  };
}

export async function findEntries(
  options: JournalOptions,
): Promise<{ directory: string; names: string[]; found: FoundEntry[]; problems: JournalProblem[] }> {
  const directory = await journalDirectory(options);
  const names = (await isThere(directory)) ? await namesIn(directory) : [];
  const world = thisWorld();
  const found: FoundEntry[] = [];
  const problems: JournalProblem[] = [];
  // Something else of ours may lie there, too.
  for (const name of names.filter((name) => /^kernel-.*\.json$/.test(name)).sort()) {
    const file = join(directory, name);
    try {
      const read = await readEntry(file);
      if (read === null) continue;
      const parsed = parseEntry(parseJson(read.text), name, process.pid);
      if ('entry' in parsed) {
        const { state, ownerGone } = stateOf(parsed.entry, world);
        found.push({ entry: { ...parsed.entry, state, file }, ownerGone, identity: read.identity });
      } else {
        const newer = Number.isSafeInteger(parsed.version);
        problems.push({
          file,
          kind: newer ? 'unknown-version' : 'not-an-entry',
          message: newer ? `${file} is of another version of Kernelkit` : `${file} is no entry: ${parsed.wrong}`,
        });
      }
    } catch (error) {
      problems.push({ file, kind: 'unreadable', message: `${file} cannot be read: ${(error as Error).message}` });
    }
  }
  found.sort((a, b) => Date.parse(a.entry.startedAt) - Date.parse(b.entry.startedAt));
  return { directory, names, found, problems };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
