/** A line of a traceback: where, and the code that ran there. */
export interface Frame {
  file: string;
  code: string;
}

export interface Traceback {
  /** The outermost first. */
  frames: Frame[];
  /** `ModuleNotFoundError` */
  type: string;
  message: string;
}

/** The last traceback in a text: of several that hang together the one that ended the program. Null where there is none. */
export function lastTraceback(text: string): Traceback | null {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const end = lines.findLastIndex((line) => ERROR.test(line));
  if (end === -1) return null;
  const [, type = '', first = ''] = ERROR.exec(lines[end]!)!;
  let begin = end - 1;
  while (begin >= 0 && /^(\s|Traceback|$)/.test(lines[begin]!) && !/^Traceback/.test(lines[begin]!)) begin--;
  const frames: Frame[] = [];
  for (let at = Math.max(0, begin); at < end; at++) {
    const file = /^\s+File "(.*?)", line \d+/.exec(lines[at]!)?.[1];
    if (file !== undefined) frames.push({ file, code: (lines[at + 1] ?? '').trim() });
  }
  // one that names no place is no traceback: anybody may print "Error: …"
  if (frames.length === 0) return null;
  const rest: string[] = [];
  for (let at = end + 1; at < lines.length && lines[at]!.trim() !== ''; at++) rest.push(lines[at]!);
  return { frames, type, message: [first, ...rest].join('\n') };
}

/** `package.module.SomeError: what it says`; the name begins in the first column. */
const ERROR = /^((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Warning))(?:: ?(.*))?$/;
