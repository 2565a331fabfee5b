import type { ProcessVariables } from '../specs/index.js';

/** What decides where things lie, for the process that looks. */
export interface ApartContext {
  platform: NodeJS.Platform;
  env: ProcessVariables;
  home: string;
  cwd: string;
}

export type ToApart =
  | { type: 'context'; context: ApartContext }
  | { type: 'task'; id: number; name: string; argument: unknown };

export type FromApart = { id: number; value: unknown } | { id: number; error: string };
