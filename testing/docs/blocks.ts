import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a page shows as code: a fenced block, or indented lines (those are a terminal's). */
export interface Block {
  /** Of the repository, with slashes. */
  readonly file: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  /** What the fence says; `sh` for indented lines. */
  readonly language: string;
  readonly code: string;
  /** Why it is not run: `<!-- docs: not run: REASON -->` before it. */
  readonly notRun: string | null;
  /** What it needs: `<!-- docs: with server -->` before it. */
  readonly with: readonly string[];
  /** Lines that a reader can do without: `<!-- docs: before` … `-->` before it. */
  readonly before: string;
  /** What the page says that it prints: a `text` block after it, with `<!-- docs: printed -->` before. Null: it says nothing. */
  readonly printed: string | null;
}

const DIRECTIVE = /^<!-- docs: ([\s\S]*?) ?-->$/;

/** The code of a page, in its order. */
export function blocksOf(text: string, file: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let said: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('<!-- docs:')) {
      const end = lines.findIndex((one, index) => index >= at && one.endsWith('-->'));
      said.push(lines.slice(at, end + 1).join('\n'));
      at = end;
    } else if (line === '```text') {
      const end = lines.indexOf('```', at + 1);
      const last = blocks.pop();
      // else it is a picture
      const printed = said.includes('<!-- docs: printed -->') ? lines.slice(at + 1, end).join('\n') : null;
      if (last !== undefined) blocks.push(printed === null ? last : { ...last, printed });
      said = [];
      at = end;
    } else if (line.startsWith('```')) {
      const end = lines.indexOf('```', at + 1);
      blocks.push(block(file, at + 2, line.slice(3).trim(), lines.slice(at + 1, end), said));
      said = [];
      at = end;
    } else if (line.startsWith('    ') && (at === 0 || lines[at - 1] === '')) {
      let end = at;
      while (lines[end]?.startsWith('    ')) end += 1;
      blocks.push(
        block(
          file,
          at + 1,
          'sh',
          lines.slice(at, end).map((one) => one.slice(4)),
          said,
        ),
      );
      said = [];
      at = end - 1;
    } else if (line !== '') said = [];
  }
  return blocks;
}

function block(file: string, line: number, language: string, code: readonly string[], said: readonly string[]): Block {
  let notRun: string | null = null;
  let needs: string[] = [];
  let before = '';
  for (const text of said) {
    const what = DIRECTIVE.exec(text)?.[1] ?? '';
    if (what.startsWith('not run: ')) notRun = what.slice('not run: '.length);
    else if (what.startsWith('with ')) needs = what.slice('with '.length).split(/, */);
    else if (what.startsWith('before\n')) before = what.slice('before\n'.length);
    else throw new Error(`${file}:${line}: what is this directive? ${text}`);
  }
  return { file, line, language, code: code.join('\n'), notRun, with: needs, before, printed: null };
}

/** The pages that users read. */
export function pages(): string[] {
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'README.md'));
  const docs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name));
  const examples = join(root, 'examples/README.md');
  return [join(root, 'README.md'), ...docs.sort(), ...packages.sort(), examples].map((path) => relative(root, path));
}

export function allBlocks(): Block[] {
  return pages().flatMap((file) => blocksOf(readFileSync(join(root, file), 'utf8'), file));
}
