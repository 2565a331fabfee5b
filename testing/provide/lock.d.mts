export declare function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options?: { timeoutMs?: number; onWait?: (owner: number) => void },
): Promise<T>;
