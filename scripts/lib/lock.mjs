/**
 * @typedef {{ version?: string, cpu?: string[], os?: string[], libc?: string[], dev?: boolean, optional?: boolean,
 *   optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 */

/**
 * Optional packages (mostly binaries for one platform) that a lock file's packages ask for and that have no entry of their
 * own. A registry that lacks some platforms makes `npm install` leave them out without a word, and `npm ci` then refuses
 * the lock file on every machine.
 *
 * @param {Lock} lock
 * @returns {{ name: string, version: string, dev: boolean }[]}
 */
export function missingOptionals(lock) {
  const missing = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const entries = [`${path}/node_modules/${name}`, `node_modules/${name}`];
      if (!entries.some((key) => key in lock.packages)) missing.push({ name, version, dev: entry.dev === true });
    }
  }
  return missing;
}

/**
 * Gives each of them an entry, its platform read from its name, without a checksum (that comes with the next
 * `npm install` on a registry that has it).
 *
 * @param {Lock} lock changed in place
 * @returns {string[]} what was added, `name@version`
 * @throws {Error} when a name does not tell its platform
 */
export function completeLock(lock) {
  const missing = missingOptionals(lock);
  for (const { name, version, dev } of missing) {
    const os = /\b(android|darwin|freebsd|linux|win32)\b/.exec(name)?.[1];
    const cpu = /\b(arm64|x64|arm|ia32)\b/.exec(name)?.[1];
    if (os === undefined || cpu === undefined) throw new Error(`the name ${name} does not tell its platform`);
    const libc = os === 'linux' ? { libc: [name.includes('musl') ? 'musl' : 'glibc'] } : {};
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(dev && { dev }),
      ...libc,
      optional: true,
      os: [os],
    };
  }
  const byName = (/** @type {[string, LockEntry]} */ [a], /** @type {[string, LockEntry]} */ [b]) => (a < b ? -1 : 1);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byName));
  return missing.map(({ name, version }) => `${name}@${version}`);
}
