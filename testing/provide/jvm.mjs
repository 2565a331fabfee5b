import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { aptInstall, whyNoApt } from './debian.mjs';
import { withLock } from './lock.mjs';
import { run, tail } from './run.mjs';

/** What JJava's quirks were measured on; there are only pre-releases. */
export const JJAVA_VERSION = '1.0a8';
const OLDEST_JAVA = 17;
const STAMP = 'kernelkit-recipe.json';

/** @typedef {{ home: string, version: string }} Jdk */
/** @typedef {{ prefix: string, kernelspec: string, version: string }} JvmEnvironment */

/**
 * @typedef {object} JvmOptions
 * @property {string | null} python an interpreter that has pip
 * @property {string} logs a directory
 * @property {boolean} anew makes it even if it is there
 * @property {(line: string) => void} say
 */

/** @param {string} prefix */
const specDir = (prefix) => join(prefix, 'share', 'jupyter', 'kernels', 'java');

/**
 * An environment as conda leaves it when it has installed `openjdk` and a Java kernel, but that the JDK is a link to the
 * machine's: no Python in it, `java` only in its own `bin`, and what the kernel needs set by its activation alone.
 *
 * @param {string} prefix
 * @param {JvmOptions} options
 * @returns {Promise<JvmEnvironment | { reason: string }>}
 */
export async function provideJvm(prefix, options) {
  if (process.platform === 'win32')
    return { reason: 'its environment is laid out with links, which Windows restricts' };
  const made = { prefix, kernelspec: specDir(prefix), version: JJAVA_VERSION };
  if (!options.anew && (await isMade(prefix))) return made;
  return withLock(`${prefix}.lock`, async () => {
    // another run may have made it while this one waited for the lock
    if (!options.anew && (await isMade(prefix))) return made;
    const problem = await make(prefix, options);
    return problem === null ? made : { reason: problem };
  });
}

/** @param {string} prefix */
async function isMade(prefix) {
  const stamp = await readFile(join(prefix, STAMP), 'utf8').catch(() => '');
  // an upgrade of the machine's JDK may have taken away what the link leads to
  return stamp === stampOf(prefix) && existsSync(join(prefix, 'bin', 'java'));
}

/** @param {string} prefix its files name it, so that one that was moved is made again */
const stampOf = (prefix) => `${JSON.stringify({ format: 1, jjava: JJAVA_VERSION, prefix }, null, 2)}\n`;

/**
 * @param {string} prefix
 * @param {JvmOptions} options
 * @returns {Promise<string | null>} why it failed, or null when it is made
 */
