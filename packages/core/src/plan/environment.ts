import { substituteVariables } from './template.js';

/** Who sets a variable. */
export type VariableSource = 'activation' | 'dotenv' | 'kernelspec' | 'override' | 'kernelkit';

/** One variable that differs from this process's environment. */
export interface EnvironmentChange {
  name: string;
  /** null: it is not set for the kernel. */
  value: string | null;
  was: string | null;
  /** The last writer; `detail` names all, in order. */
  source: { kind: VariableSource; detail: string };
}

/** A layer of the environment; null unsets. */
export interface EnvironmentLayer {
  kind: VariableSource;
  detail: string;
  variables: Readonly<Record<string, string | null>>;
  /** Fill `$VAR` in its values from what the layers below gave: a kernelspec's `env` (Python's Template rules). */
  substitute?: boolean;
}

/** An environment: names and values. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Lays the layers over this process's environment, in order: the one order of merging for every language.
 * Windows compares names without case, and keeps the name that was there.
 */
export function mergeEnvironment(
  base: Variables,
  layers: readonly EnvironmentLayer[],
  platform: NodeJS.Platform,
): { environment: Record<string, string>; changes: EnvironmentChange[] } {
  const environment = new Map<string, string>();
  for (const [name, value] of Object.entries(base)) if (value !== undefined) environment.set(name, value);
  const keys = new Map([...environment.keys()].map((name) => [fold(name, platform), name]));
  const writers = new Map<string, { kind: VariableSource; details: string[] }>();

  for (const layer of layers) {
    const below =
      layer.substitute === true
        ? Object.fromEntries([...environment].map(([name, value]) => [fold(name, platform), value]))
        : {};
    for (const [given, raw] of Object.entries(layer.variables)) {
      const name = keys.get(fold(given, platform)) ?? given;
      keys.set(fold(name, platform), name);
      if (raw === null) environment.delete(name);
      else
        environment.set(
          name,
          layer.substitute === true ? substituteVariables(raw, below, (name) => fold(name, platform)) : raw,
        );
      const details = [...(writers.get(name)?.details ?? []), layer.detail];
      writers.set(name, { kind: layer.kind, details });
    }
  }

  const changes: EnvironmentChange[] = [];
  for (const [name, { kind, details }] of writers) {
    const value = environment.get(name) ?? null;
    const was = base[name] ?? null;
    if (value !== was) changes.push({ name, value, was, source: { kind, detail: details.join(', ') } });
  }
  changes.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { environment: Object.fromEntries(environment), changes };
}

function fold(name: string, platform: NodeJS.Platform): string {
  return platform === 'win32' ? name.toUpperCase() : name;
}
