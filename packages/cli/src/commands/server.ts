import { buffer } from 'node:stream/consumers';
import { parseServerUrl, shownUrl } from '@kernelkit/core';
import type { Command } from 'commander';
import { examineServer } from '../doctor/server.js';
import { Steps } from '../doctor/steps.js';
import { UsageError } from '../errors.js';
import { act, addEverywhere, type Outcome } from '../options.js';
import { hide } from '../secrets.js';
import { askedServers, trustOf } from '../servers/asked.js';
import { connect } from '../servers/connect.js';
import { addAccess, type ServerFlags } from '../servers/flags.js';
import { isServerName, NamedServers } from '../servers/named.js';
import { ExitStatus } from '../status.js';
import { table } from '../table.js';

/** `kernelkit server add | list | remove | check`. */
export function define(command: Command, outcome: Outcome): void {
  command.description('Give Jupyter servers names, for --server, and keep their tokens.').addHelpText('after', HELP);
  const sub = (name: string) => addEverywhere(command.command(name).copyInheritedSettings(command));

  const add = sub('add').description(
    'Name a server. Its token goes to the keyring, or to a file that only you can read.',
  );
  add.argument('<name>').argument('<url>').option('--token-stdin', 'read the token from standard input');
  addAccess(add).addHelpText('after', HELP);
  act<ServerFlags & { tokenStdin?: boolean }>(
    add,
    outcome,
    async ({ screen }, options, [name = '', url = '']) => {
      if (!isServerName(name)) throw new UsageError(`${JSON.stringify(name)} is no name: letters, digits, - and _`);
      if ((options.cert === undefined) !== (options.key === undefined))
        throw new UsageError('--cert and --key go together');
      const { baseUrl, token: pasted } = parseServerUrl(url);
      hide(pasted);
      const given = options.tokenStdin === true ? (await buffer(process.stdin)).toString('utf8').trim() : options.token;
      const token = given?.trim() || pasted;
      hide(token);
      if (/[^\x21-\x7e]/.test(token))
        throw new UsageError('the token has a space or another character in it that none has');
      const servers = new NamedServers();
      if ((await servers.all()).has(name))
        throw new UsageError(
          `there is a server ${name} already`,
          `kernelkit server remove ${name}, before it is named anew`,
        );
      const where = await servers.add(
        name,
        { url: baseUrl, ...(trustOf(options) as object) },
        token === '' ? null : token,
      );
      screen.note(`${name} is ${shownUrl(baseUrl)}${where === null ? '' : `; its token is in ${where}`}`);
      return ExitStatus.ok;
    },
    false,
  );

  const list = sub('list').description('List the servers that have names.');
  list.option('--json', 'print JSON on standard output, and nothing else').addHelpText('after', HELP);
  act(list, outcome, async ({ screen, json }) => {
    const rows = [...(await new NamedServers().all())];
    if (json) {
      const servers = rows.map(([name, { url, token = null }]) => ({ name, url: shownUrl(url), token }));
      await screen.json({ servers }, 2);
    } else if (rows.length === 0) screen.note('No server has a name yet: kernelkit server add NAME URL');
    else {
      const head = ['NAME', 'TOKEN', 'URL'].map((text) => ({ text }));
      const lines = rows.map(([name, { url, token }]) =>
        [name, token === undefined ? 'none' : `in the ${token}`, shownUrl(url)].map((text) => ({ text })),
      );
      await screen.write(table([head, ...lines], screen.columns));
    }
    return ExitStatus.ok;
  });

  const remove = sub('remove').description('Forget a server and its token.').argument('<name>');
  remove.addHelpText('after', HELP);
  act(remove, outcome, async (_, __, [name = '']) => {
    if (!(await new NamedServers().remove(name))) throw new UsageError(`there is no server ${JSON.stringify(name)}`);
    return ExitStatus.ok;
  });

  const check = sub('check').description('Say whether a server can be used.').argument('<name|url>');
  check.option('--json', 'print JSON on standard output, and nothing else');
  addAccess(check).addHelpText('after', HELP);
  act(
    check,
    outcome,
    async (session, _, [server = '']) => {
      const [asked] = await askedServers({ ...session.servers, server: [server] });
      const steps = new Steps(session.screen, session.json);
      await examineServer(steps, await connect(session, asked!), session.signal);
      if (session.json) await session.screen.json({ verdict: steps.verdict, steps: steps.all }, 2);
      return steps.verdict === 'failed' ? ExitStatus.server : ExitStatus.ok;
    },
    false,
  );
}

const HELP = `
Examples:
  kernelkit server add lab 'http://localhost:8888/lab?token=…'
  kernelkit server add gpu https://gpu.example.org/ --token-stdin < token.txt
  kernelkit server check lab
  kernelkit exec --server lab -k python3 '6 * 7'`;
