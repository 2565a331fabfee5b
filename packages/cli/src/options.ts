import type { PlanKernelOptions } from '@kernelkit/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { underHeading } from './option-groups.js';
import { noSecrets } from './secrets.js';
import { addServers, checkServers, type ServerFlags } from './servers/flags.js';
import { type CommonOptions, inSession, type Session } from './session.js';
import type { ExitStatus } from './status.js';

/** Set by the action of whichever command ran. */
export interface Outcome {
  status: ExitStatus;
}

/** The options that work everywhere, before and after the subcommand's name. */
export function addEverywhere(command: Command): Command {
  return command
    .option('--verbose', 'say more on standard error; stack traces with errors')
    .option('--quiet', 'say nothing on standard error but warnings and errors')
    .option('--no-color', 'no colour (NO_COLOR in the environment does the same)');
}

/** The options of every subcommand that prints data and takes KERNEL. */
export function addCommon(command: Command): Command {
  addLocal(command);
  addServers(command);
  return command;
}

/** The same, of what is only about this machine. */
export function addLocal(command: Command): Command {
  command.option('--json', 'print JSON on standard output, and nothing else');
  command.option('--no-cache', 'look at every environment anew, and keep nothing of what is found out');
  return addEverywhere(command);
}

/** How a kernel's environment is activated: the options of every subcommand that plans a start. */
export interface ActivationFlags {
  /** False: --no-scripts. */
  scripts?: boolean;
  loginEnv?: boolean;
  dotenv?: string | true;
}

export function addActivation(command: Command): Command {
  return underHeading(command, 'Variables of the kernel:', (one) => {
    one
      .option('--no-scripts', "run none of the environment's activation scripts")
      .option('--login-env', 'take what your login shell sets as well, for programs that a desktop started')
      .option(
        '--dotenv [file]',
        'take the variables of a .env file: the one named, or the nearest one in the directory or above it',
      );
  });
}

/** Who starts a kernel of this machine. */
export interface ModeFlags {
  mode?: 'raw' | 'jupyter';
  install?: boolean;
  yes?: boolean;
}

export function addMode(command: Command): Command {
  return underHeading(command, 'Who starts the kernel:', (one) => {
    one
      .addOption(
        new Option(
          '--mode <mode>',
          'raw: kernelkit starts a kernel of this machine; jupyter: a Jupyter server of its own does (default: raw)',
        ).choices(['raw', 'jupyter']),
      )
      .option('--install', 'with --mode jupyter: where there is no Jupyter server, make a private environment with one')
      .option('--yes', 'with --install: do not ask');
  });
}

/** The options as core takes them. */
export function activationOf(
  { scripts, loginEnv, dotenv }: ActivationFlags,
  { cache }: Pick<Session, 'cache'>,
): Pick<PlanKernelOptions, 'activate' | 'dotenv' | 'overrides'> {
  return {
    overrides: noSecrets,
    activate: {
      scripts: scripts !== false,
      ...(loginEnv === true && { method: 'login' as const }),
      ...(!cache && { cache: false as const }),
    },
    ...(dotenv !== undefined && { dotenv }),
  };
}

/** Gives a command its body. */
export function act<T extends object>(
  command: Command,
  outcome: Outcome,
  body: (session: Session, options: T, args: string[]) => Promise<ExitStatus>,
  /** Whether --token and the like need a --server. */
  needsServer = true,
): void {
  command.action(async () => {
    const options = command.opts<T>();
    outcome.status = await inSession(nameOf(command), commonOptions(command), (session) => {
      if (needsServer) checkServers(session.servers);
      return body(session, options, command.args);
    });
  });
}

/** As it is typed: `server add`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
}

function commonOptions(command: Command): CommonOptions {
  const here = command.opts<ServerFlags & { json?: boolean; cache?: boolean }>();
  const { server, token, ca, cert, key, insecure } = here;
  let [verbose, quiet, colour] = [false, false, true];
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const options = at.opts<{ verbose?: boolean; quiet?: boolean; color: boolean }>();
    verbose ||= options.verbose === true;
    quiet ||= options.quiet === true;
    colour &&= options.color !== false;
  }
  const servers = { server, token, ca, cert, key, insecure };
  return {
    ...{ json: here.json === true, cache: here.cache !== false, verbose, quiet, colour },
    servers: Object.fromEntries(Object.entries(servers).filter(([, value]) => value !== undefined)),
  };
}

/** `--timeout S`: seconds, fractions allowed, more than none. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It takes a number of seconds above 0.');
  // setTimeout takes no more than 2^31 - 1 ms
  return Math.min(value, 2_147_483);
}

export { collect } from './collect.js';
