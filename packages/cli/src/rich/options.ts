import { type Command, Option } from 'commander';
import { Display } from '../display.js';
import { UsageError } from '../errors.js';
import type { Session } from '../session.js';
import { preferredType } from './choose.js';
import type { Canvas } from './encode.js';
import { ImageSaver } from './save.js';
import { chosenImages, IMAGE_CHOICES, type ImageChoice, imagesByEnvironment } from './terminal.js';

/** How rich outputs are shown: the options of every subcommand that shows them. */
export interface DisplayFlags {
  images?: ImageChoice;
  saveImages?: string;
  prefer?: string;
  full?: boolean;
}

export function addDisplay(command: Command): Command {
  return command
    .addOption(
      new Option('--images <protocol>', 'how the terminal takes images (default: as it says itself)').choices(
        IMAGE_CHOICES,
      ),
    )
    .option('--save-images <dir>', 'write images into a directory, each into a new file')
    .option(
      '--prefer <type>',
      'show this type where there are several: plain, markdown, latex, json, html, svg, TYPE/SUBTYPE',
    )
    .option('--full', 'fold nothing, however long it is');
}

/** The one display of a command. @throws UsageError, OutputError */
export async function displayOf({ screen, signal, json }: Session, flags: DisplayFlags): Promise<Display> {
  const { images, saveImages, prefer, full } = flags;
  if (json && saveImages !== undefined)
    throw new UsageError('--json has the images in it', 'leave out --save-images, or --json');
  let found: ReturnType<typeof findImages> | null = null;
  return new Display({
    ...{ colour: screen.colour.out, columns: () => screen.columns, signal, full: full === true },
    prefer: prefer === undefined ? null : preferredType(prefer),
    canvas: async (): Promise<Canvas | null> => {
      found ??= findImages(images ?? null, signal);
      const { columns, rows } = process.stdout;
      const known = await found;
      return known === null ? null : { ...known, columns: columns || 80, rows: rows || 24 };
    },
    saver: saveImages === undefined ? null : await ImageSaver.in(saveImages),
  });
}

/** Finds out how standard output takes images. An option that names a way is followed in a pipe, too; the environment's only on a terminal. */
async function findImages(
  flag: ImageChoice | null,
  signal: AbortSignal,
): Promise<Pick<Canvas, 'protocol' | 'cell'> | null> {
  const { stdin, stdout, env } = process;
  const isTerminal = stdout.isTTY === true;
  if (!isTerminal && (flag === null || flag === 'auto')) return null;
  const chosen = chosenImages(flag, env);
  const told = chosen === 'auto' ? imagesByEnvironment(env) : chosen;
  if (told === 'none') return null;
  const { askTerminal } = await import('./ask-terminal.js');
  const answer = isTerminal ? await askTerminal(stdin, stdout, signal) : null;
  const protocol = told === 'ask' ? (answer?.sixel === true ? 'sixel' : null) : told;
  return protocol === null ? null : { protocol, cell: answer?.cell ?? null };
}
