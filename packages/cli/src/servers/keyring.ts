import { spawn } from 'node:child_process';
import { findOnPath, NodeFiles } from '@kernelkit/core';

/** Where the system keeps secrets for its user. */
export interface Keyring {
  readonly name: string;
  /** Whether it was stored, as far as can be seen by looking it up again. */
  store(server: string, token: string): Promise<boolean>;
  /** Null: it has none, or does not answer. */
  lookup(server: string): Promise<string | null>;
  remove(server: string): Promise<void>;
}

const SERVICE = 'kernelkit';
/** A keyring that is locked may ask in a window that nobody sees. */
const ANSWER_MS = 15_000;

/** The keyring's own program, where the system has it; null: there is none. A secret goes through its standard input, never its argv. */
export function keyringHere(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Keyring | null {
  const has = (name: string) => findOnPath({ platform, env, cwd: process.cwd(), files: new NodeFiles() }, name);
  if (platform === 'darwin' && has('security') !== null) return macKeychain;
  // without a session's bus it only fails, after a while
  if (platform === 'linux' && env.DBUS_SESSION_BUS_ADDRESS && has('secret-tool') !== null) return secretService;
  return null;
}

const secretService: Keyring = {
  name: 'the keyring (secret-tool)',
  async store(server, token) {
    const label = `Kernelkit: the token of ${server}`;
    const args = ['store', `--label=${label}`, 'service', SERVICE, 'server', server];
    return (await run('secret-tool', args, token)) !== null && (await this.lookup(server)) === token;
  },
  lookup: (server) => run('secret-tool', ['lookup', 'service', SERVICE, 'server', server]),
  async remove(server) {
    await run('secret-tool', ['clear', 'service', SERVICE, 'server', server]);
  },
};

const macKeychain: Keyring = {
  name: 'the keychain (security)',
  async store(server, token) {
    // as a line of its own language: as an argument `ps` would show it
    const hex = Buffer.from(token).toString('hex');
    const line = `add-generic-password -U -s ${SERVICE} -a "${server}" -X ${hex}\n`;
    return (await run('security', ['-i'], line)) !== null && (await this.lookup(server)) === token;
  },
  lookup: (server) => run('security', ['find-generic-password', '-s', SERVICE, '-a', server, '-w']),
  async remove(server) {
    await run('security', ['delete-generic-password', '-s', SERVICE, '-a', server]);
  },
};

/** What it printed, without the line's end; null: it failed. */
function run(program: string, args: readonly string[], input = ''): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_MS);
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const end = (value: string | null): void => {
      clearTimeout(timer);
      resolve(value);
    };
    child.on('error', () => end(null));
    child.on('close', (code) => end(code === 0 ? out.replace(/\r?\n$/, '') : null));
  });
}
