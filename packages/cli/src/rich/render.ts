import type { MimeBundle } from '@kernelkit/core';
import { painter } from '../paint.js';
import { printable } from '../report.js';
import { choose } from './choose.js';
import type { Canvas } from './encode.js';
import { sizeLine } from './image.js';
import { bytesOf, extensionOf, isImage, textOf, withoutControls } from './mime.js';

/** What a rich output is drawn for. */
export interface Target {
  colour: boolean;
  /** Of the terminal; null: it is none. */
  columns: number | null;
  /** The type that goes before all others. */
  prefer: string | null;
  /** Nothing is folded. */
  full: boolean;
  /** What images are drawn on; null: they cannot be. */
  canvas: Canvas | null;
  /** Files that images were written to, by type. */
  saved: ReadonlyMap<string, string>;
  signal?: AbortSignal;
}

export interface Rendered {
  text: string;
  /** All of it, where `text` has something folded. */
  whole: string | null;
  /** It is an image, or a line that tells of one: nothing to be made shorter. */
  isImage: boolean;
}

/** What is shown of a rich output: the first of its types that gives anything, and a line for each image that is not seen. */
export async function render(data: MimeBundle, metadata: unknown, target: Target): Promise<Rendered> {
  let best: Rendered | null = null;
  for (const type of choose(data, target.canvas?.protocol ?? null, target.prefer)) {
    best = await rendered(data, metadata, type, target);
    if (best !== null) break;
  }
  const lines = notes(data, target, best);
  if (best === null && lines.length === 0) lines.push(...named(data));
  const text = `${best === null ? '' : ended(best.text)}${lines.map((line) => `${line}\n`).join('')}`;
  return { text, whole: best?.whole ?? null, isImage: best === null || best.isImage };
}

async function rendered(data: MimeBundle, metadata: unknown, type: string, target: Target): Promise<Rendered | null> {
  const value = data[type];
  const { columns, colour } = target;
  const paint = painter(colour);
  if (isImage(type) && target.canvas !== null) return await drawn(data, metadata, type, target, target.canvas);
  if (type === 'application/json') {
    const plain = JSON.stringify(value, null, 2) ?? '';
    if (columns === null) return asText(plain);
    const { jsonText } = await import('./json.js');
    const { text, isFolded } = jsonText(value, paint, target.full);
    return { text, whole: isFolded ? plain : null, isImage: false };
  }
  // what is written anew here has no need of the kernel's escape sequences
  const source = withoutControls(textOf(value));
  if (type === 'text/html') {
    const { htmlText } = await import('./html.js');
    const text = htmlText(source, columns, paint);
    return text === '' ? null : asText(text);
  }
  if (type === 'text/markdown' && columns !== null && colour) {
    const { markdownText } = await import('./markdown.js');
    return asText(markdownText(source, columns, paint));
  }
  if (type === 'text/latex' && columns !== null) {
    const { latexText } = await import('./latex.js');
    return asText(latexText(source));
  }
  return asText(printable(textOf(value), colour));
}

async function drawn(
  data: MimeBundle,
  metadata: unknown,
  type: string,
  target: Target,
  canvas: Canvas,
): Promise<Rendered | null> {
  let bytes = bytesOf(data, type);
  let drawnType = type;
  if (bytes !== null && type === 'image/svg+xml') {
    const { svgAsPng } = await import('./svg.js');
    bytes = await svgAsPng(bytes, target.signal);
    drawnType = 'image/png';
  }
  if (bytes === null) return null;
  const { imageText } = await import('./encode.js');
  const text = await imageText(bytes, drawnType, metadata, canvas);
  return text === null ? null : { text, whole: null, isImage: true };
}

/**
 * A line for each image and document that is not seen: on a terminal always, with what saves it; elsewhere, where text is wanted, only if
 * there is nothing else. Those that were saved are told everywhere.
 */
function notes(data: MimeBundle, target: Target, best: Rendered | null): string[] {
  const { columns, saved, colour } = target;
  const paint = painter(colour);
  return Object.keys(data)
    .filter((type) => isImage(type) || saved.has(type))
    .filter((type) => saved.has(type) || best === null || (columns !== null && !best.isImage))
    .sort()
    .map((type) => {
      const path = saved.get(type);
      const offer = columns !== null && extensionOf(type) !== null ? '; --save-images DIR saves it' : '';
      return paint(
        'dim',
        `[${sizeLine(type, bytesOf(data, type))}${path === undefined ? offer : `: saved as ${path}`}]`,
      );
    });
}

/** The types of which nothing can be shown, with their sizes; else what says nothing but that there is something. */
function named(data: MimeBundle): string[] {
  const others = Object.keys(data).filter((type) => type !== 'text/plain' && type !== 'text/html');
  if (others.length > 0) return others.sort().map((type) => `[${sizeLine(type, Buffer.from(textOf(data[type])))}]`);
  if (Object.hasOwn(data, 'text/plain')) return [withoutControls(textOf(data['text/plain']))];
  const html = data['text/html'];
  return [html === undefined ? '<an empty output>' : `[${sizeLine('text/html', Buffer.from(textOf(html)))}]`];
}

function asText(text: string): Rendered {
  return { text, whole: null, isImage: false };
}

function ended(text: string): string {
  return text.endsWith('\n') || /\x1b\[\d+B$/.test(text) ? text : `${text}\n`;
}
