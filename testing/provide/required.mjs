import { whyNotHeavy } from './heavy.mjs';

/** Any one of these is the Python kernel that no run may be without. */
export const PYTHON_KERNELS = ['ipykernel', 'ipykernel6', 'xpython', 'xpython-raw'];

/**
 * What a run must have and has not: one Python kernel and Deno always; all, or those named, when
 * KERNELKIT_REQUIRE_KERNELS says so (issue 2, "The repository"). "all" does not mean the heavy ones that nobody asked for.
 *
 * @param {readonly { name: string, available: boolean }[]} kernels
 * @param {string | undefined} required "all", names with commas, or nothing
 * @returns {string[]} names, or a phrase for "one Python kernel"
 */
export function missingRequired(kernels, required) {
  const has = new Set(kernels.filter((kernel) => kernel.available).map((kernel) => kernel.name));
  const named =
    required === 'all'
      ? kernels.map((kernel) => kernel.name).filter((name) => whyNotHeavy(name) === null)
      : (required ?? '')
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '');
  const wanting = new Set([...named, 'deno'].filter((name) => !has.has(name)));
  if (!PYTHON_KERNELS.some((name) => has.has(name)))
    wanting.add(`a Python kernel (one of ${PYTHON_KERNELS.join(', ')})`);
  return [...wanting];
}
