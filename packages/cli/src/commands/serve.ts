import { isLoopback, type ListenOptions, openGateway } from '@kernelkit/server';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { shortPath } from '../home.js';
import { act, addEverywhere, type Outcome } from '../options.js';
import { errorDocument } from '../report.js';
import { gatewayOptions, listenOptions } from '../serve/gateway-options.js';
import { keepDirectory } from '../serve/keep.js';
import { EventLog, jsonLog, type ServeLog, textLog } from '../serve/log.js';
import { staySmall } from '../serve/memory.js';
import { addSettings, readSettings, unknownVariables } from '../serve/read.js';
import { tokenFor } from '../serve/token.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';

export function define(command: Command, outcome: Outcome): void {
  command.description('Serve the kernels of this machine to Jupyter front ends, until Ctrl-C.');
  addSettings(command);
  addEverywhere(command).addHelpText('after', HELP);
  act(command, outcome, (session) => serve(session, command), false);
}

async function serve(session: Session, command: Command): Promise<ExitStatus> {
  using _small = staySmall();
  const { screen, signal } = session;
  const settings = readSettings(command, process.env);
  const log = settings.logFormat === 'json' ? jsonLog(screen) : textLog(screen);
  if (settings.logFormat === 'json') session.report = (error) => reported(log, error);
  for (const name of unknownVariables(process.env)) {
    log.tell('warning', 'unknown-variable', `${name} is set, and there is no such option (--help)`, { name });
  }
  const token = await tokenFor(settings, (name) => command.getOptionValueSource(name) === 'cli');
  const isSeen = process.stdout.isTTY === true;
  if (token === undefined && !isSeen) {
    const fix = 'set KERNELKIT_SERVE_TOKEN, or use --token-file or --socket';
    throw new UsageError('a new token would be shown to nobody: standard output is no terminal', fix);
  }
  const where = listenOptions(settings);
  const kept = keepDirectory(settings, process.env);
  await using gateway = await openGateway({
    ...(await gatewayOptions(settings)),
    ...(token !== undefined && { token }),
    ...(kept !== null && { keep: { dir: kept } }),
    onEvent: new EventLog(log).take,
  });
  const { url } = await gateway.listen(where);
  for (const danger of dangers(where, gateway.token)) log.tell('warning', 'danger', danger);
  // looked for while nobody waits; whoever asks meanwhile waits for the same search
  gateway.specs.refresh().catch(() => {});
  const shown = isSeen && gateway.token !== '' ? `${url}?token=${encodeURIComponent(gateway.token)}` : url;
  await screen.write(`${shown}\n`);
  const end = kept === null ? 'Ctrl-C ends it, and them' : `Ctrl-C ends it, and they run on (${shortPath(kept)})`;
  const ready = `kernelkit serve: the kernels of this machine at ${url}; ${end}`;
  log.tell('info', 'listening', ready, { url, ...(kept !== null && { kept }) });
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
  const kernels = gateway.kernels.list().length;
  const fate =
    kept === null || kernels === 0
      ? `and ${kernels} kernels with it`
      : `and ${kernels} kernels run on: the same command has them again, and DELETE /api/kernels/ID ends one`;
  log.tell('info', 'ending', `kernelkit serve: ends, ${fate}`, { kernels, ...(kept !== null && { kept }) });
  return ExitStatus.ok;
}

/** What whoever starts it should know. */
function dangers({ host = '', socketPath, tls }: ListenOptions, token: string): string[] {
  if (socketPath !== undefined) return [];
  const isHere = isLoopback(host);
  const found: string[] = [];
  if (token === '') {
    found.push(
      `no token is asked for: whoever can reach it${isHere ? ', every user of this machine,' : ''} can run code as you`,
    );
  }
  if (!isHere && tls === undefined) {
    found.push(
      `${host} is reached by others, and without TLS they can read the token on its way (--certfile, or a proxy)`,
    );
  }
  return found;
}

function reported(log: ServeLog, error: unknown): void {
  const { kind, message, ...rest } = errorDocument(error);
  if (kind === 'interrupted') log.tell('info', 'ended', `kernelkit serve: ${message}`, { reason: message });
  else log.tell('error', 'failed', `kernelkit serve: ${message}`, { error: { kind, message, ...rest } });
}

const HELP = `
Each option has a variable, which counts where the flag is not given: --cull-idle-timeout is KERNELKIT_SERVE_CULL_IDLE_TIMEOUT,
--cull-busy is KERNELKIT_SERVE_CULL_BUSY=yes, --no-auto-restart is KERNELKIT_SERVE_AUTO_RESTART=no. Several values have commas
between them. Bytes may be 64k, 1.5M or 2G.

Ctrl-C or SIGTERM ends the gateway and its kernels, a second one at once. With --keep the kernels run on, also where the
gateway is killed, and the next one with --keep has them again, with their ids, sessions and output; what they print while
none runs is lost, and their clients are told so. DELETE /api/kernels/ID ends one. A port that is taken is an error, and no other is
tried: clients are told where to look. Without a token a new one is made and shown, at a terminal only.

Examples:
  kernelkit serve
  KERNELKIT_SERVE_TOKEN=… kernelkit serve --port 9000 --root-dir ~/notebooks
  jupyter lab --gateway-url http://127.0.0.1:9000 --GatewayClient.auth_token=…`;
