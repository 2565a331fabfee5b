import type { KernelSpec } from '@kernelkit/protocol';

/** What is wrong with a kernel.json. */
export type KernelSpecFault =
  | 'missing'
  | 'unreadable'
  | 'not-a-file'
  | 'dangling-link'
  | 'too-large'
  | 'empty'
  | 'byte-order-mark'
  | 'not-utf8'
  | 'not-json'
  | 'wrong-type';

/** What was read of a root as JSON: for the cache, and for roots that are read in a process of their own. */
export interface WireRoot {
  found: number;
  error: { code: string } | null;
  ms: number;
  read: { name: string; resourceDir: string; specFile: string; result: WireSpec }[];
}

export type WireSpec =
  | { spec: KernelSpec; warnings: string[]; realFile: string }
  | { fault: KernelSpecFault; detail: string; realFile: string; takesName: boolean };
