import { stripVTControlCharacters } from 'node:util';
import type { MimeBundle } from '@kernelkit/core';

/** A value of a MIME bundle as text; nbformat allows text as a list of its lines. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('');
  return JSON.stringify(value, null, 2) ?? '';
}

/** Text without escape sequences and other control characters, but for tabs and the ends of lines. */
export function withoutControls(text: string): string {
  // what stood around a sequence that is gone may be one, too
  return stripVTControlCharacters(text).replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}

export function isImage(type: string): boolean {
  return type.startsWith('image/');
}

/** What files of a type end in; those that `--save-images` writes. */
const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/svg+xml': 'svg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
  'application/pdf': 'pdf',
};

export function extensionOf(type: string): string | null {
  return Object.hasOwn(extensions, type) ? extensions[type]! : null;
}

/** Binary types come in base64 (jupyter_client, "messaging": display_data), SVG as text. Null: what is there is no such thing. */
export function bytesOf(data: MimeBundle, type: string): Uint8Array | null {
  const value = data[type];
  if (type === 'image/svg+xml') return value === undefined ? null : Buffer.from(textOf(value));
  if (typeof value !== 'string') return null;
  // Buffer passes over what is no base64: nothing that could end an escape sequence comes back
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === 0 ? null : bytes;
}

/** `12 kB` */
export function sizeOf(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (value < 999.5 || unit === 'GB')
      return `${value < 9.95 && unit !== 'B' ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return `${bytes} B`;
}
