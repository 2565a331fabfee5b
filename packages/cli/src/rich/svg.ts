import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { Deadline } from '@kernelkit/core';

/** Milliseconds that drawing may take. */
const DRAWING_TIME = 10_000;

/**
 * SVG as a PNG, by librsvg's rsvg-convert where the user has it; null where not, or where it cannot be drawn. Not by a library: the one that
 * needs no native module (resvg as wasm) is larger than the whole command, and has no fonts, so that a plot would lose its labels.
 */
export async function svgAsPng(svg: Uint8Array, signal?: AbortSignal): Promise<Uint8Array | null> {
  using deadline = new Deadline(DRAWING_TIME, signal);
  // on white, as a notebook shows it; from standard input, it has no directory to take files from
  const child = spawn('rsvg-convert', ['--format=png', '--background-color=white'], {
    ...{ stdio: ['pipe', 'pipe', 'ignore'], signal: deadline.signal, killSignal: 'SIGKILL', windowsHide: true },
  });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  child.stdin!.on('error', () => {});
  child.stdin!.end(svg);
  const [png, isDrawn] = await Promise.all([buffer(child.stdout!).catch(() => null), ended]);
  return isDrawn && png !== null && png.length > 0 ? png : null;
}
