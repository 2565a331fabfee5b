import { resolve } from 'node:path';
import { createGateway, type GatewayEvent } from '@kernelkit/server';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { currentDirectory, directory } from '../directory.js';
import { UsageError } from '../errors.js';
import { act, addEverywhere, collect, type Outcome } from '../options.js';
import { hide, secretOf } from '../secrets.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';

interface Options {
  host: string;
  port: number;
  token?: string;
  rootDir?: string;
  socket?: string;
  baseUrl: string;
  allowOrigin?: string[];
  allowHost?: string[];
}

export function define(command: Command, outcome: Outcome): void {
  const option = (flags: string, text: string, variable: string) => new Option(flags, text).env(variable);
  command
    .description('Serve the kernels of this machine to Jupyter front ends, until Ctrl-C.')
    .addOption(option('--host <host>', 'the address to listen on', 'KERNELKIT_SERVE_HOST').default('127.0.0.1'))
    .addOption(
      option('--port <port>', 'the port; 0: any that is free', 'KERNELKIT_SERVE_PORT').default(8888).argParser(port),
    )
    .option(
      '--token <token>',
      'what clients have to bring; KERNELKIT_SERVE_TOKEN keeps it out of the list of processes',
    )
    .addOption(
      option('--root-dir <dir>', 'where the paths of sessions begin (default: here)', 'KERNELKIT_SERVE_ROOT_DIR'),
    )
    .addOption(option('--socket <path>', 'a Unix socket instead of a port, for you alone', 'KERNELKIT_SERVE_SOCKET'))
    .addOption(option('--base-url <path>', 'what all paths begin with', 'KERNELKIT_SERVE_BASE_URL').default('/'));
  command
    .option(
      '--allow-origin <origin>',
      'another site whose pages may ask; * for all; may be given several times',
      collect,
    )
    .option(
      '--allow-host <name>',
      'a name that it may be asked for by, beside localhost; may be given several times',
      collect,
    );
  addEverywhere(command).addHelpText('after', HELP);
  act<Options>(command, outcome, serve, false);
}

async function serve(session: Session, options: Options): Promise<ExitStatus> {
  const { screen, signal } = session;
  const isSeen = process.stdout.isTTY === true;
  const token = options.token ?? secretOf('KERNELKIT_SERVE_TOKEN') ?? (options.socket === undefined ? undefined : '');
  if (token !== undefined) hide(token);
  if (token === undefined && !isSeen) {
    const fix = 'set KERNELKIT_SERVE_TOKEN, or use --socket';
    throw new UsageError('a new token would be shown to nobody: standard output is no terminal', fix);
  }
  const rootDir = options.rootDir === undefined ? currentDirectory() : await directory(options.rootDir);
  await using gateway = createGateway({
    ...{ rootDir, baseUrl: options.baseUrl },
    ...(token !== undefined && { token }),
    ...(options.allowOrigin && { allowOrigins: options.allowOrigin }),
    ...(options.allowHost && { allowedHosts: options.allowHost }),
    onEvent: (event) => {
      const line = lineOf(event);
      if (line !== null) screen.note(line);
    },
  });
  const { host, port } = options;
  const where = options.socket === undefined ? { host, port } : { socketPath: resolve(options.socket) };
  const { url } = await gateway.listen(where);
  // looked for while nobody waits; whoever asks meanwhile waits for the same search
  gateway.specs.refresh().catch(() => {});
  const shown = isSeen && gateway.token !== '' ? `${url}?token=${gateway.token}` : url;
  await screen.write(`${shown}\n`);
  screen.note(`kernelkit serve: the kernels of this machine at ${url}; Ctrl-C ends it, and them`);
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
  return ExitStatus.ok;
}

/** What is worth a line; null: no more than numbers. */
export function lineOf(event: GatewayEvent): string | null {
  if (event.kind === 'kernel-started') return `kernel ${event.id} (${event.name}) starts`;
  if (event.kind === 'kernel-failed') return `kernel ${event.id} (${event.name}) failed: ${event.error.message}`;
  if (event.kind === 'kernel-ended') return `kernel ${event.id} (${event.name}) ended (${event.why})`;
  if (event.kind === 'messages-lost') return `kernel ${event.id}: a client lost ${event.messages} messages`;
  if (event.kind === 'message-refused') return `kernel ${event.id}: a message was refused: ${event.reason}`;
  const { method, path, error } = event;
  return `a defect: ${method} ${path}: ${error instanceof Error ? error.message : String(error)}`;
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return value;
}

const HELP = `
Ctrl-C or SIGTERM ends the gateway and its kernels. A port that is taken is an error, and no other is tried: clients are
told where to look. Without --token a new one is made and shown, at a terminal only.

Examples:
  kernelkit serve
  KERNELKIT_SERVE_TOKEN=… kernelkit serve --port 9000 --root-dir ~/notebooks
  jupyter lab --gateway-url http://127.0.0.1:9000 --GatewayClient.auth_token=…`;
