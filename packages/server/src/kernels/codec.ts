import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { HubCodec } from '@kernelkit/core';

/** A kernel's small messages say much the same: a twentieth is left of them, and that at once. */
export const codec: HubCodec = {
  // a copy: what zlib gives is the beginning of something larger
  deflate: (data) => new Uint8Array(deflateRawSync(data, { level: 1 })),
  inflate: (data) => inflateRawSync(data),
};
