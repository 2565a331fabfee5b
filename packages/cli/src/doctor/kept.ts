import { shortPath } from '../home.js';
import { keptKernels } from '../serve/keep.js';
import type { Steps } from './steps.js';

/** Kernels of `kernelkit serve --keep`: those whose gateway is gone run on, and nobody else would say so. Nothing where there are none. */
export async function examineKept(steps: Steps): Promise<void> {
  const begin = performance.now();
  const kept = await keptKernels(process.env);
  if (kept.length === 0) return;
  const alone = kept.filter(({ gateway, kernels }) => gateway === null && kernels.some(({ pid }) => pid !== null));
  const details = kept.flatMap(({ directory, gateway, kernels }) =>
    kernels.map(({ id, displayName, pid }) => {
      const what = pid === null ? 'does not run any more' : `process ${pid}`;
      return `${displayName}, ${id}: ${what}, ${gateway === null ? 'no gateway' : `gateway ${gateway}`} (${directory})`;
    }),
  );
  const all = kept.flatMap(({ kernels }) => kernels).length;
  const left = alone.flatMap(({ kernels }) => kernels).filter(({ pid }) => pid !== null).length;
  const told =
    left === 0 ? `${all} kernels are kept` : `${all} kernels are kept, and ${left} of them run without a gateway`;
  const [first] = alone;
  await steps.add('kept', first === undefined ? 'ok' : 'warning', told, {
    ...{ ms: performance.now() - begin, details },
    fix:
      first === undefined
        ? null
        : `kernelkit serve --keep ${shortPath(first.directory)} has them again; DELETE /api/kernels/ID ends one`,
  });
}
