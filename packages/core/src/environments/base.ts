import { Prefix } from './prefix.js';
import type { PyvenvCfg } from './pyvenv-cfg.js';
import type { Look } from './where.js';

/** The Python that a virtual environment was made with. */
export interface BasePython {
  prefix: Prefix;
  /** Its interpreter, as the environment names it. */
  python: string | null;
}

/**
 * The base of a virtual environment: `base-prefix` where its tool wrote it, else the directory above `home` (on Windows
 * `home` itself). Null where the file says neither.
 */
export function baseOf(look: Look, cfg: PyvenvCfg): BasePython | null {
  const { where } = look;
  if (cfg.home === null && cfg.basePrefix === null) return null;
  const above = cfg.home !== null && /^(bin|scripts)$/i.test(where.path.basename(cfg.home));
  const path = cfg.basePrefix ?? (above ? where.path.dirname(cfg.home!) : cfg.home!);
  const python = cfg.keys.get('base-executable') ?? cfg.keys.get('executable') ?? null;
  return { prefix: new Prefix(look, path), python };
}

/** Whether the base is still there: an environment whose base is gone has a program that cannot start. */
export function isBaseThere(look: Look, cfg: PyvenvCfg): boolean {
  if (cfg.home === null) return true;
  return look.memory.once(look.files, `base-there ${cfg.home}`, () => look.files.stat(cfg.home!) !== null);
}
