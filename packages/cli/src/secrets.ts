/** What of this process's environment is a secret of ours, and no kernel's. */
const VARIABLES = [
  ...(['KERNELKIT_TOKEN', 'KERNELKIT_PASSWORD'] as const),
  ...(['KERNELKIT_SERVE_TOKEN', 'KERNELKIT_SERVE_KEY_PASSPHRASE'] as const),
] as const;
type Variable = (typeof VARIABLES)[number];

const taken: Partial<Record<Variable, string>> = {};
const hidden = new Set<string>();
/** Shorter ones would take every second word away, and are no secrets. */
const LEAST = 4;

/**
 * Takes the secrets out of this process's environment, before anything else reads it: a kernel, an environment's script and every other
 * child get what is left.
 */
export function takeSecrets(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of VARIABLES) {
    const value = env[name]?.trim() ?? '';
    delete env[name];
    if (value === '') continue;
    taken[name] = value;
    hide(value);
  }
}

/** A secret that was in the environment; null: there was none. */
export function secretOf(name: Variable): string | null {
  return taken[name] ?? null;
}

/** Has a secret left out of everything that is told from now on. */
export function hide(secret: string): void {
  if (secret.length >= LEAST) hidden.add(secret).add(encodeURIComponent(secret));
}

/** A text that is told, without the secrets. */
export function shownText(text: string): string {
  let shown = text;
  for (const secret of hidden) shown = shown.replaceAll(secret, '•••');
  return shown;
}

/** Unset for every kernel, also where a login shell would set them. */
export const noSecrets: Readonly<Record<string, null>> = Object.fromEntries(VARIABLES.map((name) => [name, null]));
