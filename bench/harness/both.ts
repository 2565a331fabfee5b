import { type Kernel, startPlan } from '@kernelkit/core';
import type { BenchContext } from './bench.js';
import { jupyterEnvironment, planFor } from './kernel.js';
import { Peer } from './peer.js';
import { sourceOf } from './places.js';

const KERNEL = 'ipykernel';

/** The kernel under test by us, and by jupyter_client in the kernel's own environment. */
export async function startBoth(context: BenchContext): Promise<{ kernel: Kernel; client: Peer } & AsyncDisposable> {
  const kernelspec = context.kernels.kernelspec(KERNEL);
  const client = new Peer([context.kernels.python(KERNEL), sourceOf('client.py')], jupyterEnvironment(kernelspec));
  try {
    await client.ask('start', { kernel: kernelspec.replace(/^.*[\\/]/, '') });
    const { kernel } = await startPlan(await planFor(kernelspec));
    return {
      kernel,
      client,
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await client[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}
