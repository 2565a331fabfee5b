/** What kept a kernel from starting, or ended it, as far as the evidence goes. Each with what a program may want of it. */
export type CauseDetail =
  /** The program is not there; or the interpreter that its first line names. */
  | { kind: 'program-not-found'; program: string }
  /** It is there, and may not be executed: its mode, a mount that forbids it, a format that the system does not know. */
  | { kind: 'not-executable'; program: string; reason: 'permission' | 'mount' | 'format' | 'directory' }
  | { kind: 'wrong-architecture'; program: string; built: string; here: string }
  | { kind: 'environment-gone'; prefix: string }
  | { kind: 'directory-gone'; directory: string }
  | { kind: 'kernel-package-missing'; package: string }
  | { kind: 'module-missing'; module: string }
  /** A file of the user's is taken for a module of that name. */
  | { kind: 'module-shadowed'; module: string; file: string }
  /** A module is there and cannot be imported: old, broken, or made for another version. */
  | { kind: 'import-failed'; module: string | null; file: string | null }
  /** A binary library that is missing, or does not fit this system. */
  | { kind: 'library-failed'; library: string | null; module: string | null }
  | { kind: 'address-taken'; address: string | null }
  | { kind: 'address-not-bindable'; address: string | null }
  /** `certain`: the system itself counted a process that it ended for memory, or the kernel said so. */
  | { kind: 'out-of-memory'; certain: boolean }
  | { kind: 'disk-full'; path: string | null }
  | { kind: 'file-denied'; path: string | null }
  | { kind: 'limit-reached'; limit: 'open files' | 'processes' | 'size of arguments and environment' }
  /** None of the above. `status`: the name of an NTSTATUS, on Windows. */
  | { kind: 'process-exited'; code: number | null; signal: string | null; status: string | null }
  /** The system refused to start it, with this code. */
  | { kind: 'spawn-failed'; code: string };

/** What happened in a sentence without its full stop, and the next step. */
export interface Finding {
  diagnosis: string;
  fix: string | null;
}

export type Cause = CauseDetail & Finding;

export type CauseKind = CauseDetail['kind'];
