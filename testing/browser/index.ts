/** What a page needs: a bundle, an origin, and a headless browser. */
export { type BrowserBundle, bundleForBrowser, EVERYTHING } from './bundle.js';
export { LabNotebook, notebookOf } from './lab.js';
export { type OpenPage, openPage, type Site, serveProgram, startBrowser } from './page.js';
