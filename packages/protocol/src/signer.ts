/**
 * Signs messages with the connection's key. The digest is the host's business (node:crypto, WebCrypto ahead of time, …):
 * this package is handed a signer and knows no digest.
 */
export interface Signer {
  /** As in the connection file: `hmac-sha256`. */
  readonly scheme: string;
  /**
   * The HMAC of the parts one after another, as lower-case hex; `''` when the key is empty, which also means that
   * what is received is not checked.
   */
  sign(parts: readonly Uint8Array[]): string;
}

/** For connections without a key: signs with nothing, checks nothing. */
export const unsigned: Signer = { scheme: 'hmac-sha256', sign: () => '' };

/**
 * Whether `received` (the frame) is the text `expected`. Takes the same time wherever they differ, and allocates nothing.
 */
export function sameSignature(received: Uint8Array, expected: string): boolean {
  if (received.length !== expected.length) return false;
  let difference = 0;
  for (let at = 0; at < received.length; at += 1) difference |= received[at]! ^ expected.charCodeAt(at);
  return difference === 0;
}
