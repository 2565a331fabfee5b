/**
 * What this package needs of its host beyond the language itself: three globals that Node, Deno, Bun and browsers share.
 * They are named here, because the package is compiled with neither Node's types nor the DOM's.
 */
interface Host {
  TextEncoder: new () => {
    encode(text: string): Uint8Array;
    encodeInto(text: string, into: Uint8Array): { written: number };
  };
  TextDecoder: new (label: string, options: { ignoreBOM: boolean }) => { decode(bytes: Uint8Array): string };
  crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
}

const host = globalThis as unknown as Host;
const encoder = /* @__PURE__ */ new host.TextEncoder();
// A byte order mark is kept: it is a character of the text, and Python's json refuses it too.
const decoder = /* @__PURE__ */ new host.TextDecoder('utf-8', { ignoreBOM: true });

/** Text to UTF-8. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

// Where short texts are written first; no call keeps anything in it.
const scratch = /* @__PURE__ */ new Uint8Array(16_384);

/**
 * Several texts to UTF-8. Short ones come in one block of memory, for making four small arrays takes three times as long as
 * all of the writing.
 */
export function encodeTexts(texts: readonly string[]): Uint8Array[] {
  let units = 0;
  for (const text of texts) units += text.length;
  // UTF-8 has at most three bytes to a UTF-16 unit.
  if (units * 3 > scratch.length) return texts.map(encodeText);
  const ends: number[] = [];
  let end = 0;
  for (const text of texts) {
    end += encoder.encodeInto(text, scratch.subarray(end)).written;
    ends.push(end);
  }
  const block = scratch.slice(0, end);
  let start = 0;
  return ends.map((stop) => {
    const bytes = block.subarray(start, stop);
    start = stop;
    return bytes;
  });
}

/** Text that is known to be ASCII, and short, to bytes. */
export function encodeAscii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** UTF-8 to text. Invalid bytes become U+FFFD, as in jupyter_client (`decode("utf8", "replace")`). */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** `bytes` random bytes as lower-case hex. */
export function randomHex(bytes: number): string {
  let hex = '';
  for (const byte of host.crypto.getRandomValues(new Uint8Array(bytes))) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
