/** What a path leads to, links followed. */
export interface FileInfo {
  type: 'file' | 'directory' | 'other';
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970, with a fraction. */
  mtimeMs: number;
  ino: number;
  /** Permission bits. On Windows they say little. */
  mode: number;
  /** The owner; 0 on Windows. */
  uid: number;
}

/** A directory's entry as the directory itself has it: what a link leads to is not looked at. */
export type EntryType = 'file' | 'directory' | 'link' | 'other';

/**
 * A file system as discovery sees it: synchronous, since thousands of small look-ups cost several times as much through
 * promises, and read-only. What is not there is null, and every other failure is thrown as a FileFaultError, so that
 * it cannot be mistaken for "nothing found". Only regular files are opened: a FIFO named pyvenv.cfg must not hang anybody.
 */
export interface Files {
  readonly platform: NodeJS.Platform;
  /** Null: it is not there (or is a link to nothing). @throws FileFaultError */
  stat(path: string): FileInfo | null;
  /** Whether this user may start it: a regular file with the right to execute it, which says nothing on Windows. @throws RemotePlaceError */
  executable(file: string): boolean;
  /** The names in a directory, in the order of the disk; null when it is not there. @throws FileFaultError */
  names(dir: string): readonly string[] | null;
  /** The same with each entry's type. @throws FileFaultError */
  list(dir: string): ReadonlyMap<string, EntryType> | null;
  /** The whole of a regular file as bytes; null when it is not there. @throws FileFaultError also when it is larger than `limit` bytes */
  bytes(file: string, limit?: number): Buffer | null;
  /** The same as UTF-8 text, without a byte order mark. @throws FileFaultError */
  text(file: string, limit?: number): string | null;
  /** Where a link leads, as it is written; null when it is no link, or not there. @throws FileFaultError */
  readLink(path: string): string | null;
  /** The path with every link resolved; the path itself where that cannot be done, or may not be tried from here. */
  real(path: string): string;
  /** Runs `work` and tells which paths its result stands on. Calls may be nested: the outer one gets the inner one's paths, too. */
  record<T>(work: () => T): { value: T; trail: Trail };
  /** Adds paths to the recording under way: for a result that was remembered instead of worked out again. */
  note(trail: Trail): void;
}

/** Path → what was found there ({@link fingerprint}). A result is good as long as every one of them is unchanged. */
export type Trail = ReadonlyMap<string, string>;

/** A file's identity and state in a few characters; `-` when there is none. */
export function fingerprint(info: FileInfo | null): string {
  return info === null ? '-' : `${info.type[0]}${info.ino}.${info.size}.${info.mtimeMs}`;
}