async function make(prefix, { python, logs, say }) {
  if (python === null) return 'there is no Python environment whose pip could fetch it';
  await mkdir(logs, { recursive: true });
  const log = join(logs, 'jvm.log');
  await rm(log, { force: true });
  const jdk = await jdkOrInstall(log, say);
  if ('reason' in jdk) return jdk.reason;
  say(`  making jvm: pip install jjava==${JJAVA_VERSION}, on Java ${jdk.version}`);
  const staged = `${prefix}.pip`;
  try {
    await rm(prefix, { recursive: true, force: true });
    await rm(staged, { recursive: true, force: true });
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--prefix', staged, `jjava==${JJAVA_VERSION}`];
    const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' };
    const { code, output } = await run(python, pip, { timeoutMs: 300_000, log, env });
    if (code !== 0) return `pip install jjava failed (exit ${code}): ${tail(output)} (all of it: ${log})`;
    await layOut(prefix, jdk, join(specDir(staged), 'jjava.jar'));
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
  // the link has to be good for starting a JVM, which looks for its libraries from where its program is
  const started = await run(join(prefix, 'bin', 'java'), ['-version'], { timeoutMs: 60_000, log });
  if (started.code !== 0) return `the environment's java does not run: ${tail(started.output)}`;
  await writeFile(join(prefix, `${STAMP}.new`), stampOf(prefix));
  await rename(join(prefix, `${STAMP}.new`), join(prefix, STAMP));
  return null;
}

/** @param {string} log @param {(line: string) => void} say @returns {Promise<Jdk | { reason: string }>} */
async function jdkOrInstall(log, say) {
  const jdk = await findJdk();
  const apt = whyNoApt();
  if (!('reason' in jdk)) return jdk;
  if (apt !== null) return { reason: `${jdk.reason}; ${apt}` };
  say('  apt-get install default-jdk-headless');
  const failed = await aptInstall(['default-jdk-headless'], log);
  return failed === null ? findJdk() : { reason: `${jdk.reason}; ${failed}` };
}

/**
 * A JDK that has the shell that the kernel evaluates code with (a runtime alone lacks it): JAVA_HOME's, or the one on PATH.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Jdk | { reason: string }>}
 */
export async function findJdk(env = process.env) {
  const candidates = [...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin', 'java')] : []), 'java', '/usr/bin/java'];
  /** @type {string[]} */
  const tried = [];
  for (const command of new Set(candidates)) {
    // the program on PATH may be a link, or a script that picks one: the JVM itself knows where it lives
    const args = ['-XshowSettings:properties', '--list-modules'];
    const { code, output } = await run(command, args, { timeoutMs: 60_000, env });
    const home = /^\s*java\.home = (.+)$/m.exec(output)?.[1]?.trim();
    const version = /^\s*java\.version = (\S+)$/m.exec(output)?.[1];
    if (code !== 0 || home === undefined || version === undefined)
      tried.push(`${command}: ${tail(output, 1) || `exit ${code}`}`);
    else if (Number.parseInt(version, 10) < OLDEST_JAVA)
      tried.push(`${command}: ${version} is older than ${OLDEST_JAVA}`);
    else if (!/^jdk\.jshell\b/m.test(output)) tried.push(`${command}: ${version} is a runtime without jdk.jshell`);
    else return { home, version };
  }
  return { reason: `no JDK >= ${OLDEST_JAVA} with jdk.jshell (${tried.join('; ')})` };
}

const ACTIVATE = `# as conda-forge's openjdk does it
if [ -n "\${JAVA_HOME:-}" ]; then
  export CONDA_BACKUP_JAVA_HOME="$JAVA_HOME"
fi
export JAVA_HOME="$CONDA_PREFIX/lib/jvm"
`;
const DEACTIVATE = `unset JAVA_HOME
if [ -n "\${CONDA_BACKUP_JAVA_HOME:-}" ]; then
  export JAVA_HOME="$CONDA_BACKUP_JAVA_HOME"
  unset CONDA_BACKUP_JAVA_HOME
fi
`;

/** @param {string} prefix @param {Jdk} jdk @param {string} jar */
async function layOut(prefix, jdk, jar) {
  const write = async (/** @type {string} */ path, /** @type {string} */ text) => {
    await mkdir(dirname(join(prefix, path)), { recursive: true });
    await writeFile(join(prefix, path), text);
  };
  const json = (/** @type {string} */ path, /** @type {unknown} */ value) =>
    write(path, `${JSON.stringify(value, null, 2)}\n`);
  await mkdir(join(prefix, 'bin'), { recursive: true });
  await mkdir(join(prefix, 'lib'));
  await symlink(jdk.home, join(prefix, 'lib', 'jvm'));
  await symlink(join('..', 'lib', 'jvm', 'bin', 'java'), join(prefix, 'bin', 'java'));

  const files = {
    openjdk: ['bin/java', 'etc/conda/activate.d/openjdk_activate.sh', 'etc/conda/deactivate.d/openjdk_deactivate.sh'],
    jjava: [
      'etc/conda/env_vars.d/jjava.json',
      'share/jupyter/kernels/java/jjava.jar',
      'share/jupyter/kernels/java/kernel.json',
    ],
  };
  await write('etc/conda/activate.d/openjdk_activate.sh', ACTIVATE);
  await write('etc/conda/deactivate.d/openjdk_deactivate.sh', DEACTIVATE);
  await json('etc/conda/env_vars.d/jjava.json', { JJAVA_TIMEOUT: '-1', KERNELKIT_JVM_NOTE: 'set by a package' });
  await json('share/jupyter/kernels/java/kernel.json', {
    // The package's own spec goes by way of a launcher, a JVM that waits for a second one. This is what that one is started with.
    argv: [
      'java',
      '--add-opens',
      'jdk.jshell/jdk.jshell=ALL-UNNAMED',
      '-jar',
      '{resource_dir}/jjava.jar',
      '{connection_file}',
    ],
    display_name: 'Java (jvm)',
    language: 'java',
    interrupt_mode: 'message',
    metadata: {},
  });
  await copyFile(jar, join(specDir(prefix), 'jjava.jar'));
  const packages = [
    record('openjdk', /^[\d.]+/.exec(jdk.version)?.[0] ?? jdk.version, [], files.openjdk),
    record('jjava', JJAVA_VERSION, ['openjdk'], files.jjava),
  ];
  for (const each of packages) await json(join('conda-meta', each.fn.replace('.conda', '.json')), each);
  const lines = packages.map(({ channel, fn }) => `+${channel}::${fn.replace('.conda', '')}`);
  await write(
    'conda-meta/history',
    [
      '==> 2026-01-01 10:00:00 <==',
      `# cmd: conda create --prefix ${prefix} openjdk jjava`,
      '# conda version: 25.11.0',
      ...lines,
      "# update specs: ['openjdk', 'jjava']",
      '',
    ].join('\n'),
  );
}

/** What conda notes of a package. @param {string} name @param {string} version @param {string[]} depends @param {string[]} files */
function record(name, version, depends, files) {
  const arch =
    process.arch === 'x64' ? '64' : process.platform === 'linux' && process.arch === 'arm64' ? 'aarch64' : process.arch;
  const subdir = `${process.platform === 'darwin' ? 'osx' : 'linux'}-${arch}`;
  const paths = files.map((path) => ({ _path: path, path_type: path === 'bin/java' ? 'softlink' : 'hardlink' }));
  return {
    build: '0',
    build_number: 0,
    channel: `conda-forge/${subdir}`,
    depends,
    files,
    fn: `${name}-${version}-0.conda`,
    name,
    paths_data: { paths, paths_version: 1 },
    requested_spec: name,
    subdir,
    version,
  };
}
