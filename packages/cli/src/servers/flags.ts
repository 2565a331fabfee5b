import type { Command } from 'commander';
import { collect } from '../collect.js';
import { UsageError } from '../errors.js';
import { underHeading } from '../option-groups.js';

/** How servers are named on the command line. */
export interface ServerFlags {
  server?: string[];
  token?: string;
  ca?: string[];
  cert?: string;
  key?: string;
  insecure?: boolean;
}

/** The options of every command that takes KERNEL. */
export function addServers(command: Command): Command {
  return underHeading(command, 'Jupyter servers:', (one) => {
    one.option(
      '--server <url|name>',
      'the kernels of a Jupyter server too: its URL as Jupyter prints it, or a name (kernelkit server add); may be given several times',
      collect,
    );
    addAccess(one);
  });
}

/** How a server lets one in, and how it is known. */
export function addAccess(command: Command): Command {
  return command
    .option(
      '--token <token>',
      "the server's token. `ps` shows it to everybody on this machine: set KERNELKIT_TOKEN instead, or name the server (kernelkit server add)",
    )
    .option('--ca <file>', 'trust this authority as well, for the server (PEM); may be given several times', collect)
    .option('--cert <file>', 'show the server this client certificate (PEM), with --key')
    .option('--key <file>', 'the key of --cert')
    .option(
      '--insecure',
      "take whoever answers for the server, whatever its certificate says: the token may be anybody's then",
    );
}

/** @throws UsageError for what cannot be given together */
export function checkServers({ server, token, ca, cert, key, insecure }: ServerFlags): void {
  if (server !== undefined) {
    if (token !== undefined && server.length > 1) {
      throw new UsageError(
        '--token was given with several servers, and would be sent to each',
        'give each its own in its URL (?token=…), or name the servers (kernelkit server add)',
      );
    }
    if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together');
    return;
  }
  const flags = { '--token': token, '--ca': ca, '--cert': cert, '--key': key, '--insecure': insecure };
  const given = Object.entries(flags).find(([, value]) => value !== undefined);
  if (given !== undefined) throw new UsageError(`${given[0]} is for a server, and there is no --server`);
}
