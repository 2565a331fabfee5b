import type { CatalogEntry, SearchedPlace } from '@kernelkit/core';
import { shortPath, withShortPaths } from './home.js';
import { groupsOf } from './kernel-groups.js';
import { KernelNames } from './kernel-names.js';
import type { Paint } from './paint.js';
import { quoted } from './report.js';
import { activityOf, isServerEntry } from './servers/entries.js';
import { type Cell, table } from './table.js';
import { oneLine, shortened, shortenedAtStart, widthOf, wrapped } from './width.js';

export interface TableOptions {
  cwd: string;
  paint: Paint;
  /** The terminal's columns; null: it is piped, and neither cut nor grouped. */
  columns: number | null;
}

const heads = ['NAME', 'LANGUAGE', 'DISPLAY NAME', 'ENVIRONMENT', 'WHERE'] as const;
/** Its column is narrow on a terminal, where the display name says most of it. */
const SHORT_ENVIRONMENT = 'ENV';
const [NAME, LANGUAGE, DISPLAY, ENVIRONMENT, WHERE] = [0, 1, 2, 3, 4] as const;
const INDENT = '  ';
const NOTE_INDENT = '    ';
const GAP = 2;

/** How far which column gives way, one after the other, until a row fits. The name goes last: it is what is typed. */
const concessions = [
  [WHERE, 22],
  [ENVIRONMENT, 14],
  [DISPLAY, 22],
  [WHERE, 16],
  [DISPLAY, 16],
  [ENVIRONMENT, 8],
  [NAME, 20],
  [LANGUAGE, 8],
  [WHERE, 10],
  [DISPLAY, 8],
  [NAME, 10],
  [WHERE, 6],
] as const;

/** Below so many columns only the name, the display name and the place are shown. */
const NARROW = 60;

/**
 * The kernels as a table: on a terminal grouped, coloured and as wide as it is; piped, a line for each with every path in full. Below
 * a kernel that does not start, or is hidden, indented lines say why.
 *
 * @param shown what is listed
 * @param all the whole catalog, which decides what a name means
 */
export function kernelTable(
  shown: readonly CatalogEntry[],
  all: readonly CatalogEntry[],
  options: TableOptions,
): string {
  const { columns, paint, cwd } = options;
  const names = new KernelNames(all, cwd);
  const groups = columns === null ? [{ title: '', entries: [...shown] }] : groupsOf(shown, cwd);
  const entries = groups.flatMap((group) => group.entries);
  const rows = entries.map((entry) => textsOf(entry, names, options));
  const titles = heads.map((title, at) => (at === ENVIRONMENT && columns !== null ? SHORT_ENVIRONMENT : title));
  const [head = '', ...lines] = lined([titles, ...rows], entries, options);
  let out = columns === null ? `${head}\n` : `${INDENT}${head}\n`;
  let at = 0;
  for (const { title, entries: members } of groups) {
    if (title !== '') out += `${at === 0 ? '' : '\n'}${paint('bold', title)}\n`;
    for (const entry of members) {
      out += `${columns === null ? '' : INDENT}${lines[at++]}\n`;
      for (const note of notesOf(entry, names, options)) out += `${NOTE_INDENT}${paint('dim', note)}\n`;
    }
  }
  return out;
}

/** The places that gave something or could not be searched, and how many gave nothing. */
export function placesTable(searched: readonly SearchedPlace[], { columns, paint }: TableOptions): string {
  const told = searched.filter(({ found, error }) => found > 0 || error !== null);
  const rows = told.map(({ path, found, error, ms }): Cell[] => [
    { text: `${INDENT}${columns === null ? path : shortPath(path)}` },
    { text: error === null ? `${found} found` : 'failed', ...(error && { paint: (text) => paint('red', text) }) },
    { text: `${ms.toFixed(1)} ms${error === null ? '' : `  ${error}`}`, paint: (text) => paint('dim', text) },
  ]);
  const rest = searched.length - told.length;
  const others = rest === 1 ? '1 other place has' : `${rest} other places have`;
  const last = rest === 0 ? '' : `${INDENT}${paint('dim', `${others} nothing (--json names them)`)}\n`;
  return `\n${paint('bold', 'Searched')}\n${table(rows, columns)}${last}`;
}

/** One line for one kernel, for a list that goes on. */
export function kernelLine(entry: CatalogEntry, names: KernelNames, options: TableOptions): string {
  const texts = textsOf(entry, names, { ...options, columns: options.columns ?? 0 });
  return texts.filter((text) => text !== '').join('  ');
}

