import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.js';
import { flagOf, GROUPS, PREFIX, SETTINGS, type Setting, type Settings, variableOf } from './settings.js';

type Name = keyof Settings;

/** Those that `main` takes out of the environment before anybody reads it. */
const SECRET: ReadonlySet<Name> = new Set<Name>(['token']);

/** Gives a command a flag for each setting; what is told by no flag is left to `readSettings`. */
export function addSettings(command: Command): void {
  for (const [heading, names] of GROUPS) {
    for (const name of names) for (const option of optionsOf(name)) command.addOption(option.helpGroup(heading));
  }
}

function optionsOf(name: Name): Option[] {
  const { value, text, parse, fallback, shown } = SETTINGS[name] as Setting<unknown>;
  const flag = flagOf(name);
  if (value === undefined) {
    // the one that changes something is shown; the other is for whoever has a variable set
    const [on, off] = [new Option(`--${flag}`, text), new Option(`--no-${flag}`, text)];
    return fallback === true ? [on.hideHelp(), off] : [on, off.hideHelp()];
  }
  const told = shown ?? (fallback === undefined ? undefined : String(fallback));
  const option = new Option(`--${flag} ${value}`, told === undefined ? text : `${text} (default: ${told})`);
  // a value that may be left out
  if (value.startsWith('[')) option.preset('yes');
  return [
    option.argParser((given: string, before: unknown) => {
      const parsed = parse(given);
      return Array.isArray(parsed) && Array.isArray(before) ? [...before, ...parsed] : parsed;
    }),
  ];
}

/**
 * What the flags say, else what the variables say, else what is done without.
 * @throws UsageError naming the variable that cannot be used
 */
export function readSettings(command: Command, env: Readonly<Record<string, string | undefined>>): Settings {
  const options = command.opts<Record<string, unknown>>();
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [Name, Setting<unknown>][]) {
    const value =
      command.getOptionValueSource(name) === 'cli'
        ? options[name]
        : (fromVariable(name, setting, env) ?? setting.fallback);
    if (value !== undefined) settings[name] = value;
  }
  return settings as unknown as Settings;
}

function fromVariable(
  name: Name,
  { parse }: Setting<unknown>,
  env: Readonly<Record<string, string | undefined>>,
): unknown {
  const given = env[variableOf(name)];
  // one that is set to nothing is not set, as for most programs
  if (given === undefined || given.trim() === '' || SECRET.has(name)) return undefined;
  try {
    return parse(given);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${variableOf(name)}=${given}: ${error.message}`);
  }
}

/** Variables that look like settings and are none: somebody relies on what they say. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(Object.keys(SETTINGS).map(variableOf));
  return Object.keys(env).filter((name) => name.startsWith(PREFIX) && !known.has(name));
}
