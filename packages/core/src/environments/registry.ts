import { execFile } from 'node:child_process';
import { parseRegistry, REGISTRY_KEYS } from './locators/windows.js';
import type { Candidate } from './types.js';
import type { Where } from './where.js';

/**
 * The Pythons of the Windows registry, asked of the system's own `reg.exe`: the one place that is no file.
 * Never run on Windows.
 */
export async function windowsRegistryCandidates(where: Where, signal: AbortSignal | undefined): Promise<Candidate[]> {
  const system = where.read('SystemRoot') ?? 'C:\\Windows';
  const reg = where.path.join(system, 'System32', 'reg.exe');
  const answers = await Promise.all(
    REGISTRY_KEYS.map((key) => {
      return new Promise<string>((resolve) => {
        execFile(
          reg,
          ['query', key, '/s'],
          { timeout: 3000, windowsHide: true, ...(signal && { signal }) },
          (error, stdout) =>
            // a key that is not there is an error of reg.exe, and none of ours
            resolve(error === null ? stdout : ''),
        );
      });
    }),
  );
  return REGISTRY_KEYS.flatMap((key, at) => parseRegistry(where, key, answers[at]!));
}
