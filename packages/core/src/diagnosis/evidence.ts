import type { Probe } from './probe.js';

/** What is known when a kernel did not start, or ended. */
export interface Evidence {
  platform: NodeJS.Platform;
  /** The command line as it was run. */
  argv: readonly string[];
  cwd: string;
  /** The environment that it was started with. */
  environment: Readonly<Record<string, string>>;
  /** The environment that the kernel belongs to; null: none. */
  prefix: string | null;
  /** The command that installs ipykernel in that environment, as its manager wants it. */
  install: string | null;
  /** Why the system did not start it at all. */
  spawn: { code: string } | null;
  /** How it ended. */
  exit: { code: number | null; signal: string | null } | null;
  /** The last that it wrote. */
  stderr: string;
  stdout: string;
  /** How many processes the system ended for memory between its start and its end. */
  oomKills: number;
  /** A look at the disk. */
  probe: Probe;
}

/** A rule: what it makes of the evidence, or null where it does not apply. */
export type Rule = (evidence: Evidence) => import('./cause.js').Cause | null;

/** What the kernel said, wherever. */
export function said({ stderr, stdout }: Evidence): string {
  return stdout === '' ? stderr : `${stderr}\n${stdout}`;
}

/** The last line that says something: the end of a traceback, most often the reason. */
export function lastWords(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '') ?? '';
}
