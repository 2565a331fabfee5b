export declare const PYTHON_KERNELS: string[];
export declare function missingRequired(
  kernels: readonly { name: string; available: boolean }[],
  required: string | undefined,
): string[];
