import type { CatalogEntry } from '@kernelkit/core';

/** What would make a kernel of something. */
export interface Remedy {
  /** The commands, one after the other, as they are typed. */
  commands: string[];
  /** What a person should know before agreeing to it. */
  notes: string[];
  /** The directory that the first command makes: not left behind half made. Null: it makes none. */
  makes: string | null;
  /** Whether an entry is what was to come of it. */
  gives: (entry: CatalogEntry) => boolean;
}

/** A kernel that is there already, or what would get one. */
export type Plan = { kind: 'there'; entry: CatalogEntry } | { kind: 'remedy'; remedy: Remedy };

/** The commands as one line to type. PowerShell has no `&&` before version 7. */
export function asLine({ commands }: Pick<Remedy, 'commands'>): string {
  return commands.join(process.platform === 'win32' ? '; ' : ' && ');
}
