/** What the gateway tells whoever logs. No event holds a token, an environment or what a kernel printed. */
export type GatewayEvent =
  /** `adopted`: it runs already, of an earlier gateway. */
  | { readonly kind: 'kernel-started'; readonly id: string; readonly name: string; readonly adopted?: boolean }
  | { readonly kind: 'kernel-failed'; readonly id: string; readonly name: string; readonly error: Error }
  | { readonly kind: 'kernel-ended'; readonly id: string; readonly name: string; readonly why: KernelEndReason }
  /** A message of a client that could not be read, and was left out. */
  | { readonly kind: 'message-refused'; readonly id: string; readonly reason: string }
  /** A client was too slow, and is told that it lost so much. */
  | { readonly kind: 'messages-lost'; readonly id: string; readonly messages: number; readonly bytes: number }
  /** A defect of ours: a request that ended in an exception. */
  | { readonly kind: 'request-failed'; readonly method: string; readonly path: string; readonly error: unknown };

/** `left`: it runs on, for the next gateway. */
export type KernelEndReason = 'asked' | 'culled' | 'left';

export type Tell = (event: GatewayEvent) => void;
