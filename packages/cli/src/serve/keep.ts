import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { homeDirectory } from '@kernelkit/core';
import { type KeptLook, lookAtKept } from '@kernelkit/server';
import type { Settings } from './settings.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where kernels are kept that outlive the gateway; null: they end with it. */
export function keepDirectory({ keep, port, socket }: Settings, env: Variables): string | null {
  if (keep === undefined || /^(0|false|no|off)$/i.test(keep)) return null;
  if (!/^(1|true|yes|on)$/i.test(keep)) return resolve(keep);
  // each gateway has one of its own: two at once cannot share it
  const name = socket === undefined ? port : createHash('sha256').update(resolve(socket)).digest('hex').slice(0, 16);
  return join(stateDirectory(env), `gateway-${name}`);
}

/** The directories of the usual place that have kernels in them, and what these are. */
export async function keptKernels(env: Variables): Promise<KeptLook[]> {
  const state = stateDirectory(env);
  const names = (await readdir(state).catch(() => [])).filter((name) => name.startsWith('gateway-'));
  const looks = await Promise.all(names.map((name) => lookAtKept(join(state, name))));
  return looks.filter(({ kernels }) => kernels.length > 0);
}

/** `$XDG_STATE_HOME/kernelkit`: what a program has to remember, and what is neither configuration nor can be made again. */
function stateDirectory(env: Variables): string {
  const home = env.XDG_STATE_HOME ?? '';
  return isAbsolute(home)
    ? join(home, 'kernelkit')
    : join(homeDirectory(process.platform, env), '.local/state/kernelkit');
}
