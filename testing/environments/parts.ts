import { posix, win32 } from 'node:path';
import type { Target } from './target.js';

/** Where a layout goes, and the platform's way with paths. */
export interface Ground {
  target: Target;
  path: typeof posix;
  /** `~` */
  home: string;
}

export function groundOf(target: Target, home: string): Ground {
  return { target, path: target.platform === 'win32' ? win32 : posix, home };
}

export const isWindows = ({ target }: Ground): boolean => target.platform === 'win32';

export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** What looks like an interpreter to whoever reads its bytes: an ELF's first ones, where its library is, and its version. */
export function interpreterBytes(version: string): Buffer {
  const decoys = 'OpenSSL 3.0.2\0zlib 1.2.13\0SQLite\x003.45.1\0';
  return Buffer.from(`\x7fELF\0${decoys}lib/python${minorOf(version)}\0${version}\0${'\0'.repeat(64)}`, 'latin1');
}

/** The interpreter in a prefix, as the tools call it. */
export function interpreterOf(ground: Ground, prefix: string, isVirtual = false): string {
  if (!isWindows(ground)) return ground.path.join(prefix, 'bin', 'python');
  return ground.path.join(prefix, ...(isVirtual ? ['Scripts'] : []), 'python.exe');
}

export function siteOf(ground: Ground, prefix: string, library: string): string {
  return isWindows(ground)
    ? ground.path.join(prefix, 'Lib', 'site-packages')
    : ground.path.join(prefix, 'lib', library, 'site-packages');
}

export interface PythonOptions {
  /** patchlevel.h; Debian ships it in a package of its own. Default: true. */
  header?: boolean;
  /** The version in the program's bytes; null: none. Default: the version. */
  bytes?: string | null;
  /** `python3.13t`, `pypy3.10`. Default: `python` + minor version. */
  library?: string;
  /** Programs: the first is a file, the others are links to it. Default: python3.X, python3, python. */
  programs?: readonly string[];
}

/** A Python as `make install` (on Windows its installer) leaves it. */
export function python(ground: Ground, prefix: string, version: string, options: PythonOptions = {}): string {
  const { target, path } = ground;
  const minor = minorOf(version);
  const { header = true, bytes = version, library = `python${minor}` } = options;
  const data = bytes === null ? Buffer.from('\x7fELF\0\0\0\0', 'latin1') : interpreterBytes(bytes);
  const define = `#define PY_MAJOR_VERSION ${minor[0]}\n#define PY_VERSION      \t"${version}"\n`;
  if (isWindows(ground)) {
    target.file(path.join(prefix, 'python.exe'), data, 0o755);
    target.file(path.join(prefix, 'Lib', 'os.py'), '');
    target.dir(siteOf(ground, prefix, library));
    if (header) target.file(path.join(prefix, 'include', 'patchlevel.h'), define);
    return interpreterOf(ground, prefix);
  }
  const [first = '', ...links] = options.programs ?? [library, 'python3', 'python'];
  target.file(path.join(prefix, 'bin', first), data, 0o755);
  for (const link of links) target.link(path.join(prefix, 'bin', link), first);
  target.file(path.join(prefix, 'lib', library, 'os.py'), '');
  target.dir(siteOf(ground, prefix, library));
  if (header) target.file(path.join(prefix, 'include', library, 'patchlevel.h'), define);
  return path.join(prefix, 'bin', first);
}

export interface VenvOptions {
  /** The prefix of the Python that it is made with. */
  base: string;
  version: string;
  by?: 'venv' | 'virtualenv' | 'uv';
  prompt?: string;
  systemSitePackages?: boolean;
  /** Default: what the tool does. */
  pip?: boolean;
  library?: string;
}

