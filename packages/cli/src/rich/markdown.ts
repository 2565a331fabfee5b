import { stripVTControlCharacters } from 'node:util';
import { Marked, type Token, type TokenizerExtension, type Tokens } from 'marked';
import type { Paint } from '../paint.js';
import { widthOf } from '../width.js';
import { latexText, mathText } from './latex.js';
import { textTable } from './text-table.js';

/** `$$` around math of its own, as notebooks have it. */
const blockMath: TokenizerExtension = {
  name: 'blockMath',
  level: 'block',
  start: (source) => source.match(/^ {0,3}\$\$/m)?.index,
  tokenizer(source) {
    const found = /^ {0,3}\$\$([^$]+)\$\$[ \t]*(?:\n|$)/.exec(source);
    return found === null ? undefined : { type: 'blockMath', raw: found[0], text: found[1]! };
  },
};

/** `$\alpha$` among text: not what has no sign of math in it, as two prices. */
const inlineMath: TokenizerExtension = {
  name: 'inlineMath',
  level: 'inline',
  start: (source) => source.match(/\$/)?.index,
  tokenizer(source) {
    const found = /^(\$\$?)(?!\s)((?:\\.|[^$\\\n])+)(?<!\s)\1(?![\d\w])/.exec(source);
    return found === null || !/[\\^_]/.test(found[2]!)
      ? undefined
      : { type: 'inlineMath', raw: found[0], text: found[2]! };
  },
};

const marked = new Marked({ extensions: [blockMath, inlineMath] });

/** Markdown as a terminal that takes colour shows it: headings bold, lists, tables aligned, code set off. */
export function markdownText(source: string, columns: number, paint: Paint): string {
  return blocks(marked.lexer(source), columns, paint).join('\n');
}

function blocks(tokens: readonly Token[], columns: number, paint: Paint): string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    const own = block(token, columns, paint);
    if (own.length === 0) continue;
    // one line apart, but for what stands close together in the source
    if (lines.length > 0 && token.type !== 'text') lines.push('');
    lines.push(...own);
  }
  return lines;
}

function block(token: Token, columns: number, paint: Paint): string[] {
  switch (token.type) {
    case 'space':
    case 'def':
      return [];
    case 'heading': {
      const { depth, tokens } = token as Tokens.Heading;
      const text = inline(tokens, paint);
      return [paint('bold', depth === 1 ? paint('underline', text) : text)];
    }
    case 'code':
      return (token as Tokens.Code).text.split('\n').map((line) => `    ${paint('cyan', line)}`);
    case 'blockMath':
      return latexText((token as Tokens.Generic & { text: string }).text)
        .split('\n')
        .map((line) => `    ${line.trim()}`)
        .filter((line) => line.trim() !== '');
    case 'blockquote':
      return blocks((token as Tokens.Blockquote).tokens, Math.max(20, columns - 2), paint).map(
        (line) => `${paint('dim', '│')} ${line}`,
      );
    case 'hr':
      return [paint('dim', '─'.repeat(Math.min(columns, 40)))];
    case 'list':
      return list(token as Tokens.List, columns, paint);
    case 'table': {
      const { header, rows, align } = token as Tokens.Table;
      const cells = [header, ...rows].map((row) => row.map(({ tokens }) => inline(tokens, paint)));
      const wide = (cell: string): number => widthOf(stripVTControlCharacters(cell));
      return textTable(cells, 1, align, wide, columns);
    }
    case 'html':
      return [paint('dim', (token as Tokens.HTML).text.trimEnd())];
    default: {
      const { tokens, text } = token as Tokens.Text;
      return broken(tokens === undefined ? text : inline(tokens, paint), columns);
    }
  }
}

function list({ ordered, start, items, loose }: Tokens.List, columns: number, paint: Paint): string[] {
  const lines: string[] = [];
  for (const [at, item] of items.entries()) {
    const box = item.task ? (item.checked ? '☑ ' : '☐ ') : '';
    const mark = ordered ? `${Number(start || 1) + at}. ` : item.task ? '' : '• ';
    const lead = `${mark}${box}`;
    const tokens = item.tokens.filter(({ type }) => type !== 'checkbox');
    const own = blocks(tokens, Math.max(20, columns - lead.length), paint);
    if (loose && lines.length > 0) lines.push('');
    lines.push(
      ...own
        .filter((line) => loose || line !== '')
        .map((line, row) => (row === 0 ? lead : ' '.repeat(lead.length)) + line),
    );
    if (own.length === 0) lines.push(lead.trimEnd());
  }
  return lines;
}

/** Lines that are broken between words; a word that is too long is the terminal's to break. */
function broken(text: string, columns: number): string[] {
  return text.split('\n').flatMap((whole) => {
    const lines: string[] = [];
    let used = Infinity;
    for (const word of whole.split(' ')) {
      const width = widthOf(stripVTControlCharacters(word));
      if (used + 1 + width > columns) {
        lines.push(word);
        used = width;
      } else {
        lines[lines.length - 1] += ` ${word}`;
        used += 1 + width;
      }
    }
    return lines;
  });
}

function inline(tokens: readonly Token[], paint: Paint): string {
  return tokens.map((token) => piece(token, paint)).join('');
}

function piece(token: Token, paint: Paint): string {
  switch (token.type) {
    case 'strong':
      return paint('bold', inline((token as Tokens.Strong).tokens, paint));
    case 'em':
      return paint('italic', inline((token as Tokens.Em).tokens, paint));
    case 'codespan':
      return paint('cyan', (token as Tokens.Codespan).text);
    case 'br':
      return '\n';
    case 'link': {
      const { tokens, href } = token as Tokens.Link;
      const text = inline(tokens, paint);
      const shown = paint('underline', text);
      return stripVTControlCharacters(text) === href ? shown : `${shown} (${href})`;
    }
    case 'image':
      return paint('dim', `[image: ${(token as Tokens.Image).text || (token as Tokens.Image).href}]`);
    case 'text': {
      const { tokens, text } = token as Tokens.Text;
      // a line's end in the source is none of the paragraph's
      return tokens === undefined ? withoutReferences(text).replaceAll('\n', ' ') : inline(tokens, paint);
    }
    case 'inlineMath':
      return mathText((token as Tokens.Generic & { text: string }).text);
    default:
      return 'text' in token && typeof token.text === 'string' ? token.text : token.raw;
  }
}

const references: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&#39;': "'", '&nbsp;': ' ' },
};

/** The references of HTML that people write in Markdown. */
function withoutReferences(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos|#39|nbsp);/g, (reference) => references[reference] ?? reference);
}
