export { hangingMount, whyNoHangingMount } from './hanging-mount.js';
export { type IsolatedEnv, type IsolatedEnvOptions, isolatedEnv } from './isolated-env.js';
export {
  describeKernel,
  type KernelName,
  kernel,
  kernels,
  kernelTest,
  type ProvidedKernel,
  peerPython,
} from './kernels.js';
export { suiteEnv } from './suite.js';
export { removeTree, type TempDir, tempDir } from './temp-dir.js';
export { describeTool, type ProvidedTool, type ToolName } from './tools.js';
export {
  type Ended,
  isReachable,
  makeReadOnly,
  runUnprivileged,
  type UnprivilegedOptions,
  unprivilegedUser,
} from './unprivileged.js';
