import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Network, parseServerUrl, ServerError, serverFromUrl, withSettings } from '../../src/jupyter/index.js';

const network: Network = {
  fetch: () => Promise.reject(new Error('nobody is asked')),
  openWebSocket: () => {
    throw new Error('nobody is asked');
  },
};

describe('the server of a pasted URL', () => {
  test.each<[pasted: string, baseUrl: string, token?: string, path?: string]>([
    ['http://localhost:8888/lab?token=abc', 'http://localhost:8888/', 'abc'],
    ['http://localhost:8888/?token=abc', 'http://localhost:8888/', 'abc'],
    ['http://localhost:8888', 'http://localhost:8888/'],
    ['  http://localhost:8888/lab?token=abc\n', 'http://localhost:8888/', 'abc'],
    ['<http://localhost:8888/lab?token=abc>', 'http://localhost:8888/', 'abc'],
    ['"http://localhost:8888/lab?token=abc"', 'http://localhost:8888/', 'abc'],
    ['http://localhost:8888/#token=abc', 'http://localhost:8888/', 'abc'],
    ['http://localhost:8888/lab#token=abc', 'http://localhost:8888/', 'abc'],
    ['http://localhost:8888/lab?reset&token=a%2Bb#frag', 'http://localhost:8888/', 'a+b'],
    ['http://localhost:8888/?token=abc :: /home/ann', 'http://localhost:8888/', 'abc'],
    ['http://(box or 127.0.0.1):8888/?token=abc', 'http://127.0.0.1:8888/', 'abc'],
    ['http://h:8888/tree', 'http://h:8888/'],
    ['http://h:8888/tree/work/a%20b', 'http://h:8888/', '', 'work/a b'],
    ['http://h:8888/notebooks/x.ipynb', 'http://h:8888/', '', 'x.ipynb'],
    ['http://h:8888/notebooks/d/x.ipynb?token=t#cell', 'http://h:8888/', 't', 'd/x.ipynb'],
    ['http://h:8888/edit/a.py', 'http://h:8888/', '', 'a.py'],
    ['http://h:8888/doc/tree/a.ipynb', 'http://h:8888/', '', 'a.ipynb'],
    ['http://h:8888/lab/tree/d/x.ipynb', 'http://h:8888/', '', 'd/x.ipynb'],
    ['http://h:8888/lab/workspaces/auto-Q/tree/d/x.ipynb', 'http://h:8888/', '', 'd/x.ipynb'],
    ['http://h:8888/lab/tree/lab/tree/x.ipynb', 'http://h:8888/', '', 'lab/tree/x.ipynb'],
    ['http://h:8888/nbclassic/notebooks/x.ipynb', 'http://h:8888/', '', 'x.ipynb'],
    ['http://h:8888/voila/render/x.ipynb', 'http://h:8888/', '', 'x.ipynb'],
    ['http://h:8888/base/lab?token=t', 'http://h:8888/base/', 't'],
    ['https://h/deep/base/', 'https://h/deep/base/'],
    ['https://h/deep/base', 'https://h/deep/base/'],
    ['https://h//deep///base//lab', 'https://h/deep/base/'],
    ['https://h/base/api/kernels', 'https://h/base/'],
    ['http://h:8888/login?next=%2Flab%3Ftoken%3Dabc', 'http://h:8888/', 'abc'],
    ['http://h:8888/base/login?next=%2Fbase%2Ftree', 'http://h:8888/base/'],
    ['ws://h:8888/api/kernels/1/channels?token=t', 'http://h:8888/', 't'],
    ['wss://h/base/', 'https://h/base/'],
    ['HTTP://LOCALHOST:8888/Lab', 'http://localhost:8888/Lab/'],
    ['http://[::1]:8888/lab?token=t', 'http://[::1]:8888/', 't'],
    ['[::1]:8888/lab', 'http://[::1]:8888/'],
    ['localhost:8888/lab?token=t', 'http://localhost:8888/', 't'],
    ['127.0.0.1:8888', 'http://127.0.0.1:8888/'],
    ['localhost', 'http://localhost/'],
    [':8888/lab', 'http://localhost:8888/'],
    ['8888', 'http://localhost:8888/'],
    ['box:8888/tree', 'http://box:8888/'],
    ['box:443', 'https://box/'],
    ['hub.example.org/base', 'https://hub.example.org/base/'],
    ['http://h:80/lab', 'http://h/'],
    ['http://bücher.example/lab', 'http://xn--bcher-kva.example/'],
  ])('%s', (pasted, baseUrl, token = '', path) => {
    expect(parseServerUrl(pasted)).toEqual({ baseUrl, token, path: path ?? null, hub: null });
  });

  test.each<[pasted: string, baseUrl: string, hubUrl: string, user: string | null, server?: string, path?: string]>([
    ['https://h/user/ann/lab?token=t', 'https://h/user/ann/', 'https://h/hub/', 'ann'],
    ['https://h/user/ann/lab/tree/a.ipynb', 'https://h/user/ann/', 'https://h/hub/', 'ann', '', 'a.ipynb'],
    ['https://h/user/ann/', 'https://h/user/ann/', 'https://h/hub/', 'ann'],
    ['https://h/user/ann/gpu/lab', 'https://h/user/ann/gpu/', 'https://h/hub/', 'ann', 'gpu'],
    ['https://h/user/lab/lab', 'https://h/user/lab/', 'https://h/hub/', 'lab'],
    ['https://h/user/ann%40b.org/tree', 'https://h/user/ann%40b.org/', 'https://h/hub/', 'ann@b.org'],
    ['https://h/base/user/ann/tree', 'https://h/base/user/ann/', 'https://h/base/hub/', 'ann'],
    ['https://h/hub/user/ann/lab', 'https://h/user/ann/', 'https://h/hub/', 'ann'],
    ['https://h/hub/spawn/ann', 'https://h/user/ann/', 'https://h/hub/', 'ann'],
    ['https://h/hub/spawn-pending/ann/gpu', 'https://h/user/ann/gpu/', 'https://h/hub/', 'ann', 'gpu'],
    ['https://h/hub/home', 'https://h/hub/', 'https://h/hub/', null],
    ['https://h/base/hub/token', 'https://h/base/hub/', 'https://h/base/hub/', null],
    ['https://h/hub/user-redirect/lab/tree/a.ipynb', 'https://h/hub/', 'https://h/hub/', null, '', 'a.ipynb'],
  ])('of a hub: %s', (pasted, baseUrl, hubUrl, user, server = '', path) => {
    expect(parseServerUrl(pasted)).toMatchObject({ baseUrl, path: path ?? null, hub: { hubUrl, user, server } });
  });

  test.each<[pasted: string, says: RegExp]>([
    ['', /empty/],
    ['http://', /no URL/],
    ['http://a b/', /no URL/],
    ['ftp://h/lab?token=s3cret-token', /http or https/],
    ['http://ann:s3cret-token@h:8888/lab', /user name or a password/],
    ['ann:s3cret-token@h:8888', /user name or a password/],
    ['http://h:99999/lab?token=s3cret-token', /no URL/],
    ['http://h:8888/lab?token=...', /left out/],
    ['http://h:8888/lab?token=a%20s3cret-token', /cannot be sent/],
  ])('is refused: %s', (pasted, says) => {
    let error: unknown;
    try {
      serverFromUrl(pasted, { network });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ kind: 'server-url-invalid', message: expect.stringMatching(says) });
    expect((error as ServerError).fix).toBeTruthy();
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret-token');
  });

  test('a token that is given counts more than the one in the URL', () => {
    expect(serverFromUrl('http://h:8888/?token=old', { network, token: 'new' }).token).toBe('new');
  });

  test('shows no secret of its own', () => {
    const settings = serverFromUrl('http://h:8888/lab/tree/a.ipynb?token=s3cret-token', {
      network,
      headers: { Cookie: 'session=s3cret-cookie' },
    });
    for (const each of [settings, withSettings(settings, { baseUrl: 'http://h:8888/b/' })]) {
      const shown = [String(each), JSON.stringify(each), inspect(each), inspect({ each }, { depth: 9 }), `${each}`];
      expect(shown.join('\n')).not.toContain('s3cret');
      expect(shown.join('\n')).toContain('http://h:8888/');
      expect(each.token).toBe('s3cret-token');
      expect(each.headers).toEqual({ Cookie: 'session=s3cret-cookie' });
    }
  });

  test('a header that cannot be sent is refused before fetch could print it', () => {
    const give = () => serverFromUrl('http://h:8888', { network, headers: { 'X-Key': 's3cret\nkey' } });
    expect(give).toThrow(/"X-Key"/);
    expect(give).not.toThrow(/s3cret/);
  });
});
