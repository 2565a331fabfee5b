import type { JupyterMessage } from '@kernelkit/protocol';
import {
  applyOutput,
  type ExecuteResult,
  emptyOutputArea,
  type OutputArea,
  type OutputEvent,
  outputsOf,
  updateDisplay,
} from '../kernel/index.js';
import { exactOutput } from './content.js';
import type { Cell } from './document.js';
import type { JsonObject } from './json.js';
import { recordTiming } from './timing.js';
import { isCount } from './validate.js';
import { WidgetStore } from './widgets.js';

interface RunningCell {
  cell: Cell;
  index: number;
  area: OutputArea;
  /** The area has changed since it was written into the cell. */
  dirty: boolean;
}

export interface RunningCellsOptions {
  recordTiming: boolean;
  onOutput: (index: number, output: OutputEvent) => void;
}

/**
 * The cells of a run, by the request that executes them: every message finds its cell by its parent, so that what a thread
 * prints later lands where it belongs, and display updates reach whichever cell shows the display.
 */
export class RunningCells {
  readonly widgets = new WidgetStore();
  readonly #options: RunningCellsOptions;
  readonly #cells = new Map<string, RunningCell>();

  constructor(options: RunningCellsOptions) {
    this.#options = options;
  }

  /** The cell is executed by the request `id`: what it showed before goes. */
  begin(id: string, cell: Cell, index: number): void {
    cell.outputs = [];
    // That of an earlier run must not stand beside the outputs of this one.
    cell.execution_count = null;
    if (this.#options.recordTiming) cell.metadata.execution = {};
    this.#cells.set(id, { cell, index, area: emptyOutputArea(), dirty: false });
  }

  /** Takes a message of iopub, of whatever parent. */
  take(message: JupyterMessage): void {
    const parent = message.parent_header.msg_id ?? '';
    const running = this.#cells.get(parent);
    if (message.header.msg_type.startsWith('comm_')) this.widgets.take(message);
    if (running !== undefined) {
      this.#time(running, message);
      // A kernel that dies, or stays where it is, never tells it again.
      const { execution_count: count } = message.content as { execution_count?: unknown };
      if ((message.header.msg_type as string) === 'execute_input' && isCount(count)) {
        running.cell.execution_count = (count as number | undefined) ?? null;
      }
    }
    const event = exactOutput(message);
    if (event === null) return;
    if ('transient' in event) this.#updateOthers(event, running);
    if (running === undefined) return;
    if (event.output_type !== 'update_display_data' && this.widgets.capture(parent, event)) return;
    running.area = applyOutput(running.area, event);
    running.dirty = true;
    this.#options.onOutput(running.index, event);
  }

  /** The request is answered: notes when. */
  replied(id: string, result: ExecuteResult): void {
    const running = this.#cells.get(id);
    if (running === undefined) return;
    if (result.reply !== null) this.#time(running, result.reply as JupyterMessage);
  }

  /** Writes into the cells what they show by now. */
  flush(): void {
    for (const running of this.#cells.values()) {
      if (!running.dirty) continue;
      running.dirty = false;
      running.cell.outputs = outputsOf(running.area);
    }
  }

  #time(running: RunningCell, message: JupyterMessage): void {
    if (this.#options.recordTiming) recordTiming(running.cell.metadata.execution as JsonObject, message);
  }

  #updateOthers(event: OutputEvent & { transient?: { display_id?: string } }, self: RunningCell | undefined): void {
    const displayId = event.transient?.display_id;
    if (displayId === undefined || !('data' in event)) return;
    for (const running of this.#cells.values()) {
      if (running === self) continue;
      const { state, changed } = updateDisplay(running.area, displayId, event.data, event.metadata);
      running.area = state;
      running.dirty ||= changed;
    }
  }
}
