import {
  builtInSources,
  type Catalog,
  type CatalogEntry,
  catalog,
  findConnectionFile,
  type KernelChoice,
  type KernelEntry,
  KernelNotFoundError,
  kernelForNotebook,
  resolveKernel,
  type SearchedPlace,
  type ServerEntry,
} from '@kernelkit/core';
import { KernelGoneError, UsageError } from './errors.js';
import type { Screen } from './screen.js';
import { isServerEntry } from './servers/entries.js';
import type { ServerSearch } from './servers/search.js';
import type { Session } from './session.js';

/** How a kernel is named on the command line. */
export interface KernelOption {
  kernel?: string;
  /** True: the newest. */
  existing?: string | true;
}

export const EXISTING = [
  '--existing [file]',
  'join a kernel that runs already: its connection file, a part of its name in Jupyter’s runtime directory, or none for the newest',
] as const;

/**
 * What -k or --existing names, as a KERNEL; null: neither was given.
 * @throws UsageError for both, ConnectionFileError
 */
export async function kernelOption({ kernel, existing }: KernelOption): Promise<string | null> {
  if (existing === undefined) return kernel ?? null;
  if (kernel !== undefined) throw new UsageError('both -k and --existing were given', 'give one of them');
  return findConnectionFile(existing === true ? undefined : existing);
}

/** Where it is told which kernel was taken. */
export type Notes = Pick<Screen, 'note' | 'warn' | 'detail' | 'paintErr'>;

/** How many other kernels that fit are named. */
const NAMED = 4;

/** The kernels, and the servers that they were looked for on. */
export interface FoundKernels extends Catalog {
  /** Null: no server was named. */
  servers: ServerSearch | null;
  /** The kernel that stays in the background under that id; null: there is none. Asked for only where `query` looks like one. */
  staying: (query: string) => Promise<ServerEntry | null>;
  /** The same for a beginning of an id that no other kernel's has. */
  stayingFrom: (query: string) => Promise<ServerEntry | null>;
}

/** The ids that gateways give. */
const KERNEL_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Shorter ones would rather be a name's beginning. */
const ID_BEGINNING = /^[0-9a-f]{4}[0-9a-f-]*$/;

/** Every kernel as seen from a folder, whose environments come first. Says which searches failed, but not of servers. */
export async function findKernels(session: Session, cwd: string): Promise<FoundKernels> {
  const { screen, signal, cache } = session;
  // whoever names no server pays for none of it
  const servers =
    session.servers.server === undefined ? null : await (await import('./servers/search.js')).ServerSearch.of(session);
  const found = await catalog({
    ...{ cwd, env: process.env, signal },
    ...(!cache && { cache: false as const }),
    ...(servers && { sources: [...builtInSources(), ...servers.sources] }),
  });
  warnOfSearchErrors(
    screen,
    found.searched.filter(({ kind }) => kind !== 'server'),
  );
  const stayingIf =
    (shape: RegExp): FoundKernels['staying'] =>
    async (query) =>
      shape.test(query) ? (await import('./background/entries.js')).stayingEntry(session, query) : null;
  const background = { staying: stayingIf(KERNEL_ID), stayingFrom: stayingIf(ID_BEGINNING) };
  return { ...found, kernels: servers?.ordered(found.kernels) ?? found.kernels, servers, ...background };
}

/** Says which searches failed: a kernel that is missed may be there. */
export function warnOfSearchErrors(screen: Screen, searched: readonly SearchedPlace[]): void {
  for (const { path, error } of searched) {
    if (error !== null) screen.warn(`${screen.paintErr('yellow', 'warning:')} ${path} could not be searched: ${error}`);
  }
}

/**
 * A server that failed may have had what was asked for, so that nothing else is taken for it, but what only this machine can have (an
 * id, a path) and what another server has.
 *
 * @throws what the server failed with
 */
function unlessServersFailed(
  screen: Notes,
  found: FoundKernels,
  entry: CatalogEntry | null,
  query: string | null,
): void {
  const failures = found.servers?.failures ?? [];
  const [first] = failures;
  if (first === undefined) return;
  const isSure = entry !== null && (entry.server !== null || query === entry.id || /[\\/]/.test(query ?? ''));
  if (!isSure) throw first.error;
  for (const { url, error } of failures) {
    screen.warn(`${screen.paintErr('yellow', 'warning:')} ${url} could not be searched: ${error.message}`);
  }
}

/**
 * The kernel that `-k` names. Where several fit, standard error says which was taken.
 * @throws KernelNotFoundError, AmbiguousKernelError
 */
