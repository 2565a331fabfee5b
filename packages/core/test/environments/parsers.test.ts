import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { poetryName } from '../../src/environments/projects.js';
import { parsePyvenvCfg, plainVersion } from '../../src/environments/pyvenv-cfg.js';
import { mountOf, remoteMounts } from '../../src/files/index.js';

describe('pyvenv.cfg', () => {
  test.each([
    [
      'home = /usr/bin\nversion = 3.11.2\n',
      { home: '/usr/bin', version: '3.11.2', by: 'venv', systemSitePackages: false },
    ],
    ['home=/usr/bin\r\nINCLUDE-SYSTEM-SITE-PACKAGES = True\r\n', { home: '/usr/bin', systemSitePackages: true }],
    [
      'version_info = 3.12.1.final.0\nvirtualenv = 20.1\nbase-prefix = /usr\n',
      { version: '3.12.1', by: 'virtualenv', basePrefix: '/usr' },
    ],
    ['uv = 0.9.5\nversion_info = 3.14.0rc1\n', { by: 'uv', version: '3.14.0rc1' }],
    ["prompt = 'my env'", { prompt: 'my env' }],
    ['prompt = "it\'s"', { prompt: "it's" }],
    ['prompt = (demo) ', { prompt: 'demo' }],
    ["prompt = ''", { prompt: null }],
    ['home = C:\\Program Files\\Python=3', { home: 'C:\\Program Files\\Python=3' }],
    ['home = first\nhome = second', { home: 'first' }],
    ['no equals sign\n= no key\n# home = x\nhome =', { home: null, version: null, prompt: null }],
    ['', { home: null, basePrefix: null, version: null, by: 'venv' }],
    ['__proto__ = x\nconstructor = y', { home: null }],
  ])('%j', (text, fields) => {
    expect(parsePyvenvCfg(text)).toMatchObject(fields);
  });

  test('never throws, and reads back what a tool wrote', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.constantFrom('home', 'version', 'prompt', 'uv'), fc.string()).map((pair) => pair.join('=')),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        expect(parsePyvenvCfg(lines.join(end)).keys).toBeInstanceOf(Map);
      }),
    );
    const plain = fc.stringMatching(/^[\w/.-][\w /.=-]*$/).map((text) => text.trim());
    fc.assert(
      fc.property(plain, fc.boolean(), (home, system) => {
        const cfg = parsePyvenvCfg(`home = ${home}\ninclude-system-site-packages = ${system}\n`);
        expect(cfg).toMatchObject({ home, systemSitePackages: system });
      }),
    );
  });

  test.each([
    ['3.11.2', '3.11.2'],
    ['3.11', '3.11'],
    ['3.11.2.final.0', '3.11.2'],
    ['3.14.0.candidate.1', '3.14.0rc1'],
    ['3.14.0.alpha.2', '3.14.0a2'],
    ['3.13.0b4', '3.13.0b4'],
    ['CPython 3.9.1', '3.9.1'],
    ['three', null],
    ['', null],
  ])('the version %j', (text, version) => {
    expect(plainVersion(text)).toBe(version);
  });
});

test('poetry’s own names', () => {
  const folder = '/Users/donjayamanne/temp/poetry-sample1/poetry-demo';
  expect(poetryName('poetry-demo', folder)).toBe('poetry-demo-gNT2WXAV-py');
  expect(poetryName('A $name`!*@"\\\r\n\tx', folder)).toBe('a__name_________x-gNT2WXAV-py');
  expect(poetryName('x'.repeat(60), folder)).toBe(`${'x'.repeat(42)}-gNT2WXAV-py`);
});

describe('mounts', () => {
  const line = (point: string, type: string, options = 'shared:1 master:2') =>
    `36 35 98:0 /root ${point} rw,noatime ${options}${options === '' ? '' : ' '}- ${type} server:/export rw,addr=1.2.3.4`;
  const info = [
    line('/', 'nfs4'),
    line('/home', 'nfs4'),
    line('/home/ann/local', 'ext4'),
    line('/mnt/with\\040space', 'cifs', ''),
    line('/home/ann/remote', 'fuse.sshfs'),
    line('/net', 'autofs'),
    line('/tmp', 'tmpfs'),
    line('/mnt/new\\012line\\134', 'afs'),
    'nonsense',
    '',
  ].join('\n');
  const mounts = remoteMounts(info);

  test('those that are not known to be local, the deepest first; the root is where this program came from', () => {
    expect(mounts.map(({ point, type }) => `${type} ${point}`).sort()).toEqual([
      'afs /mnt/new\nline\\',
      'autofs /net',
      'cifs /mnt/with space',
      'fuse.sshfs /home/ann/remote',
      'nfs4 /home',
    ]);
    expect(mounts.map(({ point }) => point.length)).toEqual(
      mounts.map(({ point }) => point.length).sort((a, b) => b - a),
    );
  });

  test.each([
    ['/home/ann/x', '/home'],
    ['/home', '/home'],
    ['/homer', null],
    ['/home/ann/remote/x', '/home/ann/remote'],
    ['/net/server/x', '/net'],
    ['/tmp/x', null],
    ['/', null],
  ])('%s lies on %s', (path, point) => {
    expect(mountOf('linux', path, mounts)?.point ?? null).toBe(point);
  });

  test.each([
    ['\\\\server\\share\\x', true],
    ['//server/share', true],
    ['\\\\?\\C:\\x', false],
    ['\\\\.\\pipe\\x', false],
    ['C:\\x', false],
  ])('on Windows %s is remote: %s', (path, remote) => {
    expect(mountOf('win32', path, []) !== null).toBe(remote);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void remoteMounts(text)));
  });
});
