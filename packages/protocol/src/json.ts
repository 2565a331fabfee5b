/**
 * JSON as kernels write it: strict first, and once more without the bare `NaN`, `Infinity` and `-Infinity` that
 * Python's `json` writes unless told not to. Each of those is read as null.
 *
 * `text` is the JSON; throws SyntaxError (the strict parser's) when it is neither.
 */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = repairJson(text);
    if (repaired === undefined) throw error;
    return JSON.parse(repaired);
  }
}

/**
 * The text with every bare `NaN`, `Infinity` and `-Infinity` outside strings replaced by null; undefined when there is none.
 * A hand-written scan and not one regular expression: those exhaust the stack on strings of some megabytes.
 */
export function repairJson(text: string): string | undefined {
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; ) {
    const char = text.charCodeAt(at);
    if (char === 0x22 /* " */) {
      at = endOfString(text, at);
      continue;
    }
    const length = char === 0x4e || char === 0x49 || char === 0x2d ? notANumber(text, at) : 0;
    if (length === 0) {
      at += 1;
      continue;
    }
    pieces.push(text.slice(kept, at), 'null');
    at += length;
    kept = at;
  }
  if (pieces.length === 0) return undefined;
  pieces.push(text.slice(kept));
  return pieces.join('');
}

/** The index after the closing quote of the string that opens at `open`, or the text's end. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x5c /* \ */) at += 1;
    else if (char === 0x22) return at + 1;
  }
  return text.length;
}

function notANumber(text: string, at: number): number {
  for (const token of ['NaN', 'Infinity', '-Infinity']) {
    if (text.startsWith(token, at)) return token.length;
  }
  return 0;
}

/** Whether a parsed JSON value is an object (not null, not a list). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
