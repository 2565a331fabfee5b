import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeKernel, isolatedEnv } from '../../../testing/support/index.js';
import { planKernel, startPlan } from '../../core/src/index.js';
import { printed, realEntry } from '../../core/test/support.js';
import { kernelkit } from './support.js';

describeKernel('ipykernel', () => {
  test('a kernel that runs is joined, by its file or by a part of its name, and goes on', async () => {
    await using user = await isolatedEnv();
    const { kernel, host } = await startPlan(planKernel(realEntry('ipykernel'), { transport: 'tcp' }));
    try {
      const file = host.launched.connectionFile;
      const first = await kernelkit(['exec', '--existing', file, 'x = 6; print(x * 7)'], { env: user.env });
      expect(first).toMatchObject({ status: 0, stdout: '42\n' });
      expect((await kernelkit(['exec', '-k', file, 'print(x)'], { env: user.env })).stdout).toBe('6\n');

      const runtime = await user.dir.write('runtime/kernel-4711.json', await readFile(file, 'utf8'));
      const env = { ...user.env, JUPYTER_RUNTIME_DIR: join(runtime, '..') };
      for (const query of [['4711'], []]) {
        const args = ['exec', '--json', '-f', await user.dir.write('code.py', 'print(x)'), '--existing', ...query];
        expect((await kernelkit(args, { env })).stdout).toContain('"text":"6\\n"');
      }
      const notebook = {
        ...{ nbformat: 4, nbformat_minor: 5, metadata: {} },
        cells: [{ id: 'a', cell_type: 'code', source: 'x += 1', metadata: {}, outputs: [], execution_count: null }],
      };
      const path = await user.dir.write('n.ipynb', JSON.stringify(notebook));
      expect((await kernelkit(['run', path, '--existing', file, '--quiet'], { env })).status).toBe(0);
      // nothing of it has ended the kernel
      expect(printed(await kernel.execute('print(x)'))).toBe('7\n');

      const gone = await user.dir.write('runtime/kernel-gone.json', await readFile(file, 'utf8'));
      await kernel.close();
      expect(await kernelkit(['exec', '--existing', gone, '1'], { env })).toMatchObject({
        status: 4,
        stderr: expect.stringContaining('cannot be reached'),
      });
    } finally {
      await kernel.close();
    }
  });
});

test('bad files, and -k beside it', async () => {
  await using user = await isolatedEnv();
  const { env } = user;
  expect((await kernelkit(['exec', '--existing', 'x', '-k', 'python3', '1'], { env })).status).toBe(2);
  const missing = await kernelkit(['exec', '--json', '--existing', 'nowhere', '1'], { env });
  expect([missing.status, JSON.parse(missing.stdout).error.kind]).toEqual([3, 'connection-file-missing']);
  const bad = await user.dir.write('kernel-bad.json', '{"shell_port": 1, "iopub_port": "x"}');
  const invalid = await kernelkit(['exec', '--json', '--existing', bad, '1'], { env });
  expect([invalid.status, JSON.parse(invalid.stdout).error.kind]).toEqual([8, 'connection-file-invalid']);
});
