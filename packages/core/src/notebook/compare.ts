import type { CellOutput } from './document.js';
import { formatJson } from './json.js';
import { isJsonMime } from './lines.js';
import { isObject } from './validate.js';

/** What does not count as a difference. */
export interface CompareOptions {
  /** Text that is left out of both before they are compared. Default `CHANGING_TEXT`. */
  ignore?: readonly RegExp[];
  /** Compares the bytes of pictures, sound and PDF too; else only that they are there (default). */
  media?: boolean;
}

/** One part of a cell's outputs that is not what it was. */
export interface OutputDifference {
  /** `stdout`, `stderr`, `error`, or the MIME type of a result or display; `output 2 text/html` where there are several. */
  part: string;
  /** The text as it was compared; null: there was no such part. */
  stored: string | null;
  now: string | null;
}

/** What changes from run to run whatever the code does: addresses of memory, and the files that ipykernel makes of cells. */
export const CHANGING_TEXT: readonly RegExp[] = [
  /\b0x[0-9a-f]{6,16}\b/gi,
  /[^\s"'<>]*ipykernel_\d+[\\/]\d+\.py/g,
  /<ipython-input-\d+-[0-9a-f]+>/g,
];

/** Names a model in the kernel's memory, by a random id. */
const WIDGET = /^application\/vnd\.jupyter\.widget-/;
const MEDIA = /^(?:image|audio|video)\/|^application\/pdf$/;
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;

/**
 * How outputs differ from those that are stored. The text of each stream counts as one, however the kernel cut it and whatever came
 * between; results and displays are compared one by one. Execution counts, metadata, colours and tracebacks do not count.
 */
export function compareOutputs(
  stored: readonly CellOutput[],
  now: readonly CellOutput[],
  { ignore = CHANGING_TEXT, media = false }: CompareOptions = {},
): OutputDifference[] {
  const [before, after] = [partsOf(stored, ignore, media), partsOf(now, ignore, media)];
  const several = Math.max(before.rich, after.rich) > 1;
  return [...new Set([...before.texts.keys(), ...after.texts.keys()])].flatMap((key) => {
    const difference = {
      part: several ? key : key.replace(/^output \d+ /, ''),
      stored: before.texts.get(key) ?? null,
      now: after.texts.get(key) ?? null,
    };
    return difference.stored === difference.now ? [] : [difference];
  });
}

interface Parts {
  texts: Map<string, string>;
  /** Results and displays. */
  rich: number;
}

function partsOf(outputs: readonly CellOutput[], ignore: readonly RegExp[], media: boolean): Parts {
  const texts = new Map<string, string>();
  let rich = 0;
  for (const output of outputs) {
    if (output.output_type === 'stream') {
      const name = String(output.name);
      texts.set(name, (texts.get(name) ?? '') + String(output.text));
    } else if (output.output_type === 'error') {
      texts.set('error', `${String(output.ename)}: ${String(output.evalue)}`);
    } else {
      rich += 1;
      for (const [mime, value] of Object.entries(isObject(output.data) ? output.data : {})) {
        texts.set(`output ${rich} ${mime}`, textOf(mime, value, media));
      }
    }
  }
  for (const [key, text] of texts) {
    const clean = overwritten(text.replace(ESCAPES, ''));
    texts.set(
      key,
      ignore.reduce((rest, pattern) => rest.replace(everywhere(pattern), '…'), clean),
    );
  }
  // a stream that says nothing is none
  for (const name of ['stdout', 'stderr']) if (texts.get(name) === '') texts.delete(name);
  return { texts, rich };
}

function textOf(mime: string, value: unknown, media: boolean): string {
  if (WIDGET.test(mime)) return '(a widget)';
  if (MEDIA.test(mime) && !media) return `(${mime})`;
  if (isJsonMime(mime) || typeof value !== 'string') return formatJson(value);
  // base64 is broken into lines by some, and not by others
  return MEDIA.test(mime) && mime !== 'image/svg+xml' ? value.replace(/\s/g, '') : value;
}

/** As a terminal shows it: what stands before a carriage return is written over. Progress bars are stored either way. */
function overwritten(text: string): string {
  if (!text.includes('\r')) return text;
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').replace(/^.*\r/s, ''))
    .join('\n');
}

function everywhere(pattern: RegExp): RegExp {
  return pattern.global ? pattern : new RegExp(pattern, `${pattern.flags}g`);
}
