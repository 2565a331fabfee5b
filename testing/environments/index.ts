/** Environments of every kind, laid out on a disk or in memory: for the tests of discovery and for what is measured. */
export { type Broken, damagedFiles, layOutBroken, ODD_NAMES } from './broken.js';
export { type Crowd, layOutCrowd } from './many.js';
export { MemoryFiles } from './memory-files.js';
export * from './parts.js';
export { type Description, digestOf, type Laid, layOut, type RecipeName, recipes } from './recipes.js';
export { DiskTarget, type Target } from './target.js';
