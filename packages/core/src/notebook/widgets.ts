import { Buffer } from 'node:buffer';
import type { JupyterMessage } from '@kernelkit/protocol';
import { applyOutput, emptyOutputArea, type OutputArea, type OutputEvent, outputsOf } from '../kernel/index.js';
import { exactContent } from './content.js';
import type { JsonObject } from './json.js';
import { isObject } from './validate.js';

/** The comm target of Jupyter widgets. */
export const WIDGET_TARGET = 'jupyter.widget';

const STATE_MIME = 'application/vnd.jupyter.widget-state+json';

/** Our end of a comm that the kernel opened. */
export interface CommSender {
  readonly id: string;
  send(data: JsonObject): Promise<unknown>;
}

/**
 * The widgets of one run, as far as a notebook without a front end needs them: their state, so that the executed notebook shows
 * them, and Output widgets, which take the place of a cell's outputs while code runs inside them (nbclient's OutputWidget).
 */
export class WidgetStore {
  readonly #states = new Map<string, JsonObject>();
  readonly #buffers = new Map<string, Map<string, JsonObject>>();
  readonly #captures = new Map<string, OutputCapture>();
  readonly #senders = new Map<string, CommSender>();

  /** Our end of a widget's comm, for sending captured output back to the kernel. */
  connect(comm: CommSender): void {
    this.#senders.set(comm.id, comm);
  }

  /** Takes a comm message of the kernel. */
  take(message: JupyterMessage): void {
    const content = exactContent(message);
    const { comm_id: id, data } = content;
    if (typeof id !== 'string' || !isObject(data) || !isObject(data.state)) return;
    const state = this.#states.get(id) ?? {};
    this.#states.set(id, Object.assign(state, data.state));
    this.#takeBuffers(id, data.buffer_paths, message.buffers);
    const type: string = message.header.msg_type;
    if (type === 'comm_open' && content.target_name === WIDGET_TARGET && isOutputModel(state)) {
      this.#captures.set(id, new OutputCapture(state, () => this.#senders.get(id)));
    } else if (type === 'comm_msg' && 'msg_id' in data.state) {
      this.#captures.get(id)?.aim(data.state.msg_id);
    }
  }

  /** Gives an output to the Output widget that is set to take those of this request; false when there is none. */
  capture(parent: string, event: OutputEvent): boolean {
    let taker: OutputCapture | null = null;
    for (const capture of this.#captures.values()) {
      // Widgets nest: the one that was set last takes it.
      if (capture.parent === parent && capture.order > (taker?.order ?? 0)) taker = capture;
    }
    taker?.take(event);
    return taker !== null;
  }

  /** What `metadata.widgets` of the notebook holds; null when the run had no widgets. */
  metadata(): JsonObject | null {
    if (this.#states.size === 0) return null;
    const models: JsonObject = {};
    for (const [id, state] of this.#states) {
      if (!('_model_name' in state)) continue;
      const buffers = this.#buffers.get(id);
      models[id] = {
        model_name: state._model_name,
        model_module: state._model_module ?? null,
        model_module_version: state._model_module_version ?? null,
        state,
        ...(buffers !== undefined && { buffers: [...buffers.values()] }),
      };
    }
    return { [STATE_MIME]: { state: models, version_major: 2, version_minor: 0 } };
  }

  #takeBuffers(id: string, paths: unknown, buffers: readonly Uint8Array[]): void {
    if (!Array.isArray(paths) || paths.length === 0) return;
    const known = this.#buffers.get(id) ?? new Map<string, JsonObject>();
    this.#buffers.set(id, known);
    paths.slice(0, buffers.length).forEach((path, at) => {
      const { buffer, byteOffset, byteLength } = buffers[at]!;
      const data = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');
      known.set(JSON.stringify(path), { data, encoding: 'base64', path });
    });
  }
}

function isOutputModel(state: JsonObject): boolean {
  return state._model_module === '@jupyter-widgets/output' && state._model_name === 'OutputModel';
}

let aims = 0;

/** One Output widget. */
class OutputCapture {
  /** The request whose output it takes at present. */
  parent: string | null = null;
  order = 0;
  readonly #state: JsonObject;
  readonly #sender: () => CommSender | undefined;
  #area: OutputArea;
  #sending = false;

  constructor(state: JsonObject, sender: () => CommSender | undefined) {
    this.#state = state;
    this.#sender = sender;
    const outputs = Array.isArray(state.outputs) ? (state.outputs as OutputEvent[]) : [];
    this.#area = outputs.reduce(applyOutput, emptyOutputArea());
  }

  aim(parent: unknown): void {
    this.parent = typeof parent === 'string' && parent !== '' ? parent : null;
    aims += 1;
    this.order = aims;
  }

  take(event: OutputEvent): void {
    this.#area = applyOutput(this.#area, event);
    this.#state.outputs = outputsOf(this.#area);
    if (this.#sending) return;
    // Once for everything that came in one go: each update carries all the outputs.
    this.#sending = true;
    queueMicrotask(() => {
      this.#sending = false;
      const update = { method: 'update', state: { outputs: this.#state.outputs }, buffer_paths: [] };
      // A kernel that is gone needs no update, and its death is told elsewhere.
      this.#sender()
        ?.send(update)
        .catch(() => {});
    });
  }
}