/** A virtual environment as `python -m venv`, virtualenv 20 or `uv venv` makes it. */
export function venv(ground: Ground, prefix: string, options: VenvOptions): void {
  const { target, path } = ground;
  const { base, version, by = 'venv', prompt, systemSitePackages = false } = options;
  const { library = `python${minorOf(version)}`, pip = by !== 'uv' } = options;
  const home = isWindows(ground) ? base : path.join(base, 'bin');
  const program = isWindows(ground) ? path.join(base, 'python.exe') : path.join(home, library);
  const lines = [`home = ${home}`];
  if (by === 'venv') {
    lines.push(`include-system-site-packages = ${systemSitePackages}`, `version = ${version}`);
    if (prompt !== undefined) lines.push(`prompt = '${prompt}'`);
    lines.push(`executable = ${program}`, `command = ${program} -m venv ${prefix}`);
  } else {
    lines.push('implementation = CPython');
    if (by === 'uv') lines.push('uv = 0.9.5', `version_info = ${version}`);
    else lines.push(`version_info = ${version}.final.0`, 'virtualenv = 20.31.2');
    lines.push(`include-system-site-packages = ${systemSitePackages}`);
    if (by === 'virtualenv')
      lines.push(`base-prefix = ${base}`, `base-exec-prefix = ${base}`, `base-executable = ${program}`);
    if (prompt !== undefined) lines.push(`prompt = ${prompt}`);
  }
  target.file(path.join(prefix, 'pyvenv.cfg'), `${lines.join('\n')}\n`);
  const site = siteOf(ground, prefix, library);
  target.dir(site);
  if (pip) target.file(path.join(site, 'pip', '__init__.py'), '');
  if (isWindows(ground)) {
    target.file(path.join(prefix, 'Scripts', 'activate.bat'), '');
    target.file(interpreterOf(ground, prefix, true), interpreterBytes(version), 0o755);
    return;
  }
  target.file(path.join(prefix, 'bin', 'activate'), '# for bash\n');
  target.link(path.join(prefix, 'bin', 'python'), program);
  target.link(path.join(prefix, 'bin', 'python3'), 'python');
  target.link(path.join(prefix, 'bin', library), 'python');
}

export interface CondaOptions {
  /** Python's; null: the environment has none. */
  version: string | null;
  /** `name-version`, each with its record and, where Python is there, its metadata. */
  packages?: readonly string[];
  /** The first line of the history. Default: none is written. */
  command?: string;
}

/** An environment as conda, mamba or micromamba lays it out. */
export function conda(ground: Ground, prefix: string, { version, packages = [], command }: CondaOptions): void {
  const { target, path } = ground;
  const record = (name: string) => target.file(path.join(prefix, 'conda-meta', `${name}-h1234_0.json`), '{}');
  target.file(
    path.join(prefix, 'conda-meta', 'history'),
    `==> 2026-01-01 10:00:00 <==\n${command === undefined ? '' : `# cmd: ${command}\n`}+conda-forge/linux-64::xz-5.4.6-h1\n`,
  );
  if (version !== null) {
    python(ground, prefix, version, { header: false, bytes: null });
    record(`python-${version}`);
  }
  for (const name of packages) {
    record(name);
    if (version !== null) distribution(ground, siteOf(ground, prefix, `python${minorOf(version)}`), name);
  }
}

/** `ipykernel-6.29.5` as pip leaves it in a directory of packages. */
export function distribution(ground: Ground, site: string, name: string): void {
  const [, project = name, version = '1.0'] = /^(.+)-(\d.*)$/.exec(name) ?? [];
  const folder = `${project.replaceAll('-', '_')}-${version}.dist-info`;
  ground.target.file(
    ground.path.join(site, folder, 'METADATA'),
    `Metadata-Version: 2.1\nName: ${project}\nVersion: ${version}\n`,
  );
}

/** A kernelspec that an environment owns. */
export function kernelspec(ground: Ground, prefix: string, name: string, language: string): void {
  const file = ground.path.join(prefix, 'share', 'jupyter', 'kernels', name, 'kernel.json');
  const argv = [name === 'python3' ? 'python' : name, '-f', '{connection_file}'];
  ground.target.file(file, JSON.stringify({ argv, display_name: `${name} (${language})`, language }));
}
