/**
 * Kernels, a front end and a browser, that take long to get, or much room: got only where they are asked for by name, so that the first `npm test` on a new
 * machine stays short. What is there already is used all the same.
 */
export const HEAVY = {
  octave: 'takes 80 MB of downloads and 290 MB of disk',
  m2: 'takes 60 MB of downloads and 400 MB of disk',
  evcxr: 'compiles for minutes',
  jupyterlab: 'takes 260 MB of disk',
  browser: 'takes 124 MB of downloads and 414 MB of disk',
};

/** @param {string} name @returns {name is keyof typeof HEAVY} */
const isHeavy = (name) => Object.hasOwn(HEAVY, name);

/**
 * Why it may not be got, or null when it may.
 *
 * @param {string} name
 * @param {string | undefined} [wanted] "all", or names with commas
 */
export function whyNotHeavy(name, wanted = process.env.KERNELKIT_TEST_HEAVY) {
  if (!isHeavy(name) || wanted === 'all') return null;
  const names = (wanted ?? '').split(',').map((each) => each.trim());
  return names.includes(name) ? null : `it ${HEAVY[name]}: set KERNELKIT_TEST_HEAVY=${name} (or all) to have it`;
}
