import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FoundSpecs, findKernelSpecs, type PythonPrefix } from '../../src/specs/index.js';
import { Peer, type PeerAnswer, type PeerCase } from './peer.js';
import { putSpec, type SpecContent, scratch } from './tree.js';

/** Directories that a tree may have kernels in; `kernels` comes below each. */
const PLACES = [
  'a',
  'b',
  'home/.local/share/jupyter',
  'home/Library/Jupyter',
  'home/Library/Application Support/Jupyter',
  'home/.ipython',
  'env/share/jupyter',
  'base/share/jupyter',
  'xdg/jupyter',
  'xdg2/jupyter',
  'xdg2/Jupyter',
  'data',
  'ipy',
  'work',
] as const;

const place = fc.constantFrom(...PLACES);
const NAMES = ['python3', 'Python3', 'PYTHON3', 'ir', 'IR', 'deno', 'we ird', 'grün', 'GRÜN', '.hidden', 'x.y-z_0'];
const text = (value: string): SpecContent => ({ kind: 'text', text: value });

const word = fc.constantFrom('', 'x', 'Python 3', 'ü∂', '{connection_file}', '$HOME', 'a"b\\c', '\u2028');
const goodSpec = fc
  .record(
    {
      argv: fc.array(word, { maxLength: 3 }),
      display_name: word,
      language: word,
      interrupt_mode: fc.constantFrom('signal', 'message', 'MESSAGE', 'Signal'),
      env: fc.dictionary(fc.constantFrom('A', 'PATH', 'x y'), word),
      metadata: fc.dictionary(
        fc.constantFrom('a', 'debugger', 'ü'),
        fc.jsonValue({ maxDepth: 2, noUnicodeString: false }),
      ),
      kernel_protocol_version: fc.constantFrom('5.5', '5.3.0', ''),
      name: word,
      mimetype: word,
      codemirror_mode: word,
    },
    { requiredKeys: [] },
  )
  // -0 is 0 in JavaScript's JSON and stays -0.0 in Python's; the number's reading is protocol's business
  .map((spec) => text(JSON.stringify(spec)));
const otherSpec = fc.constantFrom<SpecContent[]>(
  text(''),
  text('{'),
  text('[]'),
  text('null'),
  text('"text"'),
  text('{} {}'),
  text(' \n{}\n'),
  text('{"argv": 7}'),
  text('{"argv": {"a": 1}}'),
  text('{"env": []}'),
  text('{"env": null}'),
  text('{"metadata": "x"}'),
  text('{"display_name": null}'),
  text('{"language": 3}'),
  text('{"interrupt_mode": "never"}'),
  text('{"interrupt_mode": null}'),
  text('{"resource_dir": "/"}'),
  text('{"metadata": {"x": NaN, "y": -Infinity}}'),
  text('{"metadata": {"kernel_provisioner": {"provisioner_name": "no-such-provisioner"}}}'),
  text('{"metadata": {"kernel_provisioner": {"provisioner_name": "local-provisioner", "config": {}}}}'),
  text('{"display_name": "one", "display_name": "two"}'),
  text('{"display_name": "\\ud800"}'),
  text("{'argv': []}"),
  text('{"a": 1,}'),
  { kind: 'bytes', hex: 'efbbbf7b7d' },
  { kind: 'bytes', hex: '7b22646973706c61795f6e616d65223a2022fc227d' },
  { kind: 'directory' },
  { kind: 'dangling-file' },
  { kind: 'dangling-directory' },
  { kind: 'nothing' },
  { kind: 'file-instead' },
);
const content = fc.oneof({ weight: 3, arbitrary: goodSpec }, { weight: 2, arbitrary: otherSpec });

/** `%` stands for the tree's own directory. */
const entry = fc.oneof(
  place.map((dir) => `%/${dir}`),
  fc.constantFrom(
    '',
    '/',
    '%/a/',
    '%/b//',
    '../a',
    'work',
    '~/.local/share/jupyter',
    '%/link/../b',
    '%/missing',
    '%/a',
  ),
);
const list = fc.array(entry, { maxLength: 4 }).map((entries) => entries.join(':'));
const maybe = (values: fc.Arbitrary<string>) => fc.option(values, { nil: undefined });
const truth = maybe(fc.constantFrom('1', 'true', '0', '', 'No', 'OFF', '0.0', 'x'));

const variables = fc.record({
  JUPYTER_PATH: maybe(list),
  JUPYTER_DATA_DIR: maybe(fc.constantFrom('', '%/data', '%/data/', '../data', '%/home/.local/share/jupyter', '%/none')),
  JUPYTER_PREFER_ENV_PATH: truth,
  JUPYTER_PLATFORM_DIRS: truth,
  JUPYTER_NO_CONFIG: maybe(fc.constantFrom('', '1')),
  XDG_DATA_HOME: maybe(fc.constantFrom('', '%/xdg', '../xdg', '%/xdg2')),
  XDG_DATA_DIRS: maybe(fc.constantFrom('', '%/xdg2', '%/xdg:%/xdg2', 'rel:%/xdg2:', '../xdg', '%/xdg2/')),
  PYTHONUSERBASE: maybe(fc.constantFrom('', '%/base', '%/base/', '%/./base//', '../base')),
  IPYTHONDIR: maybe(fc.constantFrom('', '%/ipy', '%/ipy/', '~/.ipython', '%/a/../ipy', '../ipy')),
  HOME: fc.constantFrom('%/home', '%/homelink', '%/home/'),
});

