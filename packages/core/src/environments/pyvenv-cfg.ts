import type { Files } from '../files/index.js';

/** pyvenv.cfg: what makes a directory a virtual environment (PEP 405; CPython, Modules/getpath.py; virtualenv; uv). */
export interface PyvenvCfg {
  /** The directory that the base's interpreter lies in. */
  home: string | null;
  /** virtualenv and uv say the base's prefix themselves. */
  basePrefix: string | null;
  /** `3.11.2`, as it was when the environment was made. */
  version: string | null;
  systemSitePackages: boolean;
  prompt: string | null;
  /** Which tool wrote it. */
  by: 'venv' | 'virtualenv' | 'uv';
  /** The project that a tool noted in it (uv, pdm and others do not). */
  keys: ReadonlyMap<string, string>;
}

/**
 * Parses it as CPython does: `key = value` lines, keys without case, what has no `=` is passed over. A damaged file
 * gives what can be read of it.
 */
export function parsePyvenvCfg(text: string): PyvenvCfg {
  const keys = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const at = line.indexOf('=');
    if (at < 1) continue;
    const key = line.slice(0, at).trim().toLowerCase();
    if (/^[\w-]+$/.test(key) && !keys.has(key)) keys.set(key, line.slice(at + 1).trim());
  }
  const prompt = keys.get('prompt');
  return {
    home: keys.get('home') || null,
    basePrefix: keys.get('base-prefix') || null,
    version: plainVersion(keys.get('version') ?? keys.get('version_info') ?? ''),
    systemSitePackages: keys.get('include-system-site-packages')?.toLowerCase() === 'true',
    prompt: prompt === undefined ? null : unquoted(prompt) || null,
    by: keys.has('uv') ? 'uv' : keys.has('virtualenv') ? 'virtualenv' : 'venv',
    keys,
  };
}

/** Null where there is none. @throws FileFaultError where it cannot be read */
export function readPyvenvCfg(files: Files, file: string): PyvenvCfg | null {
  const text = files.text(file, 64 * 1024);
  return text === null ? null : parsePyvenvCfg(text);
}

/** `3.11.2.final.0` and `3.14.0.candidate.1` as people write them; null for what is no version. */
export function plainVersion(text: string): string | null {
  const match = /^\D*(\d+\.\d+(?:\.\d+)?)(?:\.?(alpha|beta|candidate|final|a|b|rc)\.?(\d+))?/.exec(text);
  if (match === null) return null;
  const [, version, level = 'final', serial = '0'] = match;
  if (level === 'final') return version!;
  return `${version}${level.startsWith('a') ? 'a' : level.startsWith('b') ? 'b' : 'rc'}${serial}`;
}

/** venv writes the prompt as Python's repr, and the activation scripts put parentheses around it. */
function unquoted(prompt: string): string {
  const text = /^(['"])(.*)\1$/.exec(prompt)?.[2] ?? prompt;
  return (/^\((.*)\)$/.exec(text.trim())?.[1] ?? text).trim();
}
