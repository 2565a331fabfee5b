import { startServerKernel } from '@kernelkit/core';
import type { Command } from 'commander';
import { ask } from '../ask.js';
import { factsOf } from '../background/entries.js';
import { StayingKernelDeadError } from '../background/errors.js';
import { findKernels, namedKernel } from '../choose.js';
import { currentDirectory, directory } from '../directory.js';
import { UsageError } from '../errors.js';
import { shortPath } from '../home.js';
import { type ActivationFlags, act, activationOf, addActivation, addCommon, type Outcome } from '../options.js';
import { activityOf } from '../servers/entries.js';
import { chosen, document, places, type StayingKernel, staying } from '../servers/stay.js';
import type { Session } from '../session.js';
import { ExitStatus } from '../status.js';
import { table } from '../table.js';

interface Definition {
  define: (command: Command, outcome: Outcome) => void;
}

const WHERE = `
They stay in a gateway that runs in the background for you alone, behind a Unix socket: it is started with the first kernel,
and ends with the last. With --server it is about a Jupyter server's kernels instead.`;

const START_HELP = `
The kernel has this command's own environment variables and directory.
${WHERE.trim()}

Examples:
  kernelkit start -k python3
  id=$(kernelkit start -k .venv); kernelkit exec -k $id 'x = 1'; kernelkit exec -k $id 'x'; kernelkit stop $id
  kernelkit start -k python3 --server lab`;

interface StartOptions extends ActivationFlags {
  kernel: string;
  cwd?: string;
}

export const start: Definition = {
  define(command, outcome) {
    command
      .description(
        'Start a kernel that stays when the command ends. Prints its id, which is a KERNEL for exec and run.',
      )
      .requiredOption('-k, --kernel <kernel>', "the kernel; with --server: the server's kernelspec")
      .option('--cwd <dir>', 'the directory that the kernel runs in (default: this one)');
    addActivation(command);
    addCommon(command).addHelpText('after', START_HELP);
    act<StartOptions>(command, outcome, async (session, options) => {
      const { screen, json, signal } = session;
      const { kernel: query } = options;
      const here = currentDirectory();
      const cwd = options.cwd === undefined ? here : await directory(options.cwd);
      const found = await findKernels(session, cwd);
      const entry = await namedKernel(screen, found, query, here);
      if (found.servers === null) {
        if (entry.source === 'running')
          throw new UsageError(`${query} runs already`, 'exec and run take it as it is (-k, --existing)');
        const { startInBackground } = await import('../background/start.js');
        const { id, url } = await startInBackground(session, entry, { cwd, ...activationOf(options, session) });
        if (json) await screen.json({ id, name: entry.name, server: { url } });
        else await screen.write(`${id}\n`);
        return ExitStatus.ok;
      }
      const settings = found.servers.settingsOf(entry);
      if (settings === null || entry.source !== 'server') {
        throw new UsageError(
          `${entry.displayName} is no kernelspec of a server`,
          'name one of the server (kernelkit list)',
        );
      }
      const kernel = await startServerKernel(settings, { name: entry.name, owned: false, signal });
      // the connection only: the kernel stays
      await kernel.close();
      if (json) await screen.json({ id: kernel.id, name: entry.name, server: entry.server });
      else await screen.write(`${kernel.id}\n`);
      return ExitStatus.ok;
    });
  },
};

export const ps: Definition = {
  define(command, outcome) {
    command.description('List the kernels that stay.');
    addCommon(command).addHelpText(
      'after',
      `${WHERE}\n\nExamples:\n  kernelkit ps\n  kernelkit ps --server http://localhost:8888`,
    );
    act(command, outcome, async (session) => {
      const { screen, json } = session;
      const kernels = await staying(session, await places(session));
      if (json) await screen.json({ kernels: kernels.map(document) }, 2);
      else if (kernels.length === 0) {
        const isOwn = session.servers.server === undefined;
        screen.note(isOwn ? 'No kernel stays in the background (kernelkit start).' : 'No kernel runs there.');
      } else {
        const head = ['ID', 'KERNEL', 'ACTIVITY', 'CLIENTS', 'WHERE'].map((text) => ({ text }));
        await screen.write(table([head, ...kernels.map(cells)], screen.columns));
      }
      return ExitStatus.ok;
    });
  },
};

