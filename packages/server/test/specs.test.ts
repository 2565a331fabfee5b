import { expect, test, vi } from 'vitest';
import { faultyEntry } from '../../core/test/support.js';
import { KernelSpecs } from '../src/specs/index.js';

test('a clock that is set back keeps no kernelspec from being found', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  try {
    const kernels = [faultyEntry()];
    using specs = new KernelSpecs({ find: async () => ({ kernels: [...kernels], searched: [] }), baseUrl: '/' });
    const names = async () => Object.keys((await specs.list()).kernelspecs);
    expect(await names()).toHaveLength(1);
    kernels.push({ ...faultyEntry(), id: 'added', name: 'added' });
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(15_000);
    // whoever asks first has the old list, and has it looked for
    await names();
    await vi.waitFor(async () => expect(await names()).toHaveLength(2));
    kernels.push({ ...faultyEntry(), id: 'later', name: 'later' });
    vi.advanceTimersByTime(3000);
    expect((await specs.get('later')).name).toBe('later');
  } finally {
    vi.useRealTimers();
  }
});
