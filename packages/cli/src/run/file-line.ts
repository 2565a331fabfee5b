import { type ArrayNode, type DocumentNode, type ObjectNode, parse } from '@humanwhocodes/momoa';

/**
 * The line of an .ipynb file, from 1, that holds a line of a cell's source: what a link to the file can point at.
 * @param index of the cell, from 0
 * @param line of its source, from 1
 * @returns null where the file is not as expected
 */
export function lineInFile(text: string, index: number, line: number): number | null {
  let document: DocumentNode;
  try {
    document = parse(text.replace(/^\ufeff/, ''), { mode: 'json' });
  } catch {
    return null;
  }
  const cells = member(document.body, 'cells') ?? worksheet(document.body);
  const cell = cells?.type === 'Array' ? element(cells, index) : null;
  if (cell === null) return null;
  const source = member(cell, 'source') ?? member(cell, 'input');
  const at = source?.type === 'Array' ? pieceWith(source, line) : source;
  return (at ?? cell).loc.start.line;
}

type Value = DocumentNode['body'];

function member(node: Value | null, name: string): Value | null {
  if (node?.type !== 'Object') return null;
  const found = (node as ObjectNode).members.find(
    ({ name: key }) => (key.type === 'String' ? key.value : key.name) === name,
  );
  return found?.value ?? null;
}

function element(node: ArrayNode, index: number): Value | null {
  return node.elements[index]?.value ?? null;
}

/** Most programs make a piece of each line; nothing says that they have to. */
function pieceWith(pieces: ArrayNode, line: number): Value | null {
  let ended = 0;
  for (const { value } of pieces.elements) {
    ended += value.type === 'String' ? value.value.split('\n').length - 1 : 0;
    const hasMore = value.type === 'String' && !value.value.endsWith('\n');
    if (line <= ended + (hasMore ? 1 : 0)) return value;
  }
  return null;
}

/** The cells of format 3. */
function worksheet(root: Value): Value | null {
  const sheets = member(root, 'worksheets');
  return sheets?.type === 'Array' ? member(element(sheets, 0), 'cells') : null;
}
