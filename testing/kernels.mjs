#!/usr/bin/env node
// npm run kernels: real kernels for the tests, the real tools that make environments and real Jupyter servers, in testing/.cache. Safe to run
// again and from two places at once; says what it could not get and why. Options: --upgrade makes the virtual environments anew (newest releases), --quiet says only
// what is missing. Environment: KERNELKIT_TEST_APT=1 (root) lets it install Debian packages, KERNELKIT_REQUIRE_KERNELS
// ("all" or names with commas) makes missing ones an error, KERNELKIT_TEST_HEAVY (the same) gets those that take long or much
// room (provide/heavy.mjs), KERNELKIT_TEST_PYTHON picks the interpreter.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideBrowser } from './provide/browser.mjs';
import {
  aptInstall,
  DEBIAN_KERNELS,
  debianVersions,
  SYSTEM_PYTHON,
  systemKernelspec,
  whyNoApt,
} from './provide/debian.mjs';
import { findDeno } from './provide/deno.mjs';
import { provideEvcxr } from './provide/evcxr.mjs';
import { whyNotHeavy } from './provide/heavy.mjs';
import { provideJvm } from './provide/jvm.mjs';
import { withLock } from './provide/lock.mjs';
import { provideProxies } from './provide/proxies.mjs';
import { findPython } from './provide/python.mjs';
import { missingRequired } from './provide/required.mjs';
import { describeServers, SERVER_VENVS } from './provide/servers.mjs';
import { provideTmux } from './provide/tmux.mjs';
import { describeTools, missingTool, TOOL_NAMES, TOOLS } from './provide/tools.mjs';
import { installedVersion, isMade, makeVenv, venvPython } from './provide/venv.mjs';

/**
 * @typedef {object} ProvidedKernel
 * @property {string} name
 * @property {boolean} available
 * @property {string | null} kernelspec directory of its kernel.json; null for Deno and when it is missing
 * @property {string[] | null} launcher argv with {connection_file}, where there is no kernelspec
 * @property {string | null} python the interpreter that owns it
 * @property {string | null} prefix the environment that it lives in
 * @property {string | null} version of ipykernel, xeus-python, IRkernel, Deno, JJava (jvm), octave_kernel, evcxr, jupyter_client (peer)
 * @property {string | null} reason why it is not available
 */

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const cache = join(here, '.cache');
const listFile = join(cache, 'kernels.json');
const toolsFile = join(cache, 'tools.json');
const serversFile = join(cache, 'servers.json');

/** @type {import('./provide/venv.mjs').Recipe[]} */
const VENVS = [
  { name: 'ipykernel', requirements: ['ipykernel'], imports: ['ipykernel.kernelapp'], distribution: 'ipykernel' },
  // the ipykernel of Debian 12's time with the libraries of its time: it predates IPython 9 and jupyter_client 8
  {
    name: 'ipykernel6',
    requirements: ['ipykernel==6.17.1', 'ipython<9', 'jupyter_client<8', 'traitlets<5.10'],
    imports: ['ipykernel.kernelapp'],
    distribution: 'ipykernel',
  },
  {
    name: 'peer',
    requirements: ['jupyter_client', 'nbformat', 'nbclient', 'nbconvert', 'pyzmq', 'ipykernel', 'jupyter_console'],
    imports: ['jupyter_client', 'nbformat', 'nbclient', 'nbconvert', 'zmq', 'ipykernel.kernelapp', 'jupyter_console'],
    distribution: 'jupyter_client',
  },
];

const quiet = process.argv.includes('--quiet');
const upgrade = process.argv.includes('--upgrade');
/** @param {string} line */
const say = (line) => {
  if (!quiet) process.stderr.write(`${line}\n`);
};

/** @param {string} name @returns {ProvidedKernel} */
function missing(name, /** @type {string} */ reason) {
  return {
    name,
    available: false,
    kernelspec: null,
    launcher: null,
    python: null,
    prefix: null,
    version: null,
    reason,
  };
}

