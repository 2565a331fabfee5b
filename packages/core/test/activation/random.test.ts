import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { applied } from '../../src/activation/changes.js';
import { condaDeactivate } from '../../src/activation/conda/deactivate.js';
import { situationOf } from '../../src/activation/conda/situation.js';
import { Context } from '../../src/activation/context.js';
import { fromFiles } from '../../src/activation/from-files.js';
import { parseKeepingNumbers, pythonText } from '../../src/activation/python-text.js';
import { normPath } from '../../src/activation/search-path.js';
import { BASH_PROGRAM } from '../../src/activation/shell/bash-program.js';
import { parseDeclarations } from '../../src/activation/shell/parse-declarations.js';
import { parseEnvironment } from '../../src/activation/shell/parse-environment.js';
import { Parsers } from '../../src/environments/index.js';
import { conda, norm, type Prefix, type World } from './rules.js';
import { condaEnv, MemoryFiles } from './support.js';

const ROOT = '/r';
const PREFIXES = ['/r', '/r/envs/a', '/r/envs/b', '/x/pfx', '/y/envs/c'];
// names that differ only by case make conda's own order random (§3.5, 7)
const NAMES = ['ALPHA', 'beta_var', 'GAMMA', 'PATH', 'ünï', 'CONDA_EXE'];

const value = fc.oneof(
  fc.string({ maxLength: 8 }).filter((text) => !text.includes('\0')),
  fc.constant('***unset***'),
  fc.boolean(),
  fc.integer(),
  fc.constant(null),
);
const layer = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4, selector: ([name]) => name });
const prefix: fc.Arbitrary<Prefix> = fc.record({
  path: fc.constantFrom(...PREFIXES),
  layers: fc.array(layer, { minLength: 1, maxLength: 3 }),
});
const entry = fc.oneof(
  fc.constantFrom(
    '',
    '/usr/bin',
    '/usr/bin/',
    '/bin',
    '~/z',
    '/other/condabin',
    '/a/../b/./c//',
    '//two',
    '///three',
    '.',
    '..',
    'rel/../x',
  ),
  fc.constantFrom(...PREFIXES.map((path) => `${path}/bin`)),
);
const world: fc.Arbitrary<World> = fc
  .record({
    path: fc.option(
      fc.array(entry, { minLength: 1, maxLength: 6 }).map((entries) => entries.join(':')),
      { nil: undefined },
    ),
    level: fc.integer({ min: 0, max: 3 }),
    active: fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...PREFIXES), fc.constantFrom(...PREFIXES)),
    stacked: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    defaultEnv: fc.option(fc.constant('called'), { nil: undefined }),
    set: fc.dictionary(
      fc.constantFrom('ALPHA', 'beta_var', 'BETA_VAR', 'ünï'),
      fc.string({ maxLength: 5 }).filter((text) => !text.includes('\0')),
    ),
    prefix,
    version: fc.constantFrom<[number, number][]>([24, 1], [24, 7], [25, 7], [25, 11], [26, 7]),
    changeps1: fc.boolean(),
    envPrompt: fc.constantFrom('({default_env}) ', '[{name}|{prefix}]', '<{stacked_env}>'),
    stack: fc.boolean(),
  })
  .map(({ path, level, active, stacked, defaultEnv, set, ...rest }) => {
    const env: Record<string, string> = { ...set };
    if (path !== undefined) env.PATH = path;
    if (level > 0) {
      env.CONDA_SHLVL = ` ${level} `.slice(1);
      env.CONDA_PREFIX = active[level - 1]!;
      for (let at = 1; at < level; at++) env[`CONDA_PREFIX_${at}`] = active[at - 1]!;
      for (let at = 1; at <= level; at++) if (stacked[at - 1]) env[`CONDA_STACKED_${at}`] = 'true';
      if (defaultEnv !== undefined) env.CONDA_DEFAULT_ENV = defaultEnv;
    }
    return { ...rest, env, root: ROOT };
  });

const parsers = new Parsers();
beforeAll(() => parsers.load('yaml'));

function filesOf({
  prefix: { path, layers },
  version,
  root,
  changeps1,
  envPrompt,
  stack,
}: World): Record<string, string> {
  const text = (each: Prefix['layers'][number]) => JSON.stringify(Object.fromEntries(each));
  const files: Record<string, string> = {
    [`${root}/conda-meta/conda-${version.join('.')}.0-py_0.json`]: '',
    [`${path}/conda-meta/history`]: '',
    '/home/u/.condarc': `changeps1: ${changeps1}\nenv_prompt: ${JSON.stringify(envPrompt)}\nauto_stack: ${stack ? 9 : 0}\n`,
  };
  layers.slice(0, -1).forEach((each, at) => {
    files[`${path}/etc/conda/env_vars.d/${at}.json`] = text(each);
  });
  files[`${path}/conda-meta/state`] = `{"env_vars": ${text(layers.at(-1)!)}}`;
  return files;
}

function contextOf(made: World, env = made.env): Context {
  return new Context({ env, platform: 'linux', home: '/home/u', files: new MemoryFiles(filesOf(made)), parsers });
}

