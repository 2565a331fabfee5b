import type { Command } from 'commander';
import { bestKernel, EXISTING, findKernels, type KernelOption, kernelOption, namedKernel } from '../choose.js';
import { waitingFor } from '../console/starting.js';
import { currentDirectory, directory } from '../directory.js';
import { UsageError } from '../errors.js';
import {
  type ActivationFlags,
  act,
  activationOf,
  addActivation,
  addEverywhere,
  addMode,
  type ModeFlags,
  type Outcome,
} from '../options.js';
import { quoted } from '../report.js';
import { addDisplay, type DisplayFlags, displayOf } from '../rich/options.js';
import { isRunning } from '../servers/entries.js';
import { addServers } from '../servers/flags.js';
import { startKernel } from '../start-kernel.js';

interface Options extends ActivationFlags, DisplayFlags, KernelOption, ModeFlags {
  cwd?: string;
}

export function define(command: Command, outcome: Outcome): void {
  command
    .description('Work with a kernel at the terminal: what is entered is run, and its output shown.')
    .option('-k, --kernel <kernel>', 'the kernel (default: the best that can be started)')
    .option(...EXISTING)
    .option('--cwd <dir>', 'the directory that the kernel runs in (default: this one)');
  addDisplay(command);
  addActivation(command);
  addMode(command);
  command.option('--no-cache', 'look at every environment anew, and keep nothing of what is found out');
  addServers(command);
  addEverywhere(command).addHelpText('after', HELP);
  act<Options>(command, outcome, async (session, options) => {
    if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
      throw new UsageError(
        'a console needs a terminal, for its input and its output',
        'run code that stands in a file or comes from a pipe with kernelkit exec (-f FILE, or -)',
      );
    }
    const display = await displayOf(session, options);
    // the terminal is asked before the console listens to its keys
    await display.prepare();
    const here = currentDirectory();
    const cwd = options.cwd === undefined ? here : await directory(options.cwd);
    const named = await kernelOption(options);
    const found = await findKernels(session, cwd);
    const entry =
      named === null ? await bestKernel(session.screen, found) : await namedKernel(session.screen, found, named, here);
    await using kernel = await waitingFor(
      session.screen,
      isRunning(entry) ? `joining ${entry.displayName}` : `starting ${entry.displayName}`,
      startKernel(session, found, entry, { cwd, ...activationOf(options, session) }, options),
    );
    const { runConsole } = await import('../console/console.js');
    const where = session.servers.server !== undefined && entry.server !== null ? ` --server ${entry.server.url}` : '';
    return await runConsole(session, kernel, {
      display,
      isOurs: !isRunning(entry),
      // of one that was joined by its connection file, nobody is known
      canRestart: !isRunning(entry) || entry.server !== null,
      name: `${quoted(named ?? entry.id)}${where}`,
    });
  });
}

const HELP = `
A kernel that is started for the console ends with it; one that ran already (--existing, a server's) goes on.

Keys:
  Enter         runs the code, or begins another line where the kernel says that it is not complete
  Alt-Enter     runs it as it is; Ctrl-O begins another line
  Tab           completes; Shift-Tab explains what stands at the cursor, twice in the pager
  Up, Down      the history: entries that begin as what is typed; Ctrl-R searches
  Ctrl-C        interrupts the code; at the prompt it clears what is typed
  Ctrl-\\        restarts the kernel
  Ctrl-D        leaves

Examples:
  kernelkit console
  kernelkit console -k ir
  kernelkit console --existing                     # the kernel that Jupyter started last
  kernelkit console --server http://gpu:8888 -k python3`;
