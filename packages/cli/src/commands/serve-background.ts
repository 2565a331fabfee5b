import type { Command } from 'commander';
import { act, addEverywhere, type Outcome } from '../options.js';

export function define(command: Command, outcome: Outcome): void {
  command.description(
    'The gateway that kernels that stay live in: started by kernelkit start, ended with its last kernel. Not to be typed.',
  );
  addEverywhere(command);
  act(command, outcome, async (session) => (await import('../background/serve.js')).serveBackground(session), false);
}
