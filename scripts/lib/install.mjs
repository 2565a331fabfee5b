import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './child.mjs';
import { root } from './root.mjs';
import { step } from './step.mjs';

/**
 * @typedef {{ version?: string, resolved?: string, link?: boolean, optional?: boolean, peer?: boolean }} Locked
 * @typedef {Record<string, Locked>} Packages
 */

/**
 * What differs between what the lock file wants and what npm says is in node_modules; null when nothing does.
 * Optional packages (the binaries of other platforms) may be absent.
 *
 * @param {Packages} wanted `packages` of package-lock.json
 * @param {Packages} installed `packages` of node_modules/.package-lock.json
 * @returns {string | null}
 */
export function installDrift(wanted, installed) {
  for (const [path, lock] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue;
    const have = installed[path];
    if (have === undefined) {
      if (!lock.optional) return `${path} is not installed`;
    } else if (lock.link ? have.resolved !== lock.resolved : have.version !== lock.version) {
      return `${path} is ${have.version ?? have.resolved}, wanted is ${lock.version ?? lock.resolved}`;
    }
  }
  return null;
}

/** Why node_modules does not fit the lock file, or null. Compared by content only when the lock file is the newer one. */
export function whyInstall() {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  try {
    if (statSync(hidden).mtimeMs >= statSync(lock).mtimeMs) return null;
    return installDrift(
      JSON.parse(readFileSync(lock, 'utf8')).packages,
      JSON.parse(readFileSync(hidden, 'utf8')).packages,
    );
  } catch {
    return 'node_modules is missing';
  }
}

/** Runs `npm ci` where the dependencies are missing or out of date. */
export async function ensureInstalled() {
  const reason = whyInstall();
  if (reason !== null) await step(`installing the dependencies (${reason}): npm ci`, () => npm(['ci']));
}