test('activation is what the second statement of the rules says', () => {
  fc.assert(
    fc.property(world, (made) => {
      const { computed } = fromFiles(contextOf(made), condaEnv(made.prefix.path, ROOT));
      expect(computed.variables).toEqual(conda(made));
    }),
    { numRuns: 2000 },
  );
});

test('R11: what is activated at level 0 and deactivated leaves nothing but condabin and the meta variables', () => {
  fc.assert(
    fc.property(world, (made) => {
      const modern: World = { ...made, version: [26, 7] };
      const { CONDA_SHLVL: _level, CONDA_PREFIX: _prefix, CONDA_DEFAULT_ENV: _name, ...rest } = made.env;
      const before = Object.fromEntries(
        Object.entries(rest).filter(([name]) => !/^CONDA_(PREFIX|STACKED)_/.test(name)),
      );
      const of = condaEnv(made.prefix.path, ROOT);
      const on = applied(before, fromFiles(contextOf(modern, before), of).computed.variables, 'linux');
      const off = condaDeactivate(situationOf(contextOf(modern, on), of))!;
      const after = applied(on, off.variables, 'linux');
      const own = new Set(made.prefix.layers.flat().map(([name]) => name.toUpperCase()));
      expect(after.CONDA_SHLVL).toBe('0');
      expect([after.CONDA_PREFIX, after.CONDA_DEFAULT_ENV, after.CONDA_PROMPT_MODIFIER]).toEqual(['', '', '']);
      const path = (before.PATH ?? '/usr/bin').split(':').map(norm);
      const hasCondabin = path.some((each) => each.endsWith('condabin'));
      expect(after.PATH).toBe([...(hasCondabin ? [] : [`${ROOT}/condabin`]), ...path].join(':'));
      for (const [name, text] of Object.entries(before)) {
        // a variable that was empty cannot be told from one that was not there
        if (name !== 'PATH' && name === name.toUpperCase() && text !== '' && !own.has(name))
          expect([name, after[name]]).toEqual([name, text]);
      }
    }),
    { numRuns: 500 },
  );
});

test('normpath is Python’s', () => {
  const path = fc
    .array(fc.constantFrom('/', '//', 'a', 'b', '.', '..', '/../', './'), { maxLength: 9 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(path, (text) => {
      expect([text, normPath(text, 'linux')]).toEqual([text, norm(text)]);
    }),
    { numRuns: 3000 },
  );
});

test('numbers and paths are as a real Python has them', () => {
  const numbers = fc.sample(
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.double({ min: 1e-6, max: 1e18, noNaN: true }),
    ),
    400,
  );
  const paths = fc.sample(
    fc.array(fc.constantFrom('/', '//', 'a', '.', '..', 'é'), { maxLength: 8 }).map((parts) => parts.join('')),
    400,
  );
  const document = JSON.stringify(numbers);
  const program =
    'import json,os,sys; d=json.load(sys.stdin); print(json.dumps([[str(v) for v in json.loads(d[0])],[os.path.normpath(p) for p in d[1]]]))';
  const answer = JSON.parse(
    execFileSync('python3', ['-c', program], { input: JSON.stringify([document, paths]), encoding: 'utf8' }),
  );
  expect((parseKeepingNumbers(document) as unknown[]).map(pythonText)).toEqual(answer[0]);
  expect(paths.map((path) => normPath(path, 'linux'))).toEqual(answer[1]);
});

test('what bash says is exported is what a child of it gets', () => {
  const byte = fc.integer({ min: 1, max: 0x17f }).map((code) => String.fromCodePoint(code));
  const values = fc.array(
    fc.oneof(byte, fc.constantFrom('\\', '"', "'", '$', '`', '\n', ')', '🦀', '\u2028', '\ufeff', '(')),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(fc.array(values, { maxLength: 6 }), fc.constantFrom('C', 'C.UTF-8'), (all, locale) => {
      const given = Object.fromEntries(all.map((parts, at) => [`V${at}`, parts.join('')]));
      const env = { PATH: '/usr/bin:/bin', LC_ALL: locale, ...given };
      const program = 'declare -xp; printf "\\0"; exec /usr/bin/env -0';
      const answer = execFileSync('bash', ['--norc', '--noprofile', '-c', program], { env, encoding: 'utf8' });
      const end = answer.indexOf('\0');
      const [said, got] = [parseDeclarations(answer.slice(0, end)), parseEnvironment(answer.slice(end + 1))];
      for (const own of ['_', 'SHLVL']) got.delete(own);
      for (const own of ['_', 'SHLVL']) said?.delete(own);
      expect(said).toEqual(got);
      for (const [name, value] of Object.entries(given)) expect(got.get(name)).toBe(value);
    }),
    { numRuns: 150 },
  );
});

test.each([
  'declare -x A="1',
  'declare -x A=1\n',
  'A="1"\n',
  'declare -x A="1"',
  "declare -x A=$'\\n\n",
  'declare -ax A=([0]="1"\n',
])('what is cut off or strange is not taken for an environment: %j', (text) => {
  expect(parseDeclarations(text)).toBeNull();
});

test('the program that bash runs is sound', () => {
  execFileSync('bash', ['-n', '-c', BASH_PROGRAM]);
});
