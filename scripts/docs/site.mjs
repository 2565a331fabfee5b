import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../lib/root.mjs';
import { render, targetsOf } from './markdown.mjs';
import { sections } from './pages.mjs';

const isOutside = (/** @type {string} */ href) => /^[a-z][a-z+.-]*:/i.test(href);

/** Where a page, or a file that pages link to, is in the site. @param {string} file of the repository */
export function placeOf(file) {
  return file.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html');
}

/** @param {string} from a file of the site @param {string} to another, perhaps with an anchor */
const relative = (from, to) => posix.relative(posix.dirname(from), to) || posix.basename(to);

/** @param {string} file a page @param {string} href a target in it: the file that it names, and its anchor */
function fileOf(file, href) {
  const [path = '', anchor] = href.split('#');
  const target = path === '' ? file : posix.join(posix.dirname(file), decodeURI(path));
  return { target, anchor: anchor === undefined ? '' : `#${anchor}` };
}

/** The pages of the navigation, and those that they lead to. @returns {Promise<Map<string, string>>} */
async function allPages() {
  const pages = new Map();
  const waiting = sections.flatMap(({ pages: some }) => some.map(([file]) => /** @type {string} */ (file)));
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    if (pages.has(file)) continue;
    const text = await readFile(join(root, file), 'utf8');
    pages.set(file, text);
    for (const href of targetsOf(text)) {
      const { target } = isOutside(href) ? { target: '' } : fileOf(file, href);
      if (target.endsWith('.md') && (await isFile(join(root, target)))) waiting.push(target);
    }
  }
  return pages;
}

const isFile = (/** @type {string} */ path) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** @param {string} place of the page @param {boolean} withApi */
function navigation(place, withApi) {
  const entry = (/** @type {string} */ to, /** @type {string} */ name) =>
    `<li><a href="${relative(place, to)}"${to === place ? ' aria-current="page"' : ''}>${name}</a></li>`;
  const lists = sections.map(({ title, pages }) => {
    const entries = pages.map(([file, name]) =>
      entry(placeOf(/** @type {string} */ (file)), /** @type {string} */ (name)),
    );
    return `<h2>${title}</h2><ul>${entries.join('')}</ul>`;
  });
  if (withApi) lists.push(`<h2>Reference</h2><ul>${entry('api/index.html', 'Every export')}</ul>`);
  return lists.join('\n');
}

/**
 * Writes the pages as HTML.
 * @param {string} out a folder
 * @param {{ api: boolean }} options api: whether the API reference will be there, to link to
 * @returns {Promise<string[]>} the files of the repository that became pages
 */
export async function writeSite(out, { api }) {
  const pages = await allPages();
  /** @type {Set<string>} */
  const files = new Set();
  for (const [file, text] of pages) {
    const place = placeOf(file);
    const { html, title } = render(text, (href) => {
      if (isOutside(href)) return href;
      const { target, anchor } = fileOf(file, href);
      if (!pages.has(target)) files.add(target);
      return `${relative(place, placeOf(target))}${anchor}`;
    });
    const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}${title === 'Kernelkit' ? '' : ' · Kernelkit'}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="${relative(place, 'style.css')}"></head>
<body><nav>${navigation(place, api)}</nav><main>
${html}</main></body></html>
`;
    await mkdir(dirname(join(out, place)), { recursive: true });
    await writeFile(join(out, place), page);
  }
  await cp(fileURLToPath(new URL('./style.css', import.meta.url)), join(out, 'style.css'));
  for (const file of files) {
    if (!(await isFile(join(root, file)))) continue; // the check of links tells of it
    await mkdir(dirname(join(out, file)), { recursive: true });
    await cp(join(root, file), join(out, file));
  }
  return [...pages.keys()];
}
