import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeServer } from '../../../../testing/servers/index.js';
import { isolatedEnv, kernelTest } from '../../../../testing/support/index.js';
import { type StartNotice, start } from '../../src/index.js';
import { foundServer, runs } from '../jupyter-local/support.js';
import { entryOf, printed, realEntry, resultText } from '../support.js';

const PARENT = 'import os; print(os.getppid())';

describeServer('jupyter-server', ({ name }) => {
  describe("mode: 'jupyter'", () => {
    kernelTest('ipykernel', 'a kernel of this machine, through a server that ends with it', async () => {
      await using user = await isolatedEnv();
      await mkdir(join(user.home, 'sub'));
      const notices: StartNotice[] = [];
      const kernel = await start(realEntry('ipykernel'), {
        ...{ mode: 'jupyter', env: user.env, cwd: user.home, overrides: { ADDED: 'yes' }, autoRestart: true },
        ...{ localServer: { server: foundServer(name) }, server: { path: 'sub/a.ipynb', type: 'notebook' } },
        onServerNotice: (notice) => notices.push(notice),
      });
      expect(resultText(await kernel.execute('import os; os.environ["ADDED"], os.getcwd()'))).toBe(
        `('yes', '${join(user.home, 'sub')}')`,
      );
      expect(notices.map(({ message }) => message.split(' ')[0])).toEqual(['autoRestart']);
      const server = Number(printed(await kernel.execute(PARENT)));
      expect(server).not.toBe(process.pid);
      expect(runs(server)).toBe(true);
      await kernel.close();
      expect(runs(server)).toBe(false);
    });

    kernelTest('ipykernel', 'without it the kernel is a child of ours', async () => {
      await using kernel = await start(realEntry('ipykernel'), { mode: 'raw' });
      expect(Number(printed(await kernel.execute(PARENT)))).toBe(process.pid);
    });
  });
});

test.each([
  ['transport', { transport: 'tcp' as const }, {}],
  ['mode', {}, { source: 'running' as const, file: 'there.json' }],
])('%s is refused where a server is to run it', async (option, options, fields) => {
  const entry = { ...entryOf({ argv: ['/bin/false', '{connection_file}'] }), ...fields };
  await expect(start(entry, { mode: 'jupyter', ...options })).rejects.toMatchObject({ kind: 'server-option', option });
});
