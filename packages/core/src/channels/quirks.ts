/**
 * What kernels do differently from what the protocol or their kernelspec says, in one table: measured facts, each with
 * its source. Looked up twice: by argv before a start (which transport, which interrupt), and by the implementation's
 * name once kernel_info has answered (the argv of a remote kernel is not known).
 */
export interface Quirks {
  /** The family, for people and logs. */
  readonly family: string;
  /** Takes `transport: "ipc"`. Only kernels that were seen doing it: the others bind nothing, or die. */
  readonly ipc: boolean;
  /** Bytes that the path of its Unix sockets may have; Infinity: what the system allows. */
  readonly ipcPathBytes: number;
  /** Fills ports that are 0 in the connection file, and writes them back. */
  readonly fillsZeroPorts: boolean;
  /** How it is interrupted where its kernelspec says nothing, or says it wrongly. */
  readonly interrupt: 'signal' | 'message' | null;
  /** Prints of a cell are given to whichever request came last: send the next only when the one before is done. */
  readonly oneAtATime: boolean;
  /** Milliseconds in which output may still come after reply and idle. */
  readonly idleGrace: number;
}

const standard: Quirks = {
  family: 'unknown',
  ipc: false,
  ipcPathBytes: Infinity,
  fillsZeroPorts: false,
  interrupt: null,
  oneAtATime: false,
  idleGrace: 0,
};

interface Row {
  quirks: Quirks;
  /** Matches the kernelspec's argv, joined by blanks; the program is its base name. */
  argv: RegExp;
  /** Matches kernel_info_reply.implementation. */
  implementation: RegExp;
}

const table: readonly Row[] = [
  {
    // Binds what a zero port gives and rewrites the file: jupyter-protocol.md §0.1.
    quirks: { ...standard, family: 'ipykernel', ipc: true, fillsZeroPorts: true },
    argv: /(^| )-m (ipykernel(_launcher)?|octave_kernel|m2_kernel)( |$)|ipykernel_launcher\.py/,
    implementation: /^(ipython|octave|macaulay2)/i,
  },
  {
    // xeus reads the bound endpoint back into 32 bytes, "ipc://" and a NUL included, and aborts with EINVAL where it is longer
    // (seen with xeus-python 0.14.3).
    quirks: { ...standard, family: 'xeus', ipc: true, ipcPathBytes: 25 },
    argv: /^(xpython|xcpp|xr|xsqlite|xlua|xeus-\w+)( |$)/,
    implementation: /^x(eus|python|cpp|sqlite|lua)/i,
  },
  {
    quirks: { ...standard, family: 'IRkernel', ipc: true },
    argv: /IRkernel::main/,
    implementation: /^IRkernel/i,
  },
  {
    // SIGINT kills it; ipc makes it exit at start; idle may come before the result: testbed.md §1, zmtp.md. With requests
    // queued in it, what an earlier cell prints comes with the parent of a later one (seen with 2.9.6).
    quirks: { ...standard, family: 'deno', interrupt: 'message', oneAtATime: true, idleGrace: 50 },
    argv: /^deno( .*)? jupyter /,
    implementation: /^deno/i,
  },
];

/** The quirks of the kernel that `argv` starts; `argv[0]` may be a path. */
export function quirksOfArgv(argv: readonly string[]): Quirks {
  const [program = '', ...rest] = argv;
  const name = program.slice(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1).replace(/\.exe$/i, '');
  const line = [name, ...rest].join(' ');
  return table.find((row) => row.argv.test(line))?.quirks ?? standard;
}

/** The quirks of a kernel that calls itself `implementation` in its kernel_info_reply. */
export function quirksOfImplementation(implementation: string): Quirks {
  return table.find((row) => row.implementation.test(implementation))?.quirks ?? standard;
}
