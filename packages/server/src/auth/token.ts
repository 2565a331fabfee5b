import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 48 hex digits, as Jupyter Server makes them. */
export function newToken(): string {
  return randomBytes(24).toString('hex');
}

/** What a request brings: `?token=` first, else `Authorization: token X` or `Bearer X` (jupyter_server, auth/identity.py). */
export function tokenOf(request: Request): string | null {
  const inUrl = new URL(request.url).searchParams.get('token');
  if (inUrl !== null && inUrl !== '') return inUrl;
  return /^\s*(?:token|bearer)\s+(\S.*?)\s*$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}

/** Whether it is the right one; how long that takes says nothing of how much of it is right. */
export function isToken(given: string | null, token: string): boolean {
  if (given === null) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
