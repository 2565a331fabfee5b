import { randomBytes } from 'node:crypto';
import type { Browser, Locator, Page } from 'playwright-core';

/** How long anything that a person waits for may take, a kernel's start included. */
const PATIENCE_MS = 30_000;

/** A notebook of these cells, as a file holds it. */
export function notebookOf(cells: readonly string[], kernel: { name: string; display: string }): string {
  return JSON.stringify({
    ...{ nbformat: 4, nbformat_minor: 5 },
    metadata: { kernelspec: { name: kernel.name, display_name: kernel.display, language: 'python' } },
    cells: cells.map((source) => ({
      ...{ id: randomBytes(4).toString('hex'), cell_type: 'code', source, metadata: {}, outputs: [] },
      execution_count: null,
    })),
  });
}

/** A notebook in JupyterLab, used as a person does: by what is on the page, and the keys. */
export class LabNotebook implements AsyncDisposable {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /**
   * @param server its URL has a slash at its end
   * @param path of the notebook, below the server's root
   * @param kernel by its display name: the one that the notebook names
   */
  static async open(
    browser: Browser,
    server: { readonly url: string; readonly token: string },
    path: string,
    kernel: string,
  ): Promise<LabNotebook> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1600 } });
    page.setDefaultTimeout(PATIENCE_MS);
    const notebook = new LabNotebook(page);
    await page.goto(`${server.url}lab/tree/${path}?token=${server.token}`);
    await notebook.cell(0).waitFor();
    await notebook.has(kernel);
    return notebook;
  }

  cell(at: number): Locator {
    return this.page.locator('.jp-Notebook .jp-CodeCell').nth(at);
  }

  /** What is below a cell. */
  output(at: number): Locator {
    return this.cell(at).locator('.jp-OutputArea-output');
  }

  /** @throws Error where JupyterLab has something to say first */
  async run(at: number): Promise<void> {
    const dialog = this.page.locator('.jp-Dialog');
    if ((await dialog.count()) > 0) throw new Error(`JupyterLab says: ${await dialog.first().textContent()}`);
    await this.cell(at).locator('.cm-content').click();
    await this.page.keyboard.press('Control+Enter');
  }

  /** Runs a cell, and resolves when it has printed that. */
  async prints(at: number, text: string | RegExp): Promise<void> {
    await this.run(at);
    await this.shows(at, text);
  }

  async shows(at: number, text: string | RegExp): Promise<void> {
    await this.output(at).filter({ hasText: text }).first().waitFor();
  }

  /** Answers the question that a cell asks. */
  async answer(at: number, text: string): Promise<void> {
    const field = this.cell(at).locator('.jp-Stdin-input');
    await field.fill(text);
    await field.press('Enter');
  }

  /** What the toolbar says of the kernel: `Idle`, `Busy`, … */
  async is(status: string): Promise<void> {
    await this.page.locator(`.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status="${status}"]`).waitFor();
  }

  /** Keys of the command mode: `i i` interrupts, `0 0` restarts. */
  async command(...keys: string[]): Promise<void> {
    await this.page.keyboard.press('Escape');
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Saves it, and loads the page anew. */
  async reload(kernel: string): Promise<void> {
    const saved = this.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
    await this.page.keyboard.press('Control+s');
    await saved;
    await this.page.reload();
    await this.cell(0).waitFor();
    await this.has(kernel);
  }

  /** Answers the dialog that is open, or about to be. @param says what has to be in it */
  async accept(says: string | RegExp = ''): Promise<void> {
    await this.page.locator('.jp-Dialog').filter({ hasText: says }).waitFor();
    await this.page.locator('.jp-Dialog .jp-mod-accept').click();
    await this.page.locator('.jp-Dialog').waitFor({ state: 'detached' });
  }

  /** Another kernel for the notebook, by its display name. */
  async changeKernel(display: string): Promise<void> {
    await this.#kernelName.click();
    const select = this.page.locator('.jp-Dialog select');
    const option = select.locator('option', { hasText: display }).first();
    await select.selectOption(await option.getAttribute('value'));
    await this.accept();
    await this.has(display);
  }

  /** Resolves when that kernel is there. What is run before, JupyterLab forgets, or has the last one run. */
  async has(display: string): Promise<void> {
    await this.#kernelName.filter({ hasText: display }).waitFor();
    await this.is('idle');
  }

  get #kernelName(): Locator {
    return this.page.locator('.jp-NotebookPanel-toolbar .jp-KernelName');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
