const codes = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Paint = (style: keyof typeof codes, text: string) => string;

/** Colours text, or leaves it as it is. */
export function painter(colour: boolean): Paint {
  if (!colour) return (_style, text) => text;
  return (style, text) => `\x1b[${codes[style][0]}m${text}\x1b[${codes[style][1]}m`;
}

/**
 * Whether a stream takes colour: it is a terminal, and neither --no-color nor NO_COLOR (https://no-color.org: set, and not
 * empty) nor a dumb terminal says otherwise.
 */
export function takesColour(
  isTerminal: boolean,
  wanted: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTerminal && wanted && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
