import { stripVTControlCharacters } from 'node:util';
import type { MimeBundle } from '@kernelkit/core';
import type { Display } from '../display.js';
import { painter } from '../paint.js';
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

/** What a kernel wants paged or explained, as text; null: it gives none that could be read. */
export async function readableText(data: MimeBundle | undefined): Promise<string | null> {
  const of = (type: string): string => (data?.[type] === undefined ? '' : textOf(data[type]));
  const text = ['text/plain', 'text/markdown'].map(of).find((each) => each.trim() !== '');
  if (text !== undefined) return text;
  const html = of('text/html');
  if (html === '') return null;
  const { htmlText } = await import('../rich/html.js');
  const shown = htmlText(html, null, painter(false));
  return shown === '' ? null : shown;
}
