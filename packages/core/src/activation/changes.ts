import type { Context } from './context.js';

/** Variables that an activation sets, in order, each with everybody who wrote it. */
export class Changes {
  readonly #values = new Map<string, string | null>();
  readonly #writers = new Map<string, string[]>();
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** @param value null unsets @param detail who sets it: `conda: prefix` */
  set(name: string, value: string | null, detail: string): void {
    if (!isName(name) || value?.includes('\0')) {
      this.#context.note(
        'variable-impossible',
        `${JSON.stringify(name)} cannot be a variable with that value (${detail})`,
      );
      return;
    }
    this.#values.set(name, value);
    const writers = this.#writers.get(name) ?? [];
    if (writers.at(-1) !== detail) writers.push(detail);
    this.#writers.set(name, writers);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): string | null | undefined {
    return this.#values.get(name);
  }

  get variables(): Record<string, string | null> {
    return Object.fromEntries(this.#values);
  }

  get sources(): Record<string, string> {
    return Object.fromEntries([...this.#writers].map(([name, writers]) => [name, writers.join(', ')]));
  }
}

/** Whether the system can hold a variable of that name at all. */
function isName(name: string): boolean {
  return name !== '' && !/[=\0]/.test(name);
}

/** The environment with the variables laid over it. Windows compares names without case, and keeps the name that was there. */
export function applied(
  env: Readonly<Record<string, string | undefined>>,
  variables: Readonly<Record<string, string | null>>,
  platform: NodeJS.Platform,
): Record<string, string> {
  const fold = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
  const result = new Map<string, [string, string]>();
  for (const [name, value] of Object.entries(env)) if (value !== undefined) result.set(fold(name), [name, value]);
  for (const [name, value] of Object.entries(variables)) {
    const known = result.get(fold(name))?.[0] ?? name;
    if (value === null) result.delete(fold(name));
    else result.set(fold(name), [known, value]);
  }
  return Object.fromEntries(result.values());
}
