const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Says on stderr what is being done, and afterwards how long it took; a failure passes through.
 *
 * @template T
 * @param {string} title
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const since = performance.now();
  process.stderr.write(`▸ ${title}\n`);
  try {
    const value = await work();
    process.stderr.write(`  done in ${seconds(since)}\n`);
    return value;
  } catch (error) {
    process.stderr.write(`  failed after ${seconds(since)}\n`);
    throw error;
  }
}
