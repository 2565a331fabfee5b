/** Kernelspec directories: where to look, how to read and check. */

export type { WireRoot } from '../entries/index.js';
export { type KernelSpecFault, KernelSpecReadError, KernelSpecRootError } from './errors.js';
export { type FindSpecsOptions, findKernelSpecs, homeDirectory, mergeRoots, readRoot, rootsHere } from './find.js';
export { activePrefixes } from './prefixes.js';
export { expandHome, joinPath, pathFlavour } from './python-path.js';
export { type ReadSpec, readSpec } from './read.js';
export { kernelSpecRoots, type RootOptions } from './roots.js';
export { runtimeDirectories } from './runtime.js';
export type {
  BrokenSpec,
  FoundSpecs,
  InstalledSpec,
  KernelSpecRoot,
  PythonPrefix,
  ReadRoot,
  SearchedRoot,
} from './types.js';
export { type ProcessVariables, readSwitch, type VariableReader, variableReader } from './variables.js';
export { decodeRoot, encodeRoot } from './wire.js';
