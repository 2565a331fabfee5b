import hljs from 'highlight.js/lib/common';
import { Marked } from 'marked';

/**
 * @typedef {{ id: string, text: string, depth: number }} Heading
 * @typedef {{ html: string, title: string, headings: Heading[] }} Rendered
 */

const escaped = (/** @type {string} */ text) =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? one);

/** The ids of a page's headings as GitHub makes them, so that a link works there and here. */
export function slugger() {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return (/** @type {string} */ text) => {
    const plain = text
      .replace(/<[^>]*>/g, '')
      .trim()
      .toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '').replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  };
}

/** Every target of a link or a picture in a page, as written. @param {string} text @returns {string[]} */
export function targetsOf(text) {
  /** @type {string[]} */
  const targets = [];
  const marked = new Marked();
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === 'link' || token.type === 'image') targets.push(token.href);
  });
  return targets;
}

/**
 * A page as HTML.
 * @param {string} text
 * @param {(href: string) => string} move from a target as written to where it is in the site
 * @returns {Rendered}
 */
export function render(text, move) {
  const slug = slugger();
  /** @type {Heading[]} */
  const headings = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const plain = this.parser.parseInline(tokens, this.parser.textRenderer);
        const id = slug(plain);
        headings.push({ id, text: plain, depth });
        return `<h${depth} id="${escaped(id)}">${html}</h${depth}>\n`;
      },
      link({ href, title, tokens }) {
        const named = title ? ` title="${escaped(title)}"` : '';
        return `<a href="${escaped(move(href))}"${named}>${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text: alt }) {
        return `<img src="${escaped(move(href))}" alt="${escaped(alt)}">`;
      },
      code({ text: code, lang, codeBlockStyle }) {
        const language = codeBlockStyle === 'indented' ? 'sh' : (lang ?? '');
        const body = hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : escaped(code);
        return `<pre${language === 'text' ? ' class="picture"' : ''}><code>${body}</code></pre>\n`;
      },
      // comments are the docs test's directives
      html: ({ text: html }) => html.replace(/<!--[\s\S]*?-->/g, ''),
    },
  });
  const html = /** @type {string} */ (marked.parse(text));
  return { html, title: headings.find(({ depth }) => depth === 1)?.text ?? 'Kernelkit', headings };
}
