/** What the acceptance asks of a kernel beyond the matrix's words, in the kernel's own. */
import type { KernelName } from '../../../../testing/support/index.js';

export interface Words {
  /** Prints `o1` to stdout, `e1` to stderr, `o2` to stdout. */
  streams: string;
  /** Prints so many numbers, from 0, each on a line and by itself. */
  count: (lines: number) => string;
  /** So many lines it holds for a reader that is off the processor meanwhile: its publisher drops what is beyond 1,000 messages. */
  lines: number;
  /** Prints `in` at once and `done` after a while. */
  slow: string;
  /** Prints `last words`, asks for a line, and ends the process in the middle of the cell. */
  die: string;
  /** The code whose result is the length of a text. */
  lengthOf: (text: string) => string;
}

const python: Words = {
  streams:
    'import sys\nfor text, stream in (("o1", sys.stdout), ("e1", sys.stderr), ("o2", sys.stdout)):\n  print(text, file=stream, flush=True)',
  count: (lines) => `for i in range(${lines}): print(i, flush=True)`,
  lines: 900,
  slow: 'import time\nprint("in", flush=True)\ntime.sleep(4)\nprint("done")',
  die: 'import os\nprint("last words", flush=True)\ninput()\nos._exit(3)',
  lengthOf: (text) => `len("${text}")`,
};

export const WORDS: Partial<Record<KernelName, Words>> = {
  ipykernel: python,
  // Two messages for each line.
  xpython: { ...python, lines: 300 },
  ir: {
    streams: 'cat("o1\\n"); flush.console(); message("e1"); flush.console(); cat("o2\\n")',
    count: (lines) => `for (i in 1:${lines} - 1) { cat(i, "\\n", sep = ""); flush.console() }`,
    lines: 900,
    slow: 'cat("in\\n"); flush.console(); Sys.sleep(4); cat("done\\n")',
    die: 'cat("last words\\n"); flush.console(); readline(); tools::pskill(Sys.getpid(), 9)',
    lengthOf: (text) => `nchar("${text}")`,
  },
};
