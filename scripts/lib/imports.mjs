/**
 * @typedef {object} Import
 * @property {string} specifier
 * @property {boolean} typeOnly `import type` and `export type`; a type inside a list of values does not make it one
 * @property {number} line from 1
 */

// Between the keyword and `from` stand names, commas, braces and white space only; comments are gone by then.
const STATEMENT =
  /(?:^|[;}])[ \t]*(?:import|export)\b(\s+type\b(?!\s*(?:,|from\s*['"]|=)))?(?:[\w$*{},\s]*?\bfrom)?\s*(['"])([^'"\n]+)\2/gm;
const CALL = /\bimport\s*\(\s*(['"`])([^'"`\n]+)\1/g;

/**
 * What a TypeScript source imports: import and export … from statements, dynamic imports and `import('…')` in types.
 *
 * @param {string} source
 * @returns {Import[]} in the order of the lines
 */
export function importsOf(source) {
  const code = withoutComments(source);
  const lineAt = (/** @type {number} */ index) => code.slice(0, index).split('\n').length;
  /** @type {Import[]} */
  const found = [];
  for (const match of code.matchAll(STATEMENT)) {
    const end = match.index + match[0].length;
    found.push({ specifier: match[3] ?? '', typeOnly: match[1] !== undefined, line: lineAt(end) });
  }
  for (const match of code.matchAll(CALL)) {
    found.push({ specifier: match[2] ?? '', typeOnly: false, line: lineAt(match.index) });
  }
  return found.sort((a, b) => a.line - b.line);
}

// One alternative for each thing that a comment sign or a quote may hide in. A regular expression is known by what
// stands before it, where no division can stand.
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=(?:^|[=(,:[!&|?{};+]|\breturn|=>)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//gm;

/**
 * The source with its comments and the inside of its templates blanked out, every line where it was.
 *
 * @param {string} source
 */
function withoutComments(source) {
  return source.replace(TOKEN, (token, offset) => {
    const comment = token.startsWith('//') || token.startsWith('/*');
    // a template is kept where it may be the one argument of a dynamic import
    const template = token.startsWith('`') && !/import\s*\(\s*$/.test(source.slice(Math.max(0, offset - 40), offset));
    const pattern = token.startsWith('/') && !comment;
    return comment || template || pattern ? token.replace(/[^\n]/g, ' ') : token;
  });
}
