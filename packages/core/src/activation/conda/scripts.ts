import type { Context } from '../context.js';

/**
 * R9: the scripts of `etc/conda/activate.d` or `deactivate.d`, by suffix, those that begin with a dot too, in the order of code points
 * (`B.sh` before `a.sh`); those that deactivate backwards. On Windows a package often has only one of the two kinds.
 */
export function scriptsOf(context: Context, prefix: string, which: 'activate' | 'deactivate'): string[] {
  const { path, isWindows } = context;
  const dir = path.join(prefix, 'etc', 'conda', `${which}.d`);
  const wanted = isWindows ? /\.(?:bat|ps1)$/i : /\.sh$/;
  const scripts = context
    .names(dir)
    .filter((name) => wanted.test(name))
    .map((name) => path.join(dir, name));
  if (which === 'deactivate') scripts.reverse();
  // what is in them is what the result depends on
  for (const script of scripts) context.tolerant(null, () => context.files.stat(script));
  return scripts;
}
