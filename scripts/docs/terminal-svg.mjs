const COLOURS = ['#6e7681', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#76e3ea', '#c9d1d9'];
const WIDTH = 8.4;
const HEIGHT = 19;

const escaped = (/** @type {string} */ text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * What a terminal was sent, as a picture: lines of text with SGR's bold, dim and the eight colours; other escape sequences are left out.
 * @param {string} title the line that was typed
 * @param {string} output
 * @param {number} columns
 */
export function terminalSvg(title, output, columns) {
  const lines = [title, ...output.replaceAll('\r', '').trimEnd().split('\n')];
  const rows = lines.map((line, at) => `<text x="14" y="${26 + at * HEIGHT}">${spans(line)}</text>`);
  const size = `${Math.ceil(columns * WIDTH + 28)} ${lines.length * HEIGHT + 26}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${size}" role="img" aria-label="${escaped(title)}">
<style>text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #c9d1d9; white-space: pre; }</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`;
}

/** @param {string} line */
function spans(line) {
  const style = { bold: false, dim: false, colour: '' };
  let column = 0;
  // every piece at its column, whatever the font's width for what came before
  return [...line.matchAll(/\x1b\[([\d;]*)m|\x1b\[[\d;?]*[A-Za-z]|([^\x1b]+)/g)]
    .map(([, codes, text]) => {
      for (const code of codes === undefined ? [] : codes.split(';').map(Number)) apply(style, code);
      if (text === undefined) return '';
      const x = 14 + column * WIDTH;
      column += [...text].length;
      if (text.trim() === '') return '';
      const bold = style.bold ? ' font-weight="bold"' : '';
      const dim = style.dim ? ' opacity="0.6"' : '';
      const fill = style.colour === '' ? '' : ` fill="${style.colour}"`;
      const length = ` textLength="${([...text].length * WIDTH).toFixed(1)}"`;
      return `<tspan x="${x.toFixed(1)}"${length}${bold}${dim}${fill}>${escaped(text)}</tspan>`;
    })
    .join('');
}

/** @param {{ bold: boolean, dim: boolean, colour: string }} style @param {number} code */
function apply(style, code) {
  if (code === 0) Object.assign(style, { bold: false, dim: false, colour: '' });
  else if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 22) Object.assign(style, { bold: false, dim: false });
  else if (code === 39) style.colour = '';
  else if (code >= 30 && code <= 37) style.colour = COLOURS[code - 30] ?? '';
  else if (code >= 90 && code <= 97) style.colour = COLOURS[code - 90] ?? '';
}
