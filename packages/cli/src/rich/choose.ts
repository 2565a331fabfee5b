import type { MimeBundle } from '@kernelkit/core';
import { isImage, textOf } from './mime.js';

/** How a terminal takes images. */
export type ImageProtocol = 'kitty' | 'iterm2' | 'sixel';

/** What `--prefer` takes besides the name of a type. */
const SHORT: Readonly<Record<string, string>> = {
  plain: 'text/plain',
  markdown: 'text/markdown',
  latex: 'text/latex',
  json: 'application/json',
  html: 'text/html',
  svg: 'image/svg+xml',
};

/** The types that can be read, in the order in which they are preferred. */
const READABLE = ['text/plain', 'text/markdown', 'text/latex', 'application/json', 'text/html'];

/** The images, in the order in which they are preferred: a picture of points needs no other program to draw it. */
const IMAGES: Readonly<Record<ImageProtocol, readonly string[]>> = {
  kitty: ['image/png', 'image/jpeg', 'image/svg+xml'],
  // the file goes as it is
  iterm2: ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/svg+xml'],
  sixel: ['image/png', 'image/jpeg', 'image/svg+xml'],
};

/** `<IPython.core.display.Markdown object>`, `<graphviz.graphs.Digraph at 0x7f…>`: it says only that there is something better beside it. */
const PLACEHOLDER = /^<[\w.]+(?: object(?: at 0x[\da-fA-F]+)?| at 0x[\da-fA-F]+)>$/;

/** @returns the type that `--prefer` names */
export function preferredType(name: string): string {
  return Object.hasOwn(SHORT, name) ? SHORT[name]! : name;
}

/** Whether there is text, and it is more than the name of a class. */
export function hasText(data: MimeBundle): boolean {
  return Object.hasOwn(data, 'text/plain') && !PLACEHOLDER.test(textOf(data['text/plain']).trim());
}

/**
 * The one chooser of what is shown of a rich output, for `exec`, `console` and `run --show`: the types worth trying, the best first. An
 * image where the terminal takes it, else text, which kernels make for people (a DataFrame's is aligned already), else what can be made
 * text of. What is in no place here is named with its size.
 */
export function choose(data: MimeBundle, images: ImageProtocol | null, prefer: string | null): string[] {
  const types = Object.keys(data);
  const order = [
    // without a terminal that takes images, SVG is text still
    ...(prefer === null || (isImage(prefer) && images === null && prefer !== SHORT.svg) ? [] : [prefer]),
    ...(images === null ? [] : IMAGES[images]),
    ...READABLE.filter((type) => type !== 'text/plain' || hasText(data) || prefer === type),
    ...types.filter((type) => type.startsWith('text/') && !READABLE.includes(type)).sort(),
  ];
  return [...new Set(order)].filter((type) => Object.hasOwn(data, type));
}