function textsOf(entry: CatalogEntry, names: KernelNames, { columns, cwd }: TableOptions): string[] {
  const { environment, language, displayName, argv, resourceDir, specFile } = entry;
  // an id is for the line below
  const name = entry.hidden === null ? names.of(entry) : entry.name;
  const isPiped = columns === null;
  let described = '';
  if (environment !== null) {
    const { kind, name: called, version } = environment;
    // what stands in the row already is not said twice
    const isSaid = (part: string) => !isPiped && (part === name || part === entry.name || displayName.includes(part));
    const parts = [
      kind,
      called === version || isSaid(called) ? '' : called,
      isSaid(version ?? '') ? '' : (version ?? ''),
    ];
    described = parts.filter((part) => part !== '').join(' ');
  }
  const remote = isServerEntry(entry) ? entry.remote : null;
  if (remote?.kernelId) described = activityOf(remote);
  const python = environment?.kind === 'system' ? environment.python : null;
  const where = onServer(entry, isPiped) ?? python ?? environment?.prefix ?? resourceDir ?? specFile ?? argv[0] ?? '';
  const texts = [quotedName(name), language, displayName, described, isPiped ? where : shortPath(where, cwd)].map(
    oneLine,
  );
  // a column that may be empty has something in it, for those who count columns
  return isPiped ? texts.map((text) => text || '-') : texts;
}

/** Where on its server a kernel is: in the group's title there is the server already. Null: it is on none. */
function onServer(entry: CatalogEntry, isPiped: boolean): string | null {
  if (!isServerEntry(entry) || entry.server === null) return null;
  const { session, kernelId } = entry.remote;
  if (!isPiped) return session?.path ?? kernelId ?? '';
  return session === null ? entry.server.url : `${entry.server.url} ${session.path}`;
}

/** `~` is for the shell to expand. */
function quotedName(name: string): string {
  return name.startsWith('~/') && quoted(name.slice(2)) === name.slice(2) ? name : quoted(name);
}

/** Rows of texts as lines with their columns below each other; the first row is the head. */
function lined(rows: string[][], entries: readonly CatalogEntry[], { columns, paint }: TableOptions): string[] {
  const widths = heads.map((_, at) => Math.max(0, ...rows.slice(1).map((row) => widthOf(row[at]!))));
  const kept = heads.flatMap((_, at) => {
    if (columns === null) return [at];
    const isLeft = columns >= NARROW || at === NAME || at === DISPLAY || at === WHERE;
    return widths[at]! > 0 && isLeft ? [at] : [];
  });
  for (const at of kept) widths[at] = Math.max(widths[at]!, rows[0]![at]!.length);
  if (columns !== null) {
    const room = columns - INDENT.length - GAP * (kept.length - 1);
    const over = () => kept.reduce((sum, at) => sum + widths[at]!, 0) - room;
    for (const [at, least] of concessions) {
      if (!kept.includes(at) || over() <= 0) continue;
      widths[at] = Math.max(Math.min(widths[at]!, least), widths[at]! - over());
    }
  }
  const cells = rows.map((row, index) => {
    const entry = entries[index - 1];
    return kept.map((at): Cell => {
      const short = at === WHERE ? shortenedAtStart : shortened;
      const text = columns === null ? row[at]! : short(row[at]!, widths[at]!);
      if (entry === undefined) return { text, paint: (shown) => paint('dim', shown) };
      if (at === NAME && entry.startable && entry.hidden === null)
        return { text, paint: (shown) => paint('cyan', shown) };
      return at === WHERE || at === ENVIRONMENT ? { text, paint: (shown) => paint('dim', shown) } : { text };
    });
  });
  return table(cells, null).trimEnd().split('\n');
}

/** Why a kernel does not start and what to do; why it is hidden. */
function notesOf(entry: CatalogEntry, names: KernelNames, { columns }: TableOptions): string[] {
  const { problem, hidden } = entry;
  const notes: string[] = [];
  if (hidden !== null) {
    const by = names.ofId(hidden.by);
    const word = hidden.reason === 'duplicate' ? 'of' : 'by';
    notes.push(`${hidden.reason} ${word} ${hidden.by}${by === hidden.by ? '' : ` (${by})`}; its own id is ${entry.id}`);
  }
  if (problem !== null) {
    const { kind, message, fix } = problem;
    if (columns === null) notes.push(`does not start: ${message}`, ...(fix === null ? [] : [`fix: ${fix}`]));
    // the row says already for which Python
    else if (kind === 'ipykernel-missing' && fix !== null) notes.push(`no ipykernel: ${withShortPaths(fix)}`);
    else notes.push(message, ...(fix === null ? [] : [`fix: ${withShortPaths(fix)}`]));
  }
  const flat = notes.map(oneLine);
  return columns === null ? flat : flat.flatMap((note) => wrapped(note, Math.max(columns - NOTE_INDENT.length, 20)));
}
