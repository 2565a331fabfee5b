import type { Environment } from '../environments/index.js';
import { minorOf } from '../environments/index.js';
import { Changes } from './changes.js';
import { type Computed, NO_SCRIPTS } from './computed.js';
import type { Context } from './context.js';
import { prependToPath, startsPath } from './search-path.js';

/** Whether the environment is of the venv family, whatever made it (§4): it has a pyvenv.cfg, or an `activate` of virtualenv before 20. */
export function isVirtual(context: Context, { kind, prefix }: Environment): boolean {
  const { path, files } = context;
  const has = (...parts: string[]) => context.tolerant(false, () => files.stat(path.join(prefix, ...parts)) !== null);
  return has('pyvenv.cfg') || (kind === 'virtualenv' && has(binOf(context), 'activate'));
}

/**
 * §4, `. bin/activate`: VIRTUAL_ENV, its programs first on PATH, and its prompt as the script has it. The script is read and not run: what
 * its maker varies stands in it as text. PS1 is left alone, since a kernel has no prompt.
 */
export function virtualActivation(context: Context, environment: Environment): Computed {
  const { kind, prefix } = environment;
  const changes = new Changes(context);
  const detail = `${kind}: prefix`;
  const bin = context.path.join(prefix, binOf(context));
  const script = context.tolerant(null, () => context.files.text(context.path.join(bin, 'activate'), 256 * 1024));
  if (script !== null) putBack(context, script, changes, `${kind}: activate`);
  const before = changes.get('PATH');
  // sourced twice, the script takes away what it did the first time
  const isActive = context.read('VIRTUAL_ENV') === prefix && startsPath(context, [bin]);
  changes.set('VIRTUAL_ENV', prefix, detail);
  if (before !== undefined) changes.set('PATH', before ? `${bin}${context.path.delimiter}${before}` : bin, detail);
  else if (!isActive) prependToPath(context, changes, [bin], detail);

  const prompt =
    script === null ? promptByVersion(context, environment) : promptOf(context, script, context.path.basename(prefix));
  const isStale = prompt === null && /^\s*unset VIRTUAL_ENV_PROMPT$/m.test(script ?? '');
  if (prompt !== null || (isStale && context.read('VIRTUAL_ENV_PROMPT') !== undefined)) {
    changes.set('VIRTUAL_ENV_PROMPT', prompt, `${kind}: activate`);
  }
  if (script !== null) addLibraries(context, script, prefix, changes, `${kind}: activate`);
  addManagers(environment, changes);
  return {
    variables: changes.variables,
    sources: changes.sources,
    early: [],
    scripts: NO_SCRIPTS,
    hook: null,
    problem: null,
  };
}

function binOf({ isWindows }: Context): string {
  return isWindows ? 'Scripts' : 'bin';
}

/** What an `activate` keeps of the variables that it changes. bash keeps it to itself; fish exports it, to whatever it starts. */
const KEPT = [
  ['PATH', '_OLD_VIRTUAL_PATH'],
  ['PYTHONHOME', '_OLD_VIRTUAL_PYTHONHOME'],
  ['PKG_CONFIG_PATH', '_OLD_PKG_CONFIG_PATH'],
  ['TCL_LIBRARY', '_OLD_VIRTUAL_TCL_LIBRARY'],
  ['TK_LIBRARY', '_OLD_VIRTUAL_TK_LIBRARY'],
] as const;

/** The script first deactivates what is active, where what that kept can be seen. */
function putBack(context: Context, script: string, changes: Changes, detail: string): void {
  for (const [name, kept] of KEPT) {
    const value = context.read(kept);
    const at = script.search(new RegExp(`^\\s*unset ${kept}$`, 'm'));
    // only virtualenv tells an empty value from none: the variable was not set
    if (value === undefined || at === -1 || (value === '' && !script.includes(`\${${kept}+x}`))) continue;
    changes.set(kept, null, detail);
    // virtualenv since 21 does not believe a PATH that another shell kept; and PYTHONHOME goes anyway
    const isForgotten = at < script.indexOf('deactivate ()');
    if (!isForgotten && name !== 'PYTHONHOME') changes.set(name, value || null, detail);
  }
}

