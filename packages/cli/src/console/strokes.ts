import type { Key } from 'node:readline';

/** What came from the keyboard: a key by its name (`ctrl-a`, `alt-return`, `up`), text, or what was pasted. */
export type Stroke = { kind: 'key'; name: string } | { kind: 'text' | 'paste'; text: string };

/** What Node's decoder has no name for. */
const unnamed: Readonly<Record<string, string>> = {
  '\x1c': 'ctrl-\\',
  '\x1f': 'ctrl-_',
  '\x00': 'ctrl-space',
  // Shift-Enter, from terminals that are told to tell it (xterm's modifyOtherKeys, CSI u)
  '\x1b[13;2u': 'ctrl-j',
  '\x1b[27;2;13~': 'ctrl-j',
  // Alt with nothing, for Node
  '\x1b': 'escape',
  '\x1b\x7f': 'alt-backspace',
  '\x1b\b': 'alt-backspace',
};

/** Puts a bracketed paste together from the keys that Node's decoder makes of it. */
export class StrokeReader {
  #pasted: string | null = null;

  /** @returns null where it is not a whole stroke yet, or none */
  take(character: string | undefined, key: Key): Stroke | null {
    const sequence = key.sequence ?? character ?? '';
    if (key.name === 'paste-start') {
      this.#pasted = '';
      return null;
    }
    if (key.name === 'paste-end') {
      const text = (this.#pasted ?? '').replace(/\r\n?/g, '\n');
      this.#pasted = null;
      return { kind: 'paste', text };
    }
    if (this.#pasted !== null) {
      this.#pasted += sequence;
      return null;
    }
    const name = unnamed[sequence];
    if (name !== undefined) return { kind: 'key', name };
    if (key.ctrl !== true && key.meta !== true && isText(sequence)) return { kind: 'text', text: sequence };
    if (key.name === undefined) return null;
    const shift = key.shift === true && key.name.length > 1;
    const parts = [key.ctrl === true && 'ctrl', key.meta === true && 'alt', shift && 'shift', key.name];
    return { kind: 'key', name: parts.filter((part) => typeof part === 'string').join('-') };
  }
}

function isText(sequence: string): boolean {
  return sequence !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(sequence);
}
