/** A process's environment, or one like it. */
export type ProcessVariables = Readonly<Record<string, string | undefined>>;

/** Reads a variable by name. On Windows the case of a name does not matter, not even in a copy of `process.env`. */
export type VariableReader = (name: string) => string | undefined;

/** Reads the variables of an environment as a platform does: by name, on Windows whatever its case. */
export function variableReader(platform: NodeJS.Platform, env: ProcessVariables): VariableReader {
  if (platform !== 'win32') return (name) => env[name];
  const folded = new Map(Object.entries(env).map(([name, value]) => [name.toUpperCase(), value]));
  return (name) => folded.get(name.toUpperCase());
}

const FALSE = new Set(['no', 'n', 'false', 'off', '0', '0.0']);

/**
 * A switch as jupyter_core reads it (`envset`): anything but a few words for "no" is yes, an empty value too.
 * Undefined when the variable is not set.
 */
export function readSwitch(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : !FALSE.has(value.toLowerCase());
}