/** What venv of 3.10 to 3.12 does for a prompt alone, VIRTUAL_ENV_PROMPT with it. */
const PROMPT_ONLY = /^if \[ -z "\$\{VIRTUAL_ENV_DISABLE_PROMPT:?-\}" \] ; then\n[\s\S]*?^fi$/m;

/**
 * What VIRTUAL_ENV_PROMPT is set to: `(name) ` by venv of 3.10 to 3.12, the bare name by venv since 3.13, uv and virtualenv since 20.2x,
 * nothing by those before. Null: nothing. An empty prompt stands for the directory's name (uv, virtualenv).
 */
function promptOf(context: Context, script: string, directory: string): string | null {
  const isWanted = !context.read('VIRTUAL_ENV_DISABLE_PROMPT');
  const literal = assigned(isWanted ? script : script.replace(PROMPT_ONLY, ''), 'VIRTUAL_ENV_PROMPT');
  return literal === null ? null : literal || directory;
}

/** Where there is no script to read, as in an environment that was made without one. */
function promptByVersion(context: Context, { prefix, version }: Environment): string | null {
  const text = context.tolerant(null, () => context.files.text(context.path.join(prefix, 'pyvenv.cfg')));
  const value = /^prompt *= *(.*)$/im.exec(text ?? '')?.[1]?.trim();
  const name = value?.replace(/^(['"])(.*)\1$/, '$2') || context.path.basename(prefix);
  const minor = Number((minorOf(version) ?? '0.0').split('.')[1]);
  if (/^(?:uv|virtualenv) *=/im.test(text ?? '') || minor >= 13) return name;
  return minor >= 11 ? `(${name}) ` : null;
}

/** virtualenv since 20.2x also leads to the environment's own libraries, and to the Tcl of the Python that it was made with. */
function addLibraries(context: Context, script: string, prefix: string, changes: Changes, detail: string): void {
  if (/^\s*PKG_CONFIG_PATH="\$\{VIRTUAL_ENV\}\/lib\/pkgconfig/m.test(script)) {
    const own = context.path.join(prefix, 'lib', 'pkgconfig');
    const now = changes.has('PKG_CONFIG_PATH') ? changes.get('PKG_CONFIG_PATH') : context.read('PKG_CONFIG_PATH');
    if (now?.split(context.path.delimiter)[0] !== own) {
      changes.set('PKG_CONFIG_PATH', now ? `${own}${context.path.delimiter}${now}` : own, detail);
    }
  }
  for (const name of ['TCL_LIBRARY', 'TK_LIBRARY']) {
    const value = assigned(script, name);
    if (value) changes.set(name, value, detail);
  }
}

/** A part of a word of bash that stands for itself: in single quotes, in double ones, a character in none. */
const PART = `'[^'\\n]*'|"[^"$\`\\\\\\n]*"|[^\\s'"$\`\\\\;&|<>()~]`;

/**
 * The text that a script assigns to a variable, where it holds no expansion; null where there is none. Older makers put a name between
 * quotes as it is, so that a quote in it ends a part of the word.
 */
function assigned(script: string, name: string): string | null {
  const word = new RegExp(`^\\s*(?:export )?${name}=((?:${PART})+)\\s*$`, 'm').exec(script)?.[1];
  if (word === undefined) return null;
  return word.replace(new RegExp(PART, 'g'), (part) => (/^['"]/.test(part) ? part.slice(1, -1) : part));
}

/** What the managers' own `run` adds (seen with pipenv 2026, hatch 1.18; poetry 2.5 adds nothing). */
function addManagers({ kind, name, project }: Environment, changes: Changes): void {
  if (kind === 'pipenv') {
    changes.set('PIPENV_ACTIVE', '1', 'pipenv: run');
    if (project !== null) changes.set('PIPENV_PROJECT_DIR', project, 'pipenv: run');
  }
  // the default environment is called as its project, the others `project:environment`
  if (kind === 'hatch')
    changes.set('HATCH_ENV_ACTIVE', name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'default', 'hatch: run');
}
