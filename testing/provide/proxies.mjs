import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { whyNoApt } from './debian.mjs';
import { run, tail } from './run.mjs';
import { missingTool } from './tools.mjs';

/** Reverse proxies that docs/gateway.md has recipes for: the arguments that ask for the version, and where Debian's package has the program. */
const PROXIES = [
  { name: 'nginx', asks: ['-v'], path: 'usr/sbin/nginx' },
  { name: 'caddy', asks: ['version'], path: 'usr/bin/caddy' },
];

/**
 * The machine's, or what Debian's packages hold, unpacked: installing those would start a server on port 80.
 *
 * @param {{ cache: string, logs: string, say: (line: string) => void }} options
 * @returns {Promise<import('./tools.mjs').ProvidedTool[]>}
 */
export async function provideProxies({ cache, logs, say }) {
  const tools = [];
  for (const { name, asks, path } of PROXIES) {
    const unpacked = join(cache, name);
    const known = async () =>
      (await found(name, name, asks)) ??
      (await found(name, `/${path}`, asks)) ??
      (await found(name, join(unpacked, path), asks));
    tools.push((await known()) ?? (await unpack({ name, unpacked, logs, say })) ?? (await known()));
  }
  return tools.map((tool, at) => tool ?? missingTool(PROXIES[at]?.name ?? '', 'its package brought none that runs'));
}

/** @param {string} name @param {string} program @param {string[]} asks */
async function found(name, program, asks) {
  if (program !== name && !existsSync(program)) return null;
  const { code, output } = await run(program, asks, { timeoutMs: 30_000 });
  const version = /\d+\.\S*/.exec(output)?.[0] ?? null;
  return code === 0 ? { name, available: true, version, program, reason: null } : null;
}

/**
 * @param {{ name: string, unpacked: string, logs: string, say: (line: string) => void }} what
 * @returns {Promise<import('./tools.mjs').ProvidedTool | null>} why it could not be had; null: it is there
 */
async function unpack({ name, unpacked, logs, say }) {
  const why = whyNoApt();
  if (why !== null) return missingTool(name, `there is no ${name} on this machine; ${why}`);
  say(`  apt-get download ${name}`);
  await mkdir(logs, { recursive: true });
  const draft = await mkdtemp(`${unpacked}-`);
  try {
    const options = { timeoutMs: 300_000, log: join(logs, `${name}.log`), cwd: draft };
    let got = await run('apt-get', ['download', name], options);
    if (got.code !== 0) {
      // the lists may be missing, or older than the archive
      await run('apt-get', ['-o', 'DPkg::Lock::Timeout=600', 'update'], options);
      got = await run('apt-get', ['download', name], options);
    }
    const file = (await readdir(draft)).find((each) => each.endsWith('.deb'));
    if (file === undefined) return missingTool(name, `apt-get download ${name} failed: ${tail(got.output)}`);
    const out = await run('dpkg', ['-x', file, 'out'], options);
    if (out.code !== 0) return missingTool(name, `${file} could not be unpacked: ${tail(out.output)}`);
    await rm(unpacked, { recursive: true, force: true });
    await rename(join(draft, 'out'), unpacked);
    return null;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
