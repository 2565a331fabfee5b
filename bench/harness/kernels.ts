import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A kernel that testing/kernels.mjs has provided. */
export interface ProvidedKernel {
  name: string;
  available: boolean;
  kernelspec: string | null;
  python: string | null;
  prefix: string | null;
  version: string | null;
  reason: string | null;
}

/** What the bench needs is not on this machine. */
export class MissingKernelError extends Error {}

/** The real kernels of this machine. */
export class ProvidedKernels {
  readonly #kernels: Record<string, ProvidedKernel>;

  private constructor(kernels: Record<string, ProvidedKernel>) {
    this.#kernels = kernels;
  }

  static async read(root: string): Promise<ProvidedKernels> {
    const text = await readFile(join(root, 'testing', '.cache', 'kernels.json'), 'utf8');
    return new ProvidedKernels((JSON.parse(text) as { kernels: Record<string, ProvidedKernel> }).kernels);
  }

  get(name: string): ProvidedKernel | null {
    return this.#kernels[name] ?? null;
  }

  /** The directory of its kernel.json. */
  kernelspec(name: string): string {
    return this.#need(name, 'kernelspec');
  }

  /** The interpreter of its environment. */
  python(name: string): string {
    return this.#need(name, 'python');
  }

  #need(name: string, field: 'kernelspec' | 'python'): string {
    const kernel = this.#kernels[name];
    const value = kernel?.available ? kernel[field] : null;
    if (value === null || value === undefined) {
      const why = kernel?.reason ?? `testing/kernels.mjs has no ${field} for it`;
      throw new MissingKernelError(`${name} is needed: ${why}`);
    }
    return value;
  }
}
