import { Argument, type Command } from 'commander';
import { scripts } from '../completion/scripts.js';
import { act, addEverywhere, type Outcome } from '../options.js';
import { ExitStatus } from '../status.js';

export function define(command: Command, outcome: Outcome): void {
  command
    .description('Print what makes a shell complete kernelkit’s commands, options, kernels and servers.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)));
  addEverywhere(command).addHelpText('after', HELP);
  act(command, outcome, async ({ screen }, _, [shell]) => {
    await screen.write(scripts[shell as keyof typeof scripts]);
    return ExitStatus.ok;
  });
}

const HELP = `
Examples:
  source <(kernelkit completion bash)         # in ~/.bashrc, to keep it
  source <(kernelkit completion zsh)          # in ~/.zshrc, after compinit
  kernelkit completion fish > ~/.config/fish/completions/kernelkit.fish`;