/** How the Python with Jupyter in it lies: `plain` has no prefix of its own (a system's Python, below /usr). */
const python = fc.constantFrom('plain', 'venv', 'conda', 'conda-base', 'unpreferred');

const specimen = fc.record({
  platform: fc.constantFrom('linux' as const, 'linux' as const, 'darwin' as const),
  python,
  userSite: fc.boolean(),
  variables,
  files: fc.uniqueArray(fc.record({ place, name: fc.constantFrom(...NAMES), content }), {
    maxLength: 14,
    selector: (file) => `${file.place}/${file.name}`,
  }),
});
type Specimen = typeof specimen extends fc.Arbitrary<infer T> ? T : never;

let peer: Peer;
beforeAll(() => {
  peer = new Peer();
});
afterAll(() => peer[Symbol.asyncDispose]());

test('the same kernelspecs as jupyter_client, in the same directories, on generated trees', async () => {
  using dir = scratch();
  let seen = 0;
  let kernels = 0;
  await fc.assert(
    fc.asyncProperty(specimen, async (sample) => {
      const base = join(dir.path, String(seen++));
      try {
        build(base, sample);
        const { question, prefixes } = surroundings(base, sample);
        const theirs = await peer.ask(question);
        const ours = await findKernelSpecs({
          platform: sample.platform,
          env: question.env,
          cwd: question.cwd,
          ...(prefixes && { prefixes }),
          ...(!sample.userSite && { userBases: [] }),
        });
        expect(ours.searched.map(({ root }) => root.path)).toEqual([...new Set(theirs.dirs)]);
        const expected = asJupyter(theirs);
        expect(asJupyterWould(ours)).toEqual(expected);
        kernels += Object.keys(expected).length;
      } finally {
        rmSync(base, { recursive: true, force: true });
      }
    }),
    { numRuns: Number(process.env.KERNELKIT_RUNS ?? 200) },
  );
  // a peer that finds nothing would agree with anybody
  expect(kernels).toBeGreaterThan(seen);
}, 300_000);

function build(base: string, { files }: Specimen): void {
  for (const dir of ['home', 'work', 'env', 'elsewhere/deep']) mkdirSync(join(base, dir), { recursive: true });
  symlinkSync(join(base, 'home'), join(base, 'homelink'));
  // link/.. is elsewhere, and not the tree's own directory
  symlinkSync(join(base, 'elsewhere', 'deep'), join(base, 'link'));
  for (const { place, name, content } of files) putSpec(join(base, place, 'kernels'), name, content);
  putSpec(join(base, 'elsewhere', 'b', 'kernels'), 'through-a-link', text('{}'));
}

function surroundings(base: string, sample: Specimen): { question: PeerCase; prefixes?: PythonPrefix[] } {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(sample.variables)) {
    if (value !== undefined) env[name] = value.replaceAll('%', base);
  }
  const own = join(base, 'env');
  const { platform, userSite } = sample;
  const question = { env, cwd: join(base, 'work'), prefix: own, basePrefix: own, userSite, platform };
  switch (sample.python) {
    case 'venv':
      env.VIRTUAL_ENV = own;
      return { question: { ...question, basePrefix: '/usr' } };
    case 'conda':
    case 'conda-base':
      env.CONDA_PREFIX = own;
      env.CONDA_DEFAULT_ENV = sample.python === 'conda' ? 'work' : 'base';
      return { question };
    case 'unpreferred':
      return { question, prefixes: [{ prefix: own }] };
    default:
      return { question: { ...question, prefix: '/usr', basePrefix: '/usr' } };
  }
}

type Comparable = Record<string, { resourceDir: string; spec: Record<string, unknown> }>;

function asJupyter({ specs }: PeerAnswer): Comparable {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { resource_dir, spec }]) => [name, { resourceDir: resource_dir, spec }]),
  );
}

/** What of our answer Jupyter would give out: not what is shadowed, nor what a provisioner that is not installed starts. */
function asJupyterWould({ specs }: FoundSpecs): Comparable {
  const shown = specs.filter(({ shadowedBy, spec }) => shadowedBy === null && !wantsOtherProvisioner(spec.metadata));
  return Object.fromEntries(
    shown.map(({ name, resourceDir, spec }) => {
      const { argv, env, display_name, language, interrupt_mode, metadata, kernel_protocol_version = '' } = spec;
      const fields = { argv, env, display_name, language, interrupt_mode, metadata, kernel_protocol_version };
      // through JSON: what is told apart in memory only (-0, the order of members) is not a difference
      return [name, { resourceDir, spec: JSON.parse(JSON.stringify(fields)) }];
    }),
  );
}

function wantsOtherProvisioner(metadata: Record<string, unknown>): boolean {
  return JSON.stringify(metadata).includes('no-such-provisioner');
}
