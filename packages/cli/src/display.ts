import type { MimeBundle } from '@kernelkit/core';
import { printable } from './report.js';
import { type ImageProtocol, imageSequence } from './terminal-image.js';

/** Text types in the order in which they are preferred on a terminal. */
const textTypes = ['text/plain', 'text/markdown', 'text/latex', 'application/json', 'text/html', 'image/svg+xml'];

/**
 * What a rich output shows on a terminal or in a pipe: an image where the terminal can, else the best text there is,
 * else which types there are. Ends with a newline.
 */
export function shown(data: MimeBundle, options: { colour: boolean; images: ImageProtocol | null }): string {
  const png = data['image/png'];
  if (options.images !== null && typeof png === 'string') return `${imageSequence(options.images, png)}\n`;
  for (const type of textTypes) {
    if (!Object.hasOwn(data, type)) continue;
    const value = data[type];
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    return ended(printable(text, options.colour));
  }
  return `<${Object.keys(data).sort().join(', ') || 'an empty output'}>\n`;
}

/** A traceback as text; kernels that give none give at least a name and a value. */
export function tracebackText(
  error: { ename: string; evalue: string; traceback: readonly string[] },
  colour: boolean,
): string {
  const lines =
    error.traceback.length > 0
      ? error.traceback
      : [error.evalue === '' ? error.ename : `${error.ename}: ${error.evalue}`];
  return ended(printable(lines.join('\n'), colour));
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
