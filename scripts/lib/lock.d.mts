export interface LockEntry {
  version?: string;
  cpu?: string[];
  os?: string[];
  libc?: string[];
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}
export interface Lock {
  packages: Record<string, LockEntry>;
}
export declare function missingOptionals(lock: Lock): { name: string; version: string; dev: boolean }[];
export declare function completeLock(lock: Lock): string[];
