/** `NAME=VALUE`, each ended by NUL, as `env -0` prints it: values may hold newlines and `=`. What has no name is passed over. */
export function parseEnvironment(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const entry of text.split('\0')) {
    const at = entry.indexOf('=');
    if (at > 0) variables.set(entry.slice(0, at), entry.slice(at + 1));
  }
  return variables;
}

/** What a shell counts or notes for itself, so that it is no result of what it ran. */
const OWN = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD', 'SHELLOPTS', 'BASHOPTS']);

/** Whether a variable is the shell's own affair; exported functions (`BASH_FUNC_module%%`) are, since bash writes them anew. */
export function isShells(name: string): boolean {
  return OWN.has(name) || name.startsWith('BASH_FUNC_');
}

/** What differs between an environment before and one after; null: it is gone. */
export function difference(
  before: Readonly<Record<string, string>>,
  after: ReadonlyMap<string, string>,
): Map<string, string | null> {
  const changed = new Map<string, string | null>();
  for (const [name, value] of after) if (!isShells(name) && before[name] !== value) changed.set(name, value);
  for (const name of Object.keys(before)) if (!isShells(name) && !after.has(name)) changed.set(name, null);
  return changed;
}
