/**
 * What `@jupyterlab/services` calls `ServerConnection.ISettings`, in types of our own: its declarations need `skipLibCheck`, and whoever
 * has that may hand this over as it is.
 */
export interface LabServerSettings {
  readonly baseUrl: string;
  readonly appUrl: string;
  readonly wsUrl: string;
  readonly token: string;
  readonly appendToken: boolean;
  readonly init: RequestInit;
  // biome-ignore lint/suspicious/noExplicitAny: fetch is declared by each of the DOM, Node and undici in its own way
  readonly fetch: (input: any, init?: any) => Promise<Response>;
  readonly Request: typeof Request;
  readonly Headers: typeof Headers;
  // biome-ignore lint/suspicious/noExplicitAny: it is declared as the DOM's WebSocket, of which it uses eight members
  readonly WebSocket: any;
  readonly serializer: LabSerializer;
}

/** How messages become what goes through the WebSocket, and back. */
export interface LabSerializer {
  // biome-ignore lint/suspicious/noExplicitAny: KernelMessage.IMessage there, and string | ArrayBuffer
  serialize(message: any, protocol?: string): any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  deserialize(data: any, protocol?: string): any;
}
