import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { brokenLinks } from '../../scripts/docs/links.mjs';
import { render, slugger } from '../../scripts/docs/markdown.mjs';
import { startBrowser } from '../browser/index.js';
import { root } from '../docs/blocks.js';
import { definedKinds, toldKinds } from '../docs/kinds.js';
import { serveFolder } from '../docs/serve-folder.js';
import { describeTool, type TempDir, tempDir } from '../support/index.js';

let site: TempDir;
beforeAll(async () => {
  site = await tempDir();
  // as `npm run docs` does, the reference included: that fails where a comment links to nothing, or is not there
  await promisify(execFile)(process.execPath, [join(root, 'scripts/docs.mjs'), site.path]);
  return () => site[Symbol.asyncDispose]();
}, 240_000);

test('no link leads nowhere, in the site and so in the pages that it is made of', async () => {
  expect(await brokenLinks(site.path)).toEqual([]);
});

test('every page of docs/ is in the navigation', () => {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const index = readFileSync(join(site.path, 'index.html'), 'utf8');
  for (const name of docs) expect(index).toContain(`href="docs/${name.replaceAll('\\', '/').replace(/md$/, 'html')}"`);
  expect(docs).toContain('tutorials/agent.md');
});

test('a link to what is not there is found', async () => {
  await using folder = await tempDir();
  const page = '<h1 id="top">x</h1><a href="#top"></a><a href="sub/b.html#yes"></a><a href="https://example.org/"></a>';
  await mkdir(join(folder.path, 'sub'));
  await writeFile(join(folder.path, 'sub/b.html'), '<p id="yes"></p><a href="../a.html"></a><img src="no.svg">');
  await writeFile(
    join(folder.path, 'a.html'),
    `${page}<a href="#no"></a><a href="sub/b.html#no"></a><a href="c.html"></a>`,
  );
  expect((await brokenLinks(folder.path)).sort()).toEqual([
    'a.html: #no',
    'a.html: c.html',
    'a.html: sub/b.html#no',
    'sub/b.html: no.svg',
  ]);
});

test('headings have the ids that GitHub gives them; directives are not shown', () => {
  const slug = slugger();
  expect(["The server has to allow the page's origin", 'A, `b` & c', 'A, `b` & c'].map(slug)).toEqual([
    'the-server-has-to-allow-the-pages-origin',
    'a-b--c',
    'a-b--c-1',
  ]);
  const { html, title } = render(
    '# A `b`\n\n<!-- docs: before\nlet x;\n-->\n```ts\nlet y = "<";\n```\n',
    (href) => href,
  );
  expect(title).toBe('A b');
  expect(html).not.toContain('let x');
  expect(html).toContain('&lt;');
});

test('the picture shows no path of the machine that it was drawn on', () => {
  const picture = readFileSync(join(root, 'docs/list.svg'), 'utf8');
  expect(picture).toContain('kernelkit list');
  expect(picture).not.toMatch(/\/(home|root|work|tmp|Users)\//);
});

test('troubleshooting.md has every kind of error that there is, and no other', () => {
  expect(toldKinds()).toEqual(definedKinds());
});

describeTool('browser', (program) => {
  describe('in a browser', () => {
    test('the pages open, and their links can be followed', async () => {
      await using server = await serveFolder(site.path);
      const browser = await startBrowser(program);
      try {
        const page = await browser.newPage();
        const failed: string[] = [];
        page.on('pageerror', (error) => failed.push(String(error)));
        page.on('response', (response) => response.ok() || failed.push(`${response.status()} ${response.url()}`));
        await page.goto(`${server.origin}/index.html`);
        expect(await page.title()).toBe('Kernelkit');
        // a picture that cannot be drawn has no width
        expect(await page.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
        await page.getByRole('link', { name: 'For an agent' }).click();
        await page.getByRole('heading', { level: 1 }).filter({ hasText: 'agent' }).waitFor();
        await page.getByRole('main').getByRole('link', { name: 'troubleshooting.md' }).click();
        await page.getByRole('heading', { level: 1, name: 'Troubleshooting' }).waitFor();
        await page.getByRole('link', { name: 'the statuses' }).click();
        await page.waitForURL(/command\.html#exit-status$/);
        expect(await page.locator('#exit-status').isVisible()).toBe(true);
        await page.getByRole('link', { name: 'Every export' }).click();
        const reference = page.locator('.col-content');
        await reference.getByRole('link', { name: '@kernelkit/core', exact: true }).click();
        await reference.getByRole('link', { name: 'start', exact: true }).first().click();
        await page.getByRole('heading', { level: 1, name: 'Function start' }).waitFor();
        await page.getByRole('link', { name: 'Guide' }).first().click();
        await page.waitForURL(/\/index\.html$/);
        expect(failed).toEqual([]);
      } finally {
        await browser.close();
      }
    });
  });
});

test('the tool that makes the reference is pinned, apart from the workspace', () => {
  expect(existsSync(join(root, 'scripts/docs/package-lock.json'))).toBe(true);
});
