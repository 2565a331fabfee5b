/** How a terminal takes images: kitty's graphics protocol, or iTerm2's inline images. */
export type ImageProtocol = 'kitty' | 'iterm';

/** Bytes of base64 in one escape sequence of kitty's protocol, at most. */
const KITTY_CHUNK = 4096;

/** The protocol of this terminal, as far as its environment tells; null: none, or no terminal. */
export function imageProtocol(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): ImageProtocol | null {
  // Multiplexers name the terminal around them and pass its images on to nobody.
  if (!isTerminal || env.TMUX !== undefined || env.STY !== undefined) return null;
  if (env.KITTY_WINDOW_ID !== undefined || env.TERM === 'xterm-kitty' || env.TERM === 'xterm-ghostty') return 'kitty';
  if (env.TERM_PROGRAM === 'iTerm.app' || env.TERM_PROGRAM === 'WezTerm') return 'iterm';
  return null;
}

/** The escape sequences that show a PNG. @param base64 as it stands in a MIME bundle; line breaks are allowed */
export function imageSequence(protocol: ImageProtocol, base64: string): string {
  const data = base64.replace(/\s/g, '');
  if (protocol === 'iterm') return `\x1b]1337;File=inline=1;preserveAspectRatio=1:${data}\x07`;
  let sequence = '';
  for (let at = 0; at === 0 || at < data.length; at += KITTY_CHUNK) {
    const more = at + KITTY_CHUNK < data.length ? 1 : 0;
    const control = at === 0 ? `a=T,f=100,m=${more}` : `m=${more}`;
    sequence += `\x1b_G${control};${data.slice(at, at + KITTY_CHUNK)}\x1b\\`;
  }
  return sequence;
}
