import { fileURLToPath } from 'node:url';
import { peerPython } from '../support/index.js';

const script = fileURLToPath(new URL('../faulty-kernel.py', import.meta.url));

/**
 * The command line of the faulty kernel, with what shall go wrong at its start (testing/faulty-kernel.py says what can).
 * `env` only executes the rest: an interpreter in the first place would be taken for an environment to be activated.
 */
export function faultyArgv(start: Record<string, unknown> = {}): string[] {
  return ['/usr/bin/env', peerPython(), script, '{connection_file}', JSON.stringify(start)];
}
