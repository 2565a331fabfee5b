/** The catalog's kernels as Jupyter's kernelspecs. */
export { UnknownSpecError } from './errors.js';
export type { KernelSpecModel } from './model.js';
export { defaultName, nameKernels } from './names.js';
export { type Resource, readResource } from './resources.js';
export { KernelSpecs, type KernelSpecsOptions, type NamedEntry } from './specs.js';
