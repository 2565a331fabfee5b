import { Command, CommanderError } from 'commander';
import { addEverywhere, type Outcome } from './options.js';
import { ExitStatus } from './status.js';
import { version } from './version.js';

interface Subcommand {
  summary: string;
  /** Nobody has to type it. */
  isHidden?: true;
  /** Only the subcommand that is asked for is loaded: the start of `list` must not pay for `run`. */
  load: () => Promise<{ define: (command: Command, outcome: Outcome) => void }>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: { summary: 'list every kernel that can be picked', load: () => import('./commands/list.js') },
  explain: { summary: 'show how a kernel would be started, and why so', load: () => import('./commands/explain.js') },
  exec: { summary: 'run code on a kernel', load: () => import('./commands/exec.js') },
  console: { summary: 'work with a kernel at the terminal', load: () => import('./commands/console.js') },
  run: { summary: 'execute notebooks', load: () => import('./commands/run.js') },
  start: { summary: 'start a kernel that stays', load: async () => (await import('./commands/stay.js')).start },
  ps: { summary: 'list the kernels that stay', load: async () => (await import('./commands/stay.js')).ps },
  interrupt: { summary: 'interrupt one of them', load: async () => (await import('./commands/stay.js')).interrupt },
  restart: { summary: 'restart one of them', load: async () => (await import('./commands/stay.js')).restart },
  stop: { summary: 'end one of them', load: async () => (await import('./commands/stay.js')).stop },
  server: { summary: 'name Jupyter servers, and keep their tokens', load: () => import('./commands/server.js') },
  serve: {
    summary: 'serve the kernels of this machine to Jupyter front ends',
    load: () => import('./commands/serve.js'),
  },
  'serve-background': {
    summary: 'the gateway that kernels that stay live in',
    isHidden: true,
    load: () => import('./commands/serve-background.js'),
  },
  doctor: { summary: 'say what works, what does not and what to do', load: () => import('./commands/doctor.js') },
  'install-kernel': {
    summary: 'install what a kernel lacks',
    load: () => import('./commands/install-kernel.js'),
  },
  completion: { summary: 'make a shell complete all this', load: () => import('./commands/completion.js') },
};

/**
 * The whole command.
 * @param args the command line, without Node and the script
 * @returns the exit status; everything is written by then
 */
export async function kernelkit(args: readonly string[]): Promise<ExitStatus> {
  const outcome: Outcome = { status: ExitStatus.ok };
  const program = await commandLine((name) => args.includes(name), outcome);
  if (args[0] === '__complete') {
    process.stdout.write(await (await import('./completion/complete.js')).complete(program, args.slice(1)));
    return ExitStatus.ok;
  }
  const [first = ''] = args;
  // what is tried first by whoever has used nothing but notebooks
  if (first.endsWith('.ipynb')) program.showHelpAfterError(`To execute it: kernelkit run ${first}`);
  try {
    await program.parseAsync(args, { from: 'user' });
    return outcome.status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitStatus.ok : ExitStatus.usage;
    throw error;
  }
}

/**
 * What the command takes, with the subcommands that are asked for; others have their name and their summary. For the manual page, too
 * (scripts/lib/man.mjs).
 */
export async function commandLine(isAsked: (subcommand: string) => boolean, outcome: Outcome): Promise<Command> {
  const program = new Command('kernelkit')
    .description('Find, start and use Jupyter kernels, with no Jupyter installed.')
    .version(version, '-V, --version', 'print the version')
    .showHelpAfterError('Run it with --help to see what it takes.')
    .exitOverride()
    .addHelpText('after', HELP);
  addEverywhere(program);
  for (const [name, { summary, isHidden = false, load }] of Object.entries(subcommands)) {
    const command = program.command(name, { hidden: isHidden }).summary(summary).copyInheritedSettings(program);
    if (isAsked(name)) (await load()).define(command, outcome);
  }
  return program;
}

const HELP = `
KERNEL is an id, a kernelspec's name, a path (a Python, an environment, a kernel.json or its directory), a display
name, a language, or the beginning of a name: tried in this order.

Exit status: 0 it worked, 1 the code raised an error, 2 wrong usage, 3 no such kernel or more than one fits,
4 the kernel could not be started, 5 it died, 6 --timeout passed, 7 a server refused or could not be reached, 8 bad input file,
9 output cannot be written, 70 a defect of kernelkit, 129, 130 and 143 ended by a signal.

Examples:
  kernelkit list
  kernelkit exec -k python3 '6 * 7'
  kernelkit run analysis.ipynb -o report.ipynb`;
