import { oneLine, shortened, widthOf } from '../width.js';

/** What could stand at the cursor. */
export interface Candidate {
  text: string;
  /** `function`, `module`, …, as the kernel says; empty: it does not. */
  type: string;
}

/** Candidates, of which one is chosen; -1: none yet. */
export interface Menu {
  candidates: readonly Candidate[];
  chosen: number;
}

const MAX_WIDTH = 60;

/** The rows of a menu: a window on the candidates, what each is, and how many there are. */
export function menuRows(
  { candidates, chosen }: Menu,
  { columns, height, colour }: { columns: number; height: number; colour: boolean },
): string[] {
  const room = Math.max(1, Math.min(candidates.length, height - 1));
  const at = Math.max(0, chosen);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), candidates.length - room));
  const window = candidates
    .slice(top, top + room)
    .map(({ text, type }) => ({ text: oneLine(text), type: oneLine(type) }));
  const typeWidth = Math.max(0, ...window.map(({ type }) => widthOf(type)));
  const width = Math.min(
    Math.max(...window.map(({ text }) => widthOf(text))),
    Math.max(8, Math.min(MAX_WIDTH, columns - typeWidth - 6)),
  );
  const rows = window.map(({ text, type }, index) => {
    const isChosen = top + index === chosen;
    const name = shortened(text, width);
    const filled = ` ${name}${' '.repeat(width - widthOf(name))} `;
    const kind = type === '' ? '' : ` ${type}`;
    if (!colour) return shortened(`${isChosen ? '>' : ' '}${filled}${kind}`, columns - 1);
    return isChosen ? `\x1b[7m${filled}\x1b[27m${dim(kind)}` : `${filled}${dim(kind)}`;
  });
  if (candidates.length > room)
    rows.push(colour ? dim(counted(at, candidates.length)) : counted(at, candidates.length));
  return rows;
}

function counted(at: number, all: number): string {
  return ` ${at + 1} of ${all}`;
}

function dim(text: string): string {
  return text === '' ? '' : `\x1b[2m${text}\x1b[22m`;
}

/** What all candidates begin with. */
export function commonStart(candidates: readonly Candidate[]): string {
  const [first, ...others] = candidates.map(({ text }) => text);
  let common = first ?? '';
  for (const other of others) {
    let length = 0;
    while (length < common.length && common[length] === other[length]) length += 1;
    common = common.slice(0, length);
  }
  // no half of a surrogate pair
  return common.replace(/[\ud800-\udbff]$/, '');
}