/** @param {import('./provide/venv.mjs').Recipe} recipe @returns {Promise<ProvidedKernel>} */
async function describeVenv(recipe) {
  const prefix = join(cache, recipe.name);
  return {
    name: recipe.name,
    available: true,
    kernelspec: join(prefix, 'share', 'jupyter', 'kernels', 'python3'),
    launcher: null,
    python: venvPython(prefix),
    prefix,
    version: await installedVersion(prefix, recipe.distribution),
    reason: null,
  };
}

/**
 * What pip brings: one environment for each kernel, one for all tools, and those of the servers.
 *
 * @returns {Promise<{ kernels: ProvidedKernel[], tools: import('./provide/tools.mjs').ProvidedTool[], servers: import('./provide/servers.mjs').ProvidedServer[] }>}
 */
async function provideVenvs() {
  const recipes = [...VENVS, TOOLS, ...SERVER_VENVS];
  const made = await Promise.all(recipes.map((recipe) => isMade(join(cache, recipe.name), recipe)));
  const refused = recipes.map(({ name }, at) => (made[at] ? null : whyNotHeavy(name)));
  const wanted = recipes.filter((_, at) => refused[at] === null);
  const isAnew = upgrade || made.some((is, at) => !is && refused[at] === null);
  const built = new Map(isAnew ? await buildVenvs(wanted) : []);
  const problems = recipes.map(({ name }, at) => refused[at] ?? built.get(name) ?? null);
  const kernels = VENVS.map((recipe, at) => {
    const problem = problems[at] ?? null;
    return problem === null ? describeVenv(recipe) : missing(recipe.name, problem);
  });
  const problem = problems[VENVS.length] ?? null;
  const tools =
    problem === null ? describeTools(join(cache, TOOLS.name)) : TOOL_NAMES.map((n) => missingTool(n, problem));
  const failed = new Map(recipes.map(({ name }, at) => [name, problems[at] ?? null]));
  const servers = describeServers(cache, failed, { anew: upgrade, say });
  return { kernels: await Promise.all(kernels), tools: await tools, servers: await servers };
}

/**
 * @param {readonly import('./provide/venv.mjs').Recipe[]} recipes
 * @returns {Promise<[name: string, problem: string | null][]>} why each of them could not be made, or null
 */
async function buildVenvs(recipes) {
  const waiting = (/** @type {number} */ owner) =>
    say(`waiting for process ${owner}, which is making the environments`);
  return withLock(
    join(cache, 'kernels.lock'),
    async () => {
      const { python, tried } = await findPython();
      for (const reason of tried) say(`  passed over ${reason}`);
      if (python === null) {
        const none = `no Python >= 3.9 with venv and ensurepip (${tried.join('; ')})`;
        return recipes.map(({ name }) => [name, none]);
      }
      say(`  python: ${python.executable} (${python.version})`);
      return Promise.all(
        recipes.map(async (recipe) => {
          const prefix = join(cache, recipe.name);
          // another run may have made it while this one waited for the lock
          if (!upgrade && (await isMade(prefix, recipe))) return [recipe.name, null];
          say(`  making ${recipe.name}: pip install ${recipe.requirements.join(' ')}`);
          const log = join(cache, 'logs', `${recipe.name}.log`);
          return [recipe.name, await makeVenv(prefix, recipe, python.executable, log)];
        }),
      );
    },
    { onWait: waiting },
  );
}

