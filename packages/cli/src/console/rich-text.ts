import { stripVTControlCharacters } from 'node:util';
import type { Display } from '../display.js';
import { textOf } from '../rich/mime.js';

type Shown = Parameters<Display['text']>;

/** As `Display.text`. What cannot be shown or saved is told: it is no reason to end the console, and the kernel with all that it holds. */
export async function richText(display: Display, ...[output, place, options]: Shown): Promise<string> {
  try {
    return await display.text(output, place, options);
  } catch (error) {
    const plain = output.data['text/plain'];
    const text = plain === undefined ? '' : `${stripVTControlCharacters(textOf(plain)).trimEnd()}\n`;
    return `${text}[this output could not be shown: ${(error as Error).message}]\n`;
  }
}
