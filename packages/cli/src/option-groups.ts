import type { Command } from 'commander';

/** Gives a command options under a heading of their own: nobody finds one among fifty. */
export function underHeading(command: Command, heading: string, add: (command: Command) => void): Command {
  command.optionsGroup(heading);
  add(command);
  return command.optionsGroup('');
}
