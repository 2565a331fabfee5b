import type { Context } from '../context.js';
import { defaultSearchPath, normPath, samePath, searchPathOf } from '../search-path.js';
import type { Root } from './root.js';

/**
 * The directories that a prefix puts on PATH. On Windows (§3.3) six, and one more for the first kind of MSYS2 that is installed, which
 * libmamba and rattler do not know.
 */
export function prefixDirs(context: Context, prefix: string, who: 'conda' | 'mamba' | 'pixi'): string[] {
  const { path, isWindows } = context;
  if (!isWindows) return [path.join(prefix, 'bin')];
  const kinds = who === 'conda' ? ['ucrt64', 'clang64', 'mingw64', 'clangarm64'] : [];
  const msys = kinds.find((kind) => {
    return context.tolerant(false, () => context.files.stat(path.join(prefix, 'Library', kind)) !== null);
  });
  return [
    path.normalize(prefix).replace(/\\+$/, ''),
    ...(msys === undefined ? [] : [path.join(prefix, 'Library', msys, 'bin')]),
    path.join(prefix, 'Library', 'mingw-w64', 'bin'),
    path.join(prefix, 'Library', 'usr', 'bin'),
    path.join(prefix, 'Library', 'bin'),
    path.join(prefix, 'Scripts'),
    path.join(prefix, 'bin'),
  ];
}

/** R4: PATH as conda takes it apart, every entry normalised. */
function startingEntries(context: Context): string[] {
  const { platform, path } = context;
  // conda's own default on Linux has no /bin
  const text = context.read('PATH') ?? (platform === 'linux' ? '/usr/bin' : defaultSearchPath(platform));
  return text.split(path.delimiter).map((entry) => normPath(entry, platform));
}

/** R4, at level 0 or stacked: the prefix first, and at level 0 the root's condabin before the rest unless there is any already. */
export function addPrefix(context: Context, prefix: string, root: Root | null, level: number): string {
  const entries = startingEntries(context);
  if (level === 0 && root !== null && !entries.some((entry) => entry.endsWith('condabin'))) {
    entries.unshift(context.path.join(root.path, 'condabin'));
  }
  return [...prefixDirs(context, prefix, 'conda'), ...entries].join(context.path.delimiter);
}

/**
 * R4 and R11: the new prefix in the place of the old one; first, where the old one is not there; null takes the old one away. Windows
 * (§3.3): from the first to the last of its directories everything goes, what lies between as well, and one `Library\bin` of the root.
 */
export function replacePrefix(
  context: Context,
  old: string | undefined,
  prefix: string | null,
  root: Root | null,
): string {
  const { platform, path } = context;
  const entries = startingEntries(context);
  const added = prefix === null ? [] : prefixDirs(context, prefix, 'conda');
  const gone = old === undefined ? [] : prefixDirs(context, old, 'conda');
  const indexOf = (dir: string) => entries.findIndex((entry) => samePath(entry, dir, platform));
  const first = gone[0] === undefined ? -1 : indexOf(gone[0]);
  if (first === -1) return [...added, ...entries].join(path.delimiter);
  let last = gone.map(indexOf).findLast((at) => at !== -1) ?? first;
  const after = entries[last + 1];
  if (root !== null && after !== undefined && samePath(after, path.join(root.path, 'Library', 'bin'), platform)) last++;
  entries.splice(first, Math.max(last - first + 1, 0), ...added);
  return entries.join(path.delimiter);
}

/**
 * libmamba (§3.6): entries stay as they are written; all of the old prefix's go, the new ones come first, and of equal neighbours one is
 * left. @param old null: nothing goes
 */
export function mambaPath(
  context: Context,
  change: { old: string | null; prefix: string | null; condabin: string | null },
): string {
  const { platform, path } = context;
  const { old, prefix, condabin } = change;
  const gone = old === null ? [] : prefixDirs(context, old, 'mamba');
  const entries = searchPathOf(context)
    .split(path.delimiter)
    .filter((entry) => !gone.some((dir) => samePath(entry, dir, platform)));
  if (condabin !== null && !entries.some((entry) => entry.endsWith('condabin'))) entries.unshift(condabin);
  const all = [...(prefix === null ? [] : prefixDirs(context, prefix, 'mamba')), ...entries];
  return all.filter((entry, at) => at === 0 || entry !== all[at - 1]).join(path.delimiter);
}
