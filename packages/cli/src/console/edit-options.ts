import type { Highlighter } from './highlight.js';
import type { History } from './history.js';
import type { Completion } from './overlays.js';

/** What is edited, and who is asked. What is left out is not done. */
export interface EditOptions {
  /** Called whenever it is drawn. */
  prompt: () => string;
  /** Before the lines after the first one. */
  continuation: () => string;
  initial?: string;
  history?: History;
  highlight?: () => Highlighter | null;
  /** Nothing of it is shown. */
  secret?: boolean;
  /** What Enter does on the last line: hands it in, or begins another line with an indentation. Default: hands it in. */
  enter?: (code: string, signal: AbortSignal) => Promise<{ submit: true } | { submit: false; indent: string }>;
  /** @throws Error whose message is shown */
  complete?: (code: string, cursor: number, signal: AbortSignal) => Promise<Completion>;
  /** @returns null: nothing is known. @throws Error whose message is shown */
  inspect?: (code: string, cursor: number, signal: AbortSignal) => Promise<string | null>;
  page?: (text: string) => Promise<void>;
  /** Ends it: what was being written is left on the screen. */
  signal: AbortSignal;
}

/** `end`: Ctrl-D. `interrupt`: Ctrl-C. `restart`: Ctrl-\. `hangup`: the terminal has gone. */
export type Edited = { kind: 'text'; text: string } | { kind: 'end' | 'interrupt' | 'restart' | 'hangup' };
