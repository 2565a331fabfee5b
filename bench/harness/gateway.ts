import { freePort, startProgram, writeKernelspecs } from '../../testing/servers/index.js';
import { isolatedEnv, type KernelName } from '../../testing/support/index.js';
import { command } from './places.js';
import { type BenchServer, reach, type ServerProcess } from './server.js';

/** `kernelkit serve`, as a user starts it: a process of its own, in a home that has nothing but the kernelspecs. */
export async function startGateway(kernels: readonly KernelName[]): Promise<BenchServer> {
  const home = await isolatedEnv();
  let running: ServerProcess;
  try {
    await writeKernelspecs(home, kernels);
    const root = await home.dir.dir('root');
    const port = await freePort();
    const token = 'the-bench-and-nobody-else';
    const env = { ...home.env, KERNELKIT_SERVE_TOKEN: token };
    // with --cpu-prof the gateway is profiled, too
    const argv = [process.execPath, ...process.execArgv, command, 'serve', '--port', String(port)];
    const start = () => startProgram(argv, { env, cwd: root, port, ready: /^http:/m });
    let program = await start();
    running = {
      url: `http://127.0.0.1:${port}/`,
      token,
      get pid() {
        return program.pid;
      },
      kill: () => program.kill(),
      async restart() {
        program = await start();
      },
      async [Symbol.asyncDispose]() {
        await program[Symbol.asyncDispose]();
        await home[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await home[Symbol.asyncDispose]();
    throw error;
  }
  return await reach(running);
}
