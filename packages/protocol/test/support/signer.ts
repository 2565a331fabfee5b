import { createHmac } from 'node:crypto';
import type { Signer } from '../../src/index.js';

/** A signer over node:crypto; `digest` is OpenSSL's name where that differs from the scheme's. */
export function hmacSigner(key: string, scheme = 'hmac-sha256', digest = scheme.slice('hmac-'.length)): Signer {
  return {
    scheme,
    sign(parts) {
      if (key === '') return '';
      const hmac = createHmac(digest, key);
      for (const part of parts) hmac.update(part);
      return hmac.digest('hex');
    },
  };
}
