import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { Display, type DisplayOptions } from '../src/display.js';

/** A state directory of its own for each test of the file, which goes after it. @returns the folder that it is in, of the moment */
export function ownHome(): () => string {
  let home: string;
  const { KERNELKIT_STATE_DIR } = process.env;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'kk-rich-'));
    process.env.KERNELKIT_STATE_DIR = join(home, 'state');
  });
  afterEach(async () => {
    if (KERNELKIT_STATE_DIR === undefined) delete process.env.KERNELKIT_STATE_DIR;
    else process.env.KERNELKIT_STATE_DIR = KERNELKIT_STATE_DIR;
    await rm(home, { recursive: true });
  });
  return () => home;
}

/** A display without colour, pictures or width, but for what is given. */
export function display(options: Partial<DisplayOptions> = {}): Display {
  return new Display({
    ...{ colour: false, columns: () => null, prefer: null, full: false, canvas: async () => null, saver: null },
    ...options,
  });
}
