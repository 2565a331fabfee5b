import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A kernelspec that a server of ours has to itself. */
export interface LocalSpec {
  /** What it is started by: letters, digits, `-`, `.` and `_`. */
  name: string;
  displayName: string;
  language: string;
  /** With `{connection_file}`; the program as an absolute path. */
  argv: readonly string[];
  /** Set for its kernels, over what the server itself has; no part of a value is filled in. */
  env: Readonly<Record<string, string>>;
  /** Variables that its kernels must not have. No kernel of the same server has them then. */
  unset?: readonly string[];
  interruptMode: 'signal' | 'message';
}

/** Writes kernelspecs below a data directory; for this user alone, since variables may be secrets. */
export async function writeSpecs(data: string, specs: readonly LocalSpec[]): Promise<void> {
  for (const { name, displayName, language, argv, env, interruptMode } of specs) {
    // jupyter_client takes a kernelspec called python for the native one (manager.py, _kernel_name_changed)
    if (!/^[\w.-]+$/.test(name) || name === 'python')
      throw new TypeError(`${JSON.stringify(name)} cannot be the name of a kernelspec`);
    const dir = join(data, 'kernels', name);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const spec = {
      argv,
      display_name: displayName,
      language,
      interrupt_mode: interruptMode,
      env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, literal(value)])),
    };
    await writeFile(join(dir, 'kernel.json'), JSON.stringify(spec, null, 2), { mode: 0o600 });
  }
}

/** Jupyter fills `$NAME` in a kernelspec's variables (Python's string.Template). */
function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}
