import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: scripts work from any directory. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
