import type { OutputEvent } from '@kernelkit/core';
import { type Display, tracebackText } from './display.js';
import type { Screen } from './screen.js';

/** Where the outputs of running code go, one by one, in order. */
export interface OutputSink {
  /** @param place the cell, where there are several */
  take(output: OutputEvent, place?: string): Promise<void>;
}

/** For people: streams as they are, results as text, errors on standard error. */
export class TextOutputs implements OutputSink {
  readonly #screen: Screen;
  readonly #display: Display;
  /** Whether the last thing written to standard output ended its line. */
  #lineEnded = true;

  constructor(screen: Screen, display: Display) {
    this.#screen = screen;
    this.#display = display;
  }

  async take(output: OutputEvent, place?: string): Promise<void> {
    const screen = this.#screen;
    switch (output.output_type) {
      case 'stream': {
        if (output.text === '') return;
        if (output.name === 'stderr') return screen.error(output.text);
        this.#lineEnded = output.text.endsWith('\n');
        return screen.write(output.text);
      }
      case 'display_data':
      case 'update_display_data':
      case 'execute_result': {
        const text = await this.#display.text(output, place);
        const start = this.#lineEnded ? '' : '\n';
        this.#lineEnded = true;
        return screen.write(start + text);
      }
      case 'error':
        return screen.error(tracebackText(output, screen.colour.err));
      case 'clear_output':
        // What a terminal or a pipe has taken cannot be taken back.
        return;
    }
  }
}

/** For programs: one line of JSON for each output, in nbformat's form. */
export class JsonOutputs implements OutputSink {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  async take(output: OutputEvent): Promise<void> {
    const line = nbformatOutput(output);
    if (line !== null) await this.#screen.json(line);
  }
}

/**
 * An output as nbformat knows it: its fields and no other. The display_id, which nbformat has no field for, goes into
 * `metadata.kernelkit`; an update of a display is a display_data that says so there. Null for what is no output.
 */
export function nbformatOutput(output: OutputEvent): object | null {
  switch (output.output_type) {
    case 'stream':
      return { output_type: 'stream', name: output.name, text: output.text };
    case 'display_data':
    case 'update_display_data': {
      const update = output.output_type === 'update_display_data';
      return { output_type: 'display_data', data: output.data, metadata: displayMetadata(output, update) };
    }
    case 'execute_result': {
      const { data, execution_count } = output;
      return { output_type: 'execute_result', data, metadata: displayMetadata(output, false), execution_count };
    }
    case 'error':
      return { output_type: 'error', ename: output.ename, evalue: output.evalue, traceback: output.traceback };
    case 'clear_output':
      return null;
  }
}

function displayMetadata(
  { metadata, transient }: { metadata: Record<string, unknown>; transient?: { display_id?: string } },
  update: boolean,
): Record<string, unknown> {
  const id = transient?.display_id;
  if (id === undefined) return metadata;
  return { ...metadata, kernelkit: { display_id: id, ...(update && { update }) } };
}
