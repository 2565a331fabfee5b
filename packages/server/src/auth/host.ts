import { answer } from '../rest/answers.js';
import type { Guard } from './guard.js';

/**
 * Refuses requests that were sent to another name: a page whose own name was made to mean this machine (DNS rebinding) comes by that
 * name. 403, as Jupyter Server has it (`allow_remote_access`, `local_hostnames`).
 * @param allowed names beside those of this machine's loopback
 */
export function hostGuard(allowed: readonly string[] = []): Guard {
  const names = new Set(['localhost', ...allowed.map((name) => name.toLowerCase())]);
  return (request) => {
    const name = hostName(request.headers.get('host'));
    if (name !== null && (names.has(name) || isLoopback(name))) return null;
    return answer(403, {
      message: 'Forbidden',
      reason: 'This gateway is not asked for by the name of its Host header.',
    });
  };
}

/** Whether an address or name means this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The name in a Host header, without its port and brackets; null: it has none that could be meant. */
export function hostName(header: string | null): string | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d+)?$/i.exec(header ?? '');
  return (parts?.[1] ?? parts?.[2])?.toLowerCase() ?? null;
}