export async function namedKernel(
  screen: Notes,
  found: FoundKernels,
  query: string,
  cwd: string,
): Promise<CatalogEntry> {
  const running =
    found.kernels.find((entry) => isServerEntry(entry) && isCalled(entry, query)) ?? (await found.staying(query));
  const { entry, others: all } =
    running === null
      ? await resolveKernel({ ...found, kernels: found.kernels.filter(isNoRunning) }, query, { cwd }).catch(
          async (error: unknown) => {
            const begun = error instanceof KernelNotFoundError ? await found.stayingFrom(query) : null;
            if (begun !== null) return { entry: begun, others: [] };
            unlessServersFailed(screen, found, null, query);
            if (KERNEL_ID.test(query)) {
              const { own } = await import('./install-kernel/own.js');
              throw new KernelGoneError(query, `those that stay: ${own('ps')}; a fresh one: leave out -k`, error);
            }
            throw await withCommand(found, error, cwd, '');
          },
        )
      : { entry: running, others: [] };
  unlessServersFailed(screen, found, entry, query);
  // every Python is a python3: those that could not be started are no choice, where the one that was taken can
  const others = all.filter(({ startable }) => startable || !entry.startable);
  if (others.length > 0) {
    const more = others.length === 1 ? 'one other fits' : `${others.length} others fit`;
    const named = others.slice(0, NAMED).map((other) => (other.name === entry.name ? other.displayName : other.name));
    const rest = others.length > NAMED ? ', …' : '';
    screen.note(`kernel: ${describe(entry)}, taken for "${query}" (${more}: ${named.join(', ')}${rest})`);
  } else {
    screen.detail(`kernel: ${describe(entry)}`);
  }
  return entry;
}

/**
 * The kernel for a notebook's metadata: standard error says which and why.
 * @throws KernelNotFoundError
 */
export async function kernelOfNotebook(
  screen: Notes,
  found: FoundKernels,
  metadata: Record<string, unknown>,
): Promise<CatalogEntry> {
  const { entry, reason } = onServer(found, metadata) ?? (await choice(screen, found, metadata));
  screen.note(`kernel: ${describe(entry)}: ${reason}`);
  return entry;
}

/** A kernel that runs on a server is nobody's choice but by what is its own: its id there or here, the path of its session. */
function isCalled({ id, remote: { kernelId, session } }: ServerEntry, query: string): boolean {
  return kernelId !== null && (query === kernelId || query === id || query === session?.path);
}

function isNoRunning(entry: CatalogEntry): boolean {
  return !isServerEntry(entry) || entry.remote.kernelId === null;
}

/** A server's kernel by the notebook's own name for it, before this machine's of the same name; null: it has none. */
function onServer(found: FoundKernels, metadata: Record<string, unknown>): KernelChoice | null {
  const kernels = found.kernels.filter(({ source }) => source === 'server');
  const wanted = (metadata.kernelspec as { name?: unknown } | undefined)?.name;
  if (kernels.length === 0 || typeof wanted !== 'string') return null;
  const lower = wanted.trim().toLowerCase();
  const name = lower === 'python' ? 'python3' : lower;
  const entry = kernels.find((each) => each.name === name);
  return entry === undefined ? null : { entry, reason: `the notebook asks for the kernel ${name}` };
}

async function choice(screen: Notes, found: FoundKernels, metadata: Record<string, unknown>): Promise<KernelChoice> {
  try {
    const chosen = kernelForNotebook({ ...found, kernels: found.kernels.filter(isNoRunning) }, metadata);
    unlessServersFailed(screen, found, chosen.entry, null);
    return chosen;
  } catch (error) {
    unlessServersFailed(screen, found, null, null);
    throw await withCommand(found, error, process.cwd(), languageIn(metadata));
  }
}

/**
 * The best kernel that can be started. A person at a terminal is told which it is; in a script it would be noise.
 * @throws KernelNotFoundError
 */
export async function bestKernel(screen: Screen, found: FoundKernels): Promise<CatalogEntry> {
  const { entry } = await choice(screen, found, {});
  const line = `kernel: ${describe(entry)}, the best that was found`;
  if (process.stderr.isTTY === true) screen.note(line);
  else screen.detail(line);
  return entry;
}

/**
 * A kernel was not found: with the command that gets one, for the language that was meant; where none was, and no kernel can be started, any.
 * @param language the notebook's; empty: it names none
 */
async function withCommand(found: FoundKernels, error: unknown, cwd: string, language: string): Promise<unknown> {
  // what else it may be has its own advice
  if (!(error instanceof KernelNotFoundError)) return error;
  const { commandForAny, commandForLanguage, NoKernelError } = await import('./install-kernel/suggest.js');
  const { languageOf } = await import('./install-kernel/languages.js');
  const meant = languageOf(language === '' ? error.query : language);
  if (meant !== null) return new NoKernelError(error, commandForLanguage(found, meant, cwd));
  const isAny = language === '' && !found.kernels.some(({ startable, hidden }) => startable && hidden === null);
  return isAny ? new NoKernelError(error, commandForAny(found, cwd)) : error;
}

/** A notebook's language, as core looks for it. */
function languageIn({ kernelspec, language_info: info }: Record<string, unknown>): string {
  const said = (kernelspec as { language?: unknown } | undefined)?.language;
  const ran = (info as { name?: unknown } | undefined)?.name;
  return [said, ran].find((text): text is string => typeof text === 'string' && text.trim() !== '') ?? '';
}

function describe({ name, displayName, server }: KernelEntry): string {
  const on = server === null ? '' : ` on ${server.url}`;
  return `${name === displayName ? name : `${name} (${displayName})`}${on}`;
}
