import type { ImageProtocol } from './choose.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** What the environment tells of a terminal; `ask`: it does not tell, and the terminal itself may know. */
export type ToldByEnvironment = ImageProtocol | 'none' | 'ask';

/** What can be said with `--images` and KERNELKIT_IMAGES. */
export const IMAGE_CHOICES = ['auto', 'kitty', 'iterm2', 'sixel', 'none'] as const;
export type ImageChoice = (typeof IMAGE_CHOICES)[number];

/** By TERM: the terminal that is looked at sets it, also for what runs on another machine. */
const byTerm: readonly (readonly [RegExp, ToldByEnvironment])[] = [
  [/^(dumb|linux|unknown)$/, 'none'],
  [/^xterm-(kitty|ghostty)$/, 'kitty'],
  [/^wezterm$/, 'iterm2'],
];

/** By TERM_PROGRAM; names that are not here are asked. */
const byProgram: Readonly<Record<string, ToldByEnvironment>> = {
  ghostty: 'kitty',
  'iTerm.app': 'iterm2',
  WezTerm: 'iterm2',
  mintty: 'iterm2',
  Apple_Terminal: 'none',
};

/**
 * How a terminal takes images, as far as its environment tells. What the innermost program sets comes first: a terminal hands the
 * variables of the one that it was started from on to what runs in it.
 */
export function imagesByEnvironment(env: Variables): ToldByEnvironment {
  // Multiplexers name the terminal around them, and pass on nothing but what they know: tmux says by itself whether it takes sixel.
  if (env.TMUX !== undefined || env.ZELLIJ !== undefined) return 'ask';
  if (env.STY !== undefined) return 'none';
  const term = env.TERM ?? '';
  if (/^(tmux|screen)\b/.test(term)) return 'ask';
  for (const [pattern, told] of byTerm) if (pattern.test(term)) return told;
  const program = env.TERM_PROGRAM ?? '';
  if (Object.hasOwn(byProgram, program)) return byProgram[program]!;
  // VS Code, for one, which may have been started from kitty
  if (program !== '') return 'ask';
  if (env.KITTY_WINDOW_ID !== undefined) return 'kitty';
  if (env.WEZTERM_PANE !== undefined || env.WEZTERM_EXECUTABLE !== undefined) return 'iterm2';
  if (env.LC_TERMINAL === 'iTerm2') return 'iterm2';
  // 22.04 is the first Konsole with kitty's protocol
  if (Number(env.KONSOLE_VERSION ?? 0) >= 220_400) return 'kitty';
  // VTE's (VTE_VERSION), Windows Terminal (WT_SESSION), foot, mlterm, xterm: some builds and versions take sixel, and say so when asked
  return term === '' && env.WT_SESSION === undefined ? 'none' : 'ask';
}

/** What `--images` or else KERNELKIT_IMAGES say; a name that is none counts as not said. */
export function chosenImages(flag: ImageChoice | null, env: Variables): ImageChoice {
  if (flag !== null) return flag;
  const value = env.KERNELKIT_IMAGES ?? '';
  return IMAGE_CHOICES.find((choice) => choice === value) ?? 'auto';
}
