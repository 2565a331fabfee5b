/**
 * What kernels do differently from what the protocol or their kernelspec says, in one table: measured facts, each with
 * its source. Looked up twice: by argv before a start (which transport, which interrupt), and by the implementation's
 * name once kernel_info has answered (the argv of a remote kernel is not known).
 */
export interface Quirks {
  /** The family, for people and logs. */
  readonly family: string;
  /** Takes `transport: "ipc"`: seen doing it, seen failing (it binds nothing, or dies), or null: nobody looked. */
  readonly ipc: boolean | null;
  /**
   * Loses output over ipc that TCP, whose buffers are larger, carries: it sends each print by itself, and its queue gives up what is beyond
   * 1,000 messages. So TCP is its transport, unless ipc is asked for.
   */
  readonly losesOverIpc: boolean;
  /** Bytes that the path of its Unix sockets may have; Infinity: what the system allows. */
  readonly ipcPathBytes: number;
  /** Fills ports that are 0 in the connection file, and writes them back. */
  readonly fillsZeroPorts: boolean;
  /** How it is interrupted where its kernelspec says nothing; none: SIGINT would end it, and it knows no message either. */
  readonly interrupt: 'signal' | 'message' | 'none' | null;
  /** Prints of a cell are given to whichever request came last: send the next only when the one before is done. */
  readonly oneAtATime: boolean;
  /** Milliseconds in which output may still come after reply and idle. */
  readonly idleGrace: number;
  /** Milliseconds after which one that was asked to end will not do so by itself any more; null: as any other. */
  readonly shutdownPatience: number | null;
  /**
   * Takes a second connection with the ZeroMQ identity of an earlier one (ROUTER_HANDOVER). In another one that was busy when the first
   * ended, the second is never heard (seen with xeus-python).
   */
  readonly handsOver: boolean;
  /** Variables that it has to be started with; a kernelspec that sets them wins. */
  readonly environment: Readonly<Record<string, string>>;
}

const standard: Quirks = {
  family: 'unknown',
  ipc: null,
  losesOverIpc: false,
  ipcPathBytes: Infinity,
  fillsZeroPorts: false,
  interrupt: null,
  oneAtATime: false,
  idleGrace: 0,
  shutdownPatience: null,
  handsOver: false,
  environment: {},
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
    quirks: { ...standard, family: 'ipykernel', ipc: true, fillsZeroPorts: true, handsOver: true },
    argv: /(^| )-m ipykernel(_launcher)?( |$)|ipykernel_launcher\.py/,
    implementation: /^ipython/i,
  },
  {
    // An ipykernel around an interpreter on a terminal. Its line editor puts `\e[?2004h` around every prompt where the terminal
    // is none too simple: into all output, and a question for input is not recognised, so that its cell waits for ever (seen with
    // octave_kernel 0.32 and macaulay2-jupyter-kernel 0.6.7: testbed.md §1, quirk 6).
    quirks: {
      ...{ ...standard, family: 'terminal', ipc: true, fillsZeroPorts: true, handsOver: true },
      environment: { TERM: 'dumb' },
    },
    argv: /(^| )-m (octave_kernel|m2_kernel|metakernel_\w+)( |$)/,
    implementation: /^(octave|macaulay2)/i,
  },
  {
    // xeus reads the bound endpoint back into 32 bytes, "ipc://" and a NUL included, and aborts with EINVAL where it is longer
    // (seen with xeus-python 0.14.3). Of 3,000 flushed prints 800 to 2,900 came over ipc, to jupyter_client too, and over TCP all or nearly. SIGINT ends it, with status 0; it knows no interrupt_request: testbed.md §1, quirk 2.
    quirks: { ...standard, family: 'xeus', ipc: true, losesOverIpc: true, ipcPathBytes: 25, interrupt: 'none' },
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
    quirks: { ...standard, family: 'deno', ipc: false, interrupt: 'message', oneAtATime: true, idleGrace: 50 },
    argv: /^deno( .*)? jupyter /,
    implementation: /^deno/i,
  },
  {
    // Asked for ipc it listens on TCP, and says nothing. SIGINT ends it with 130. Once a cell has run it does not end by itself
    // within a minute, which a thread of its pool lives; it has answered and stopped listening by then (seen with 1.0a8).
    quirks: { ...standard, family: 'JJava', ipc: false, interrupt: 'message', shutdownPatience: 1000 },
    argv: /^java( .*)? \S*jjava\S*\.jar( |$)/,
    implementation: /^JJava/,
  },
  {
    // Its own kernelspec says message. SIGINT ends it; an interrupt kills the process that runs the cells, and all variables with it;
    // asked for ipc it dies (seen with 0.22.0).
    quirks: { ...standard, family: 'evcxr', ipc: false, interrupt: 'message' },
    argv: /^evcxr_jupyter( |$)/,
    implementation: /^evcxr/i,
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
