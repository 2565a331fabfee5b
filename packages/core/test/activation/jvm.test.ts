/** A kernel that is no Python, in an environment without Python, whose program only the environment's activation puts on PATH. */
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  describeKernel,
  type IsolatedEnv,
  isolatedEnv,
  type ProvidedKernel,
} from '../../../../testing/support/index.js';
import { type CatalogEntry, catalog, planKernel, resolveKernel, start, startPlan } from '../../src/index.js';
import { printed, processAlive, resultText } from '../support.js';

/** A user on whose PATH there is nothing at all, so no `java` either. */
async function withoutJava(): Promise<IsolatedEnv> {
  const user = await isolatedEnv();
  user.env.PATH = await user.dir.dir('nothing');
  return user;
}

/** Found as a user finds it who names the environment. */
async function entryIn({ prefix }: ProvidedKernel, { env, home }: IsolatedEnv): Promise<CatalogEntry> {
  const options = { env, home, cwd: home, deno: false as const };
  return (await resolveKernel(await catalog(options), prefix!, options)).entry;
}

const options = ({ env, home }: IsolatedEnv) => ({ env, home, cwd: home, signal: AbortSignal.timeout(45_000) });

/** What is waited for in vain need not take long. */
const QUICK = { request: 500, term: 10_000 };

describeKernel('jvm', (jvm) => {
  test('is found by its prefix, as a kernel of a conda environment that has no Python', async () => {
    await using user = await withoutJava();
    const entry = await entryIn(jvm, user);
    expect(entry).toMatchObject({
      source: 'kernelspec',
      name: 'java',
      language: 'java',
      runtime: 'java',
      matched: 'owned',
      startable: true,
      problem: null,
      environment: { kind: 'conda', prefix: jvm.prefix, python: null },
    });
    expect(entry.argv[0]).toBe('java');
  });

  test('is not to be started by who does not know its environment', async () => {
    await using user = await withoutJava();
    const entry = await entryIn(jvm, user);
    const alone = { ...entry, owner: null, prefix: null, program: null };
    await expect(start(alone, options(user))).rejects.toMatchObject({ name: 'KernelStartError' });
  });

  test("starts as the environment's java itself, sees what activation sets, and ends when asked to", async () => {
    await using user = await withoutJava();
    const { prefix } = jvm;
    const plan = await planKernel(await entryIn(jvm, user), options(user));
    expect(plan.problem).toBeNull();
    expect(plan.argv[0]).toBe(join(prefix!, 'bin', 'java'));
    expect(plan.scripts).toEqual([join(prefix!, 'etc', 'conda', 'activate.d', 'openjdk_activate.sh')]);
    const { kernel, host } = await startPlan(plan, { signal: AbortSignal.timeout(45_000), shutdown: QUICK });
    await using _ = kernel;
    expect(kernel.info).toMatchObject({ implementation: 'JJava', language_info: { name: 'Java' } });

    const variable = async (name: string) => {
      const { status, outputs } = await kernel.execute(`System.out.print(System.getenv("${name}"))`);
      expect(status).toBe('ok');
      return outputs.map((output) => (output.output_type === 'stream' ? output.text : '')).join('');
    };
    expect(await variable('CONDA_PREFIX')).toBe(prefix);
    // the script's, and the package's
    expect(await variable('JAVA_HOME')).toBe(join(prefix!, 'lib', 'jvm'));
    expect(await variable('KERNELKIT_JVM_NOTE')).toBe('set by a package');
    expect((await variable('PATH')).split(':')[0]).toBe(join(prefix!, 'bin'));

    // no wrapper in between: the process that we started is the one that runs the cells, and it is our child
    const { pid } = host.launched.process;
    expect(resultText(await kernel.execute('ProcessHandle.current().pid()'))).toBe(String(pid));
    expect(resultText(await kernel.execute('ProcessHandle.current().parent().get().pid()'))).toBe(String(process.pid));
    if (existsSync('/proc/self/exe')) {
      expect(readlinkSync(`/proc/${pid}/exe`)).toBe(realpathSync(join(prefix!, 'bin', 'java')));
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]).toBe(join(prefix!, 'bin', 'java'));
    }

    // It stops listening when it is asked to end, but a thread that ran a cell keeps the JVM for a minute: SIGTERM ends that.
    await kernel.close();
    expect(host.launched.process.exit).toMatchObject({ code: 143, signal: null });
    expect(processAlive(pid)).toBe(false);
  });

  test('that ran no cell ends by itself when it is asked to', async () => {
    await using user = await withoutJava();
    const { kernel, host } = await startPlan(planKernel(await entryIn(jvm, user), options(user)));
    await kernel.close();
    // asked to end it does so by itself or, where it lingers, at SIGTERM, which a JVM turns into 128 + 15: never by SIGKILL
    const { exit } = host.launched.process;
    expect(exit?.signal).toBeNull();
    expect([0, 143]).toContain(exit?.code);
  });

  test('is interrupted in the middle of a cell, and goes on', async () => {
    await using user = await withoutJava();
    await using kernel = await start(await entryIn(jvm, user), { ...options(user), shutdown: QUICK });
    // JJava runs a cell statement by statement, and an interrupt between two of them is lost: the loop itself says that it runs
    const code = 'for (int i = 0; ; i++) { if (i == 0) System.out.println("looping"); Thread.sleep(5); }';
    const execution = kernel.execute(code);
    for await (const _ of execution) break;
    await kernel.interrupt();
    const { status, error } = await execution;
    expect(status).toBe('error');
    expect(error?.ename).toBe('EvaluationInterruptedException');
    expect(printed(await kernel.execute('System.out.println(6 * 7)'))).toBe('42\n');
  });
});
