import { createHmac, getHashes } from 'node:crypto';
import { type Signer, unsigned } from '@kernelkit/protocol';
import { KernelkitError } from '../errors/index.js';

/** The connection file asks for a digest that this Node does not have. */
export class SignatureSchemeError extends KernelkitError {
  constructor(scheme: string) {
    super(
      'signature-scheme',
      `the signature scheme ${JSON.stringify(scheme)} is not one of hmac-<digest> that this Node has`,
      {
        fix: 'use hmac-sha256, the default of every Jupyter kernel',
      },
    );
  }
}

/** Python's hashlib writes some digests differently from OpenSSL: sha3_256 for sha3-256, blake2b for blake2b512. */
function digestName(name: string): string {
  const plain = name.toLowerCase();
  if (plain === 'blake2b') return 'blake2b512';
  if (plain === 'blake2s') return 'blake2s256';
  return plain.replace(/_/g, '-');
}

/**
 * Signs messages with HMAC as Jupyter does: over header, parent_header, metadata and content, hex digest
 * (messaging spec, "wire protocol").
 *
 * @param key the connection file's key; empty means unsigned.
 * @param scheme `hmac-<digest>`, the digest as Python's hashlib or as OpenSSL writes it.
 * @throws SignatureSchemeError
 */
export function nodeSigner(key: string, scheme: string): Signer {
  if (key === '') return unsigned;
  const match = /^hmac-(.+)$/.exec(scheme);
  const digest = match?.[1] === undefined ? undefined : digestName(match[1]);
  // SHAKE has no fixed length: hashlib refuses it for HMAC too. OpenSSL also lists "RSA-SHA512/224", which hashlib has not.
  const known = getHashes().map((hash) => hash.toLowerCase());
  const usable =
    digest !== undefined && !digest.startsWith('shake')
      ? known.includes(digest)
        ? digest
        : digest.replace(/-/g, '')
      : '';
  if (!known.includes(usable)) throw new SignatureSchemeError(scheme);
  const secret = Buffer.from(key, 'utf8');
  return {
    scheme,
    sign(parts) {
      const hmac = createHmac(usable, secret);
      for (const part of parts) hmac.update(part);
      return hmac.digest('hex');
    },
  };
}
