import type { Argument, Command, Option } from 'commander';

/** A word that the shell may offer, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly text: string;
}

/** What the last word of a command line may become. */
export type Wanted =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  | { readonly kind: 'kernels'; readonly which: 'startable' | 'lacking' | 'all'; readonly words: readonly Candidate[] }
  | { readonly kind: 'staying' | 'servers' | 'files' | 'notebooks' | 'directories' | 'nothing' };

const NOTHING: Wanted = { kind: 'nothing' };

/** What options take beside what they are for, or most often. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--from': ['failed'],
  '--ignore': ['@dates', '@durations', '@uuids'],
  '--jobs': ['auto'],
  '--prefer': ['plain', 'markdown', 'latex', 'json', 'html', 'svg'],
};

/** An option with its value in one word. */
const JOINED = /^(--[^=]+)=(.*)$/s;

/**
 * Goes through a command line as commander would, up to its last word.
 * @param words what stands after `kernelkit`; the last is the one that is typed, the empty text where it is about to be
 */
export function wanted(program: Command, words: readonly string[]): Wanted {
  const typed = words.at(-1) ?? '';
  let command = program;
  let awaiting: Option | undefined;
  let onlyArguments = false;
  let given = 0;
  for (const word of words.slice(0, -1)) {
    if (awaiting !== undefined) awaiting = undefined;
    else if (word === '--' && !onlyArguments) onlyArguments = true;
    else if (!onlyArguments && word.length > 1 && word.startsWith('-')) {
      const option = optionOf(command, word);
      awaiting = option?.required === true ? option : undefined;
    } else {
      const subcommand = given === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (subcommand === undefined) given += 1;
      else command = subcommand;
    }
  }
  if (awaiting !== undefined) return valueFor(awaiting, command);
  const joined = onlyArguments ? undefined : optionOf(command, JOINED.exec(typed)?.[1] ?? '');
  if (joined !== undefined) return valueFor(joined, command);
  if (!onlyArguments && typed.startsWith('-')) return { kind: 'words', words: optionsOf(command) };
  // commander's own, which takes a command's name
  if (command === program && given === 1 && words[0] === 'help')
    return { kind: 'words', words: subcommandsOf(program) };
  if (given === 0 && command.commands.length > 0) return { kind: 'words', words: subcommandsOf(command) };
  const argument = argumentAt(command, given);
  return argument === undefined ? NOTHING : valueFor(argument, command);
}

/**
 * The words of a command line as they count here: bash makes three of `--kernel=a`, and the value is what is completed.
 * @returns the words, and what the last of them is completed from
 */
export function asTyped(words: readonly string[]): { words: string[]; typed: string } {
  const all = [...words];
  const typed = all.at(-1) ?? '';
  const [option, sign] = typed === '=' ? [all.at(-2), typed] : [all.at(-3), all.at(-2)];
  if (sign === '=' && option?.startsWith('--')) {
    const value = typed === '=' ? '' : typed;
    return { words: [...all.slice(0, typed === '=' ? -2 : -3), `${option}=${value}`], typed: value };
  }
  return { words: all, typed: JOINED.exec(typed)?.[2] ?? typed };
}

function optionOf(command: Command, word: string): Option | undefined {
  const options = withParents(command).flatMap((one) => one.options);
  return options.find(({ long, short }) => long === word || short === word);
}

function optionsOf(command: Command): Candidate[] {
  const seen = new Map<string, Candidate>();
  for (const { long, hidden, description } of withParents(command).flatMap((one) => one.options)) {
    if (long && !hidden && !seen.has(long)) seen.set(long, { word: long, text: description });
  }
  seen.set('--help', { word: '--help', text: 'what it does and takes' });
  return [...seen.values()];
}

function withParents(command: Command): Command[] {
  return command.parent === null ? [command] : [command, ...withParents(command.parent)];
}

function subcommandsOf(command: Command): Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible
    .filter((one) => one.name() !== 'help')
    .map((one) => ({ word: one.name(), text: one.summary() || one.description() }));
}

function argumentAt({ registeredArguments }: Command, at: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[at] ?? (last?.variadic ? last : undefined);
}

/** What an option's value or an argument is, by the names that help gives them. */
function valueFor(what: Option | Argument, command: Command): Wanted {
  if (what.argChoices !== undefined) {
    return { kind: 'words', words: what.argChoices.map((word) => ({ word, text: '' })) };
  }
  const isOption = 'flags' in what;
  const words = isOption ? VALUES[what.long ?? ''] : undefined;
  if (words !== undefined) return { kind: 'words', words: words.map((word) => ({ word, text: '' })) };
  const name = isOption ? (/[<[]([^\]>]*)[\]>]/.exec(what.flags)?.[1] ?? '') : what.name();
  if (name === 'kernel') return kernelFor(isOption ? '' : command.name());
  if (name === 'id') return { kind: 'staying' };
  if (/^notebooks?$/.test(name)) return { kind: 'notebooks' };
  if (name === 'url|name' || name === 'name|url' || (!isOption && name === 'name')) return { kind: 'servers' };
  if (/^dir/.test(name)) return { kind: 'directories' };
  if (/^(file|path|out|cert|key|ca)\b/.test(name)) return { kind: 'files' };
  return NOTHING;
}

/** Those that a command is about: what is to be explained or examined is above all what does not start. */
function kernelFor(command: string): Wanted {
  if (command === 'install-kernel') {
    // languages that there is no kernel of yet
    const words = ['python', 'r', 'julia', 'deno', 'xeus'].map((word) => ({ word, text: '' }));
    return { kind: 'kernels', which: 'lacking', words };
  }
  return { kind: 'kernels', which: command === 'doctor' || command === 'explain' ? 'all' : 'startable', words: [] };
}
