import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';

/**
 * Links of a folder of HTML that lead nowhere inside it: to a file that is not there, or an anchor that its page has not.
 * Nothing is asked of the network: what has a scheme is left alone.
 * @param {string} folder
 * @returns {Promise<string[]>} `page: target`
 */
export async function brokenLinks(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const there = new Set(files);
  /** @type {Map<string, Set<string>>} */
  const anchors = new Map();
  /** @type {[string, string][]} */
  const links = [];
  for (const file of files.filter((name) => name.endsWith('.html'))) {
    // what a page shows as code is text
    const html = (await readFile(join(folder, file), 'utf8')).replace(/<script[\s\S]*?<\/script>/g, '');
    anchors.set(file, new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => plain(id))));
    for (const [, href] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) links.push([file, plain(href)]);
  }
  return links.filter(([file, href]) => isBroken(file, href)).map(([file, href]) => `${file}: ${href}`);

  /** @param {string} file @param {string} href */
  function isBroken(file, href) {
    if (/^([a-z][a-z+.-]*:|\/\/)/i.test(href)) return false;
    const [path = '', anchor = ''] = href.split('#');
    const target = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), decodeURI(path)));
    if (!there.has(target)) return true;
    return anchor !== '' && target.endsWith('.html') && !anchors.get(target)?.has(decodeURIComponent(anchor));
  }
}

const plain = (/** @type {string | undefined} */ text) =>
  (text ?? '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