function cells({ place, kernel, session }: StayingKernel) {
  const activity = activityOf({ state: kernel.execution_state, lastActivity: kernel.last_activity });
  const facts = factsOf(kernel);
  const where = facts !== null ? shortPath(facts.cwd) : session === null ? place.url : `${place.url} ${session.path}`;
  return [kernel.id, facts?.displayName ?? kernel.name, activity || '-', String(kernel.connections ?? '-'), where].map(
    (text) => ({ text }),
  );
}

export const interrupt = ofOne('interrupt', 'Interrupt what a kernel runs.', async ({ place, kernel }, { signal }) => {
  if (place.isOwn && kernel.execution_state === 'dead') {
    throw new StayingKernelDeadError(kernel.id, factsOf(kernel)?.failure?.message ?? 'it is dead');
  }
  await place.server.interruptKernel(kernel.id, { signal });
});

export const restart = ofOne('restart', 'Replace a kernel by a fresh one of the same id.', async (one, { signal }) => {
  await one.place.server.restartKernel(one.kernel.id, { signal });
});

function ofOne(
  name: string,
  description: string,
  work: (one: StayingKernel, session: Session) => Promise<void>,
): Definition {
  return {
    define(command, outcome) {
      command.description(description).argument('<id>', "the kernel's id, its beginning, or its session's path");
      addCommon(command).addHelpText(
        'after',
        `${WHERE}\n\nExamples:\n  kernelkit ${name} 4f0c\n  kernelkit ${name} 4f0c --server lab`,
      );
      act(command, outcome, async (session, _, [query = '']) => {
        const one = chosen(await staying(session, await places(session)), query);
        await work(one, session);
        if (session.json) await session.screen.json({ id: one.kernel.id });
        return ExitStatus.ok;
      });
    },
  };
}

export const stop: Definition = {
  define(command, outcome) {
    command
      .description('End a kernel that stays, and its session.')
      .argument('[id]', "the kernel's id, its beginning, or its session's path")
      .option(
        '--all',
        'every kernel that stays; with --server every one of the server, whoever started it: asks before',
      )
      .option('--yes', 'with --all and --server: do not ask');
    addCommon(command).addHelpText(
      'after',
      `${WHERE}\n\nExamples:\n  kernelkit stop 4f0c\n  kernelkit stop --all\n  kernelkit stop 4f0c --server lab`,
    );
    act<{ all?: boolean; yes?: boolean }>(command, outcome, async (session, { all = false, yes = false }, [query]) => {
      if (all === (query !== undefined)) throw new UsageError('stop takes an ID, or --all');
      const asks = all && !yes && session.servers.server !== undefined;
      if (asks && process.stdin.isTTY !== true)
        throw new UsageError('--all asks before it ends them, and nobody is there to be asked', 'add --yes');
      const kernels = await staying(session, await places(session));
      const ended = query === undefined ? kernels : [chosen(kernels, query)];
      if (asks && !(await isMeant(session, ended))) return ExitStatus.ok;
      const { signal } = session;
      await Promise.all(
        ended.map(({ place: { server }, kernel, session: its }) =>
          its === null ? server.deleteKernel(kernel.id, { signal }) : server.deleteSession(its.id, { signal }),
        ),
      );
      if (session.json) await session.screen.json({ stopped: ended.map(({ kernel }) => kernel.id) });
      else session.screen.note(ended.length === 1 ? '1 kernel was ended' : `${ended.length} kernels were ended`);
      return ExitStatus.ok;
    });
  },
};

async function isMeant({ signal }: Session, kernels: readonly StayingKernel[]): Promise<boolean> {
  if (kernels.length === 0) return true;
  const urls = [...new Set(kernels.map(({ place }) => place.url))].join(', ');
  const prompt = `End ${kernels.length} kernels of ${urls}, whoever started them? [y/N] `;
  return /^y(es)?$/i.test((await ask({ prompt, password: false }, signal)).trim());
}