/** @returns {Promise<ProvidedKernel[]>} */
async function provideSystemKernels() {
  const names = /** @type {(keyof typeof DEBIAN_KERNELS)[]} */ (Object.keys(DEBIAN_KERNELS));
  const search = async () => Promise.all(names.map(async (name) => ({ name, spec: await systemKernelspec(name) })));
  let found = await search();
  const lacking = found.filter(({ name, spec }) => 'reason' in spec && whyNotHeavy(name) === null);
  const wanted = new Set(lacking.flatMap(({ name }) => [DEBIAN_KERNELS[name].package, ...DEBIAN_KERNELS[name].also]));
  let apt = wanted.size === 0 ? null : whyNoApt();
  if (wanted.size > 0 && apt === null) {
    say(`  apt-get install ${[...wanted].join(' ')}`);
    await mkdir(join(cache, 'logs'), { recursive: true });
    apt = await aptInstall([...wanted], join(cache, 'logs', 'apt.log'));
    found = await search();
  }
  const versions = await debianVersions([...new Set(Object.values(DEBIAN_KERNELS).map((each) => each.package))]);
  return found.map(({ name, spec }) => {
    if ('reason' in spec) {
      const why = whyNotHeavy(name) ?? apt;
      return missing(name, why === null ? spec.reason : `${spec.reason}; ${why}`);
    }
    const version = versions.get(DEBIAN_KERNELS[name].package) ?? null;
    const python = spec.program === SYSTEM_PYTHON ? spec.program : null;
    return { ...missing(name, ''), available: true, kernelspec: spec.dir, python, version, reason: null };
  });
}

/** @returns {Promise<ProvidedKernel>} */
async function provideDeno() {
  const deno = await findDeno(root);
  if ('reason' in deno) return missing('deno', deno.reason);
  const launcher = [deno.binary, 'jupyter', '--kernel', '--conn', '{connection_file}'];
  return { ...missing('deno', ''), available: true, launcher, version: deno.version, reason: null };
}

/** @param {readonly ProvidedKernel[]} venvs one of them has the pip that fetches it @returns {Promise<ProvidedKernel>} */
async function provideJava(venvs) {
  const python = venvs.find((kernel) => kernel.available)?.python ?? null;
  const jvm = await provideJvm(join(cache, 'jvm'), { python, logs: join(cache, 'logs'), anew: upgrade, say });
  if ('reason' in jvm) return missing('jvm', jvm.reason);
  return { ...missing('jvm', ''), ...jvm, available: true, reason: null };
}

/** @returns {Promise<ProvidedKernel>} */
async function provideRust() {
  const evcxr = await provideEvcxr(join(cache, 'evcxr'), { logs: join(cache, 'logs'), anew: upgrade, say });
  if ('reason' in evcxr) return missing('evcxr', evcxr.reason);
  return { ...missing('evcxr', ''), ...evcxr, available: true, reason: null };
}

/**
 * @param {string} file
 * @param {Record<string, readonly { name: string }[]>} lists
 */
async function write(file, lists) {
  const byName = Object.entries(lists).map(([key, list]) => [key, Object.fromEntries(list.map((k) => [k.name, k]))]);
  const text = `${JSON.stringify({ format: 1, ...Object.fromEntries(byName) }, null, 2)}\n`;
  const old = await readFile(file, 'utf8').catch(() => '');
  if (old === text) return;
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, file);
}

await mkdir(cache, { recursive: true });
say('kernels for the tests');
const [venvs, system, deno] = await Promise.all([provideVenvs(), provideSystemKernels(), provideDeno()]);
const kernels = [...venvs.kernels, ...system, deno, await provideJava(venvs.kernels), await provideRust()];
const providing = { logs: join(cache, 'logs'), say };
const tools = [
  ...venvs.tools,
  await provideBrowser(providing),
  await provideTmux(providing),
  ...(await provideProxies({ ...providing, cache })),
];
const { servers } = venvs;
await Promise.all([write(listFile, { kernels }), write(toolsFile, { tools }), write(serversFile, { servers })]);
const all = [...kernels, ...tools, ...servers];
for (const { name, available, version, reason } of all) {
  if (available) say(`  ${name.padEnd(15)} ${version ?? ''}`);
  else process.stderr.write(`  ${name.padEnd(15)} MISSING: ${reason}\n`);
}
const wanting = missingRequired(all, process.env.KERNELKIT_REQUIRE_KERNELS);
if (wanting.length > 0) {
  process.stderr.write(`kernels, tools and servers that this run requires and does not have: ${wanting.join(', ')}\n`);
  process.exitCode = 1;
}
