import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './blocks.js';

const words = (text: string) => [...text.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map(([, word]) => word!);

/**
 * Every kind of error that the packages define, as their sources spell it: what an error's constructor hands to its base or takes, its
 * declared kinds, tables of kinds, and the command's table of exit statuses. Also what is told of a kernel without being thrown: a row's
 * problem, and what an activation lacks.
 */
export function definedKinds(): string[] {
  const kinds = new Set<string>(['defect', 'code-error']);
  for (const name of ['core', 'server', 'cli']) {
    const source = join(root, 'packages', name, 'src');
    for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      if (/extends (KernelkitError|\w+Error) /.test(text)) {
        for (const [, kind] of text.matchAll(/super\(\s*'([a-z-]+)',/g)) kinds.add(kind!);
        const declared = /(?:declare readonly |constructor\(\s*)kind:((?:\s*\|?\s*'[a-z-]+')+)/g;
        for (const [, union] of text.matchAll(declared)) for (const kind of words(union!)) kinds.add(kind);
        const plain = text.replace(/\/\*[\s\S]*?\*\//g, '');
        for (const [, union] of plain.matchAll(/type \w+Kind =((?:\s*\|?\s*'[a-z-]+')+);/g))
          for (const kind of words(union!)) kinds.add(kind);
        for (const [, table] of text.matchAll(/const KINDS = \{([^}]+)\}/g))
          for (const kind of words(table!)) kinds.add(kind);
      }
    }
  }
  for (const folder of ['catalog', 'environments', 'entries', 'plan', 'activation', 'launch', 'start']) {
    for (const entry of readdirSync(join(root, 'packages/core/src', folder), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!entry.isFile() || entry.parentPath.endsWith('generated')) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      for (const [, kind] of text.matchAll(/(?:\bkind: |\bnote\()'([a-z-]+)',\s*(?:message\b|['"`])/g))
        kinds.add(kind!);
      for (const [, union] of text.matchAll(/interface \w+Problem \{\s*kind:((?:\s*\|?\s*'[a-z-]+')+)/g))
        for (const kind of words(union!)) kinds.add(kind);
    }
  }
  // a notice: docs/servers.md tells of it
  kinds.delete('option-unheeded');
  const statuses = readFileSync(join(root, 'packages/cli/src/status.ts'), 'utf8');
  for (const [, kind] of statuses.matchAll(/^\s*(?:\[)?'([a-z-]+)'(?:, ExitStatus|: true)/gm)) kinds.add(kind!);
  return [...kinds].sort();
}

/** The kinds that docs/troubleshooting.md tells of: the first cells of its tables, and those of the gateway's answers. */
export function toldKinds(): string[] {
  const text = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
  const firstCells = [...text.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell!);
  const answers = /Its clients get[\s\S]*?\n\n/.exec(text)?.[0] ?? '';
  const kinds = [...firstCells, answers].flatMap((part) => [...part.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)]);
  return [...new Set(kinds.map(([, kind]) => kind!))].sort();
}
