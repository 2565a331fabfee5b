/** What a row of the matrix says of a kernel. Each fact is asserted by suite.ts and printed by table.ts. */
import type { KernelName, ProvidedKernel } from '../../../../testing/support/index.js';
import type { CatalogEntry } from '../../src/index.js';
import { realEntry } from '../support.js';

/** The kernel's own way of saying what the matrix asks for. */
export interface Code {
  print: (text: string) => string;
  /** Code, and the text of its result. */
  sum: [code: string, text: string];
  fail: string;
  /** Prints something at once, and then never ends. */
  loop: string;
  /** Sets a variable; the second gives its value, or fails where it is unknown. */
  define: string;
  use: string;
  /** `before` is run first; completing `code` at its end gives `match`. */
  complete: { before?: string; code: string; match: string };
  /** Inspecting `code` at `at`, or its end, tells `text`. */
  inspect: { code: string; at?: number; text: string; before?: string };
  /** Asks for a line and prints it; null: the language has no way to. */
  ask: string | null;
  /** Shows `<b>hi</b>` as text/html; null: no way to. */
  display: string | null;
  /** Prints ten million times x, and nothing else but line ends. */
  flood: string;
}

export interface Facts {
  /** The count of the first cell. */
  firstCount: 1 | 2;
  /** Silent code is counted, although it should not be. */
  silentCounts: boolean;
  /** How a cell that fails ends: as an error, or as if it were none, with a text. */
  errors: 'error' | 'text';
  /** Takes `transport: "ipc"`. */
  ipc: boolean;
  /** Binds what a port of 0 gives it, and writes that back. */
  zeroPorts: boolean;
  /** What its process does on SIGINT while a cell runs. */
  sigint: 'interrupts' | 'ends' | 'ignored';
  /** What an interrupt_request does while a cell runs; unheard: no answer, or only after the cell. */
  interruptRequest: 'interrupts' | 'ignored';
  /** What `kernel.interrupt()` does: the way that works, or an error that says there is none. */
  interrupt: 'signal' | 'message' | 'refused';
  /** How a cell that was interrupted ends; null where none can be. */
  interrupted: 'error' | 'aborted' | 'ok' | null;
  /** Variables outlive an interrupt; null where there is none. */
  interruptKeeps: boolean | null;
  /** Code that asks for input gets what onInput gives. */
  stdin: boolean;
  /** Code that asks where the request said that it may not: an error of the kernel's, a question all the same, or no answer. */
  stdinRefused: 'error' | 'asks' | 'empty' | null;
  complete: boolean;
  inspect: boolean;
  display: boolean;
  /** Which message brings the value of an expression. */
  result: 'execute_result' | 'display_data' | 'stream';
  /** Echoes the code before it runs it. */
  executeInput: boolean;
  /** What it answers to is_complete_request for a whole expression; null: nothing. */
  isComplete: 'complete' | 'incomplete' | 'unknown' | null;
  /** Ten megabytes of output arrive whole. */
  tenMegabytes: boolean;
  /** What ends it once it has run a cell: being asked, or SIGTERM, because it stays alive. */
  shutdown: 'asked' | 'SIGTERM';
}

export interface Row {
  name: KernelName;
  title: string;
  code: Code;
  facts: Facts;
  entry?: (provided: ProvidedKernel) => CatalogEntry;
  /** Its socket paths must be short: quirks.ts. */
  shortPaths?: boolean;
}

export function entryOfRow(row: Row, provided: ProvidedKernel): CatalogEntry {
  return row.entry?.(provided) ?? realEntry(row.name);
}
