/** JupyterLab itself, in a browser: before the gateway (`--gateway-url`), and beside it behind a proxy. */
import { writeFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabNotebook, notebookOf, startBrowser } from '../../../testing/browser/index.js';
import { describeServer, jupyterServer, pythonOf } from '../../../testing/servers/index.js';
import { describeTool } from '../../../testing/support/index.js';
import { behindProxy } from './behind-proxy.js';
import { type TestGateway, testGateway } from './support.js';

const CELLS = {
  answers: "print(6 * 7)\n'a' + 'b'",
  asks: "print('hello', input('who? '))",
  stays: "import time\nprint('begun', flush=True)\ntime.sleep(600)",
  slides:
    "from ipywidgets import interact\n\n@interact(n=(0, 10))\ndef show(n):\n    global last\n    last = n\n    print('n is', n)",
  knows: "print('last is', last)",
  dies: 'import os\nos._exit(3)',
  // a widget whose bytes go as a buffer of its comm
  shows:
    "from base64 import b64decode\nfrom ipywidgets import Image\nImage(value=b64decode('R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs='), format='gif')",
};
type CellName = keyof typeof CELLS;
const at = (name: CellName) => Object.keys(CELLS).indexOf(name);
const PYTHON = { name: 'python3', display: 'Python of the lab' };

/** Kernelspecs: JupyterLab's own Python, which has ipywidgets, and Deno. */
async function labGateway(options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> {
  const served = await testGateway({ names: ['deno'], ...options });
  const argv = [pythonOf('jupyterlab'), '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
  const spec = { argv, display_name: PYTHON.display, language: 'python' };
  await served.home.dir.write('home/.local/share/jupyter/kernels/python3/kernel.json', JSON.stringify(spec));
  return served;
}

/** What people do, until the kernel is another one. */
async function work(notebook: LabNotebook): Promise<void> {
  await notebook.prints(at('answers'), '42');
  await notebook.shows(at('answers'), "'ab'");

  await notebook.run(at('asks'));
  await notebook.answer(at('asks'), 'Ada');
  await notebook.shows(at('asks'), 'hello Ada');

  await notebook.prints(at('stays'), 'begun');
  await notebook.is('busy');
  await notebook.command('i', 'i');
  await notebook.shows(at('stays'), 'KeyboardInterrupt');
  await notebook.is('idle');

  await notebook.prints(at('slides'), 'n is 5');
  const handle = notebook.cell(at('slides')).locator('.noUi-handle');
  await handle.press('ArrowRight');
  await notebook.shows(at('slides'), 'n is 6');
  await handle.press('ArrowRight');
  await notebook.shows(at('slides'), 'n is 7');
  await notebook.prints(at('knows'), 'last is 7');
  await notebook.reload(PYTHON.display);
  await notebook.prints(at('knows'), 'last is 7');
}

async function loseKernels(notebook: LabNotebook): Promise<void> {
  await notebook.command('0', '0');
  // the only dialog: none says that the kernel has died
  await notebook.accept('Restart Kernel?');
  await notebook.prints(at('knows'), 'NameError');
  await notebook.run(at('dies'));
  await notebook.accept('appears to have died. It will restart automatically');
  await notebook.is('idle');
  // the dialog says no more than that
  await notebook.shows(at('dies'), /DeadKernelError: .* died .*3/);
  await notebook.prints(at('knows'), 'NameError');
  await notebook.changeKernel('deno');
  await notebook.prints(at('answers'), 'print is not defined');
}

describeServer('jupyterlab', () => {
  describeTool('browser', (program) => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser(program);
    }, 60_000);
    afterAll(() => browser?.close());

    test('jupyter lab --gateway-url: cells, input, interrupt, a slider, restart, another kernel', {
      timeout: 180_000,
    }, async () => {
      await using served = await labGateway();
      const { gateway } = served;
      const { url } = await served.listen();
      const args = ['--gateway-url', url, `--GatewayClient.auth_token=${gateway.token}`];
      await using lab = await jupyterServer({ version: 'lab', kernels: [], args });
      await writeFile(`${lab.root}/n.ipynb`, notebookOf(Object.values(CELLS), PYTHON));
      await using notebook = await LabNotebook.open(browser, lab, 'n.ipynb', PYTHON.display);
      await work(notebook);
      // its own client cannot take bytes, and would end with them: they are left out, it is said, and the kernel goes on
      await notebook.prints(at('shows'), 'binary buffers');
      await notebook.prints(at('knows'), 'last is 7');
      await loseKernels(notebook);
      expect(gateway.kernels.list().map(({ name }) => name)).toEqual(['deno']);
      expect(gateway.kernels.started).toBe(2);
    });

    test('behind a proxy that sends what is of kernels to the gateway: the same, and the bytes of widgets', {
      timeout: 180_000,
    }, async () => {
      // a name that Chromium itself takes for this machine
      await using site = await behindProxy({
        version: 'lab',
        host: 'lab.localhost',
        baseUrl: '/a/b/',
        gateway: labGateway,
      });
      const { gateway } = site.served;
      await writeFile(`${site.lab.root}/n.ipynb`, notebookOf(Object.values(CELLS), PYTHON));
      await using notebook = await LabNotebook.open(browser, site, 'n.ipynb', PYTHON.display);
      await work(notebook);
      await notebook.run(at('shows'));
      const image = notebook.cell(at('shows')).locator('img');
      await image.waitFor();
      expect(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth)).toBe(1);
      await loseKernels(notebook);
      expect(gateway.sessions.list()).toHaveLength(1);
      expect(gateway.kernels.list().map(({ name }) => name)).toEqual(['deno']);
    });
  });
});
