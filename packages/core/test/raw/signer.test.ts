import { createHmac, getHashes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeSigner, SignatureSchemeError } from '../../src/raw/index.js';

const parts = ['header', 'parent', '{}', 'content'].map((text) => Buffer.from(text));
const hmac = (digest: string): string => createHmac(digest, 'key').update(parts.join('')).digest('hex');

describe('nodeSigner', () => {
  // Left: as Python's hashlib names it. Right: as OpenSSL does.
  it.each([
    ['hmac-sha256', 'sha256'],
    ['hmac-SHA256', 'sha256'],
    ['hmac-md5', 'md5'],
    ['hmac-sha1', 'sha1'],
    ['hmac-sha512', 'sha512'],
    ['hmac-sha3_256', 'sha3-256'],
    ['hmac-sha512_256', 'sha512-256'],
    ['hmac-blake2b', 'blake2b512'],
    ['hmac-blake2s', 'blake2s256'],
    ['hmac-sm3', 'sm3'],
  ])('%s is %s', (scheme, digest) => {
    if (!getHashes().includes(digest)) return expect(() => nodeSigner('key', scheme)).toThrow(SignatureSchemeError);
    expect(nodeSigner('key', scheme).sign(parts)).toBe(hmac(digest));
  });

  it.each(['', 'sha256', 'hmac-', 'hmac-nothing', 'hmac-shake_128', 'plain'])('refuses %j', (scheme) => {
    expect(() => nodeSigner('key', scheme)).toThrow(SignatureSchemeError);
  });

  it('an empty key means unsigned, whatever the scheme says', () => {
    expect(nodeSigner('', 'whatever').sign(parts)).toBe('');
  });
});
