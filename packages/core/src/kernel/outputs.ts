import type { MimeBundle, Output, OutputEvent } from './types.js';

/** One output as it stands, with the display_id that may name it later. */
interface Shown {
  output: Output;
  displayId: string | null;
}

/**
 * The outputs of one cell: a value, changed only by `applyOutput` and `updateDisplay`, which give a new one.
 * Read it with `outputsOf`.
 */
export interface OutputArea {
  /**
   * The finished outputs. The array may be longer than `count`: the newest area appends to the one that its ancestors also
   * hold, which see only their own part. So 100,000 displays cost 100,000 appends and not as many copies.
   */
  readonly shown: Shown[];
  readonly count: number;
  /** The last output when it is a stream that may still grow; not in `shown` yet. */
  readonly growing: Extract<Output, { output_type: 'stream' }> | null;
  /** Every display_id in `shown`, and perhaps others: shared as `shown` is, and only there to say quickly that there is none. */
  readonly displayIds: Set<string>;
  /** A clear_output with wait has come: the next output replaces everything. */
  readonly pendingClear: boolean;
}

/** A cell that has shown nothing. */
export function emptyOutputArea(): OutputArea {
  return { shown: [], count: 0, growing: null, displayIds: new Set(), pendingClear: false };
}

/** The outputs as a notebook's cell holds them, in a list of its own. */
export function outputsOf(area: OutputArea): Output[] {
  const outputs: Output[] = [];
  for (let at = 0; at < area.count; at += 1) outputs.push(area.shown[at]!.output);
  if (area.growing !== null) outputs.push(area.growing);
  return outputs;
}

/**
 * The area after one event, as the messaging specification has it ("Messages on the IOPub channel"): a stream grows the last
 * output when that is the same stream; clear_output with wait holds until the next output; update_display_data changes every
 * output of that display_id, and so does a display_data or execute_result that reuses one (as nbclient and JupyterLab do).
 * `area` itself stays as it was. Constant time for all but updates and branching off an older area.
 */
export function applyOutput(area: OutputArea, event: OutputEvent): OutputArea {
  switch (event.output_type) {
    case 'clear_output':
      return event.wait ? { ...area, pendingClear: true } : emptyOutputArea();
    case 'update_display_data': {
      const id = event.transient?.display_id;
      return id === undefined ? area : updateDisplay(area, id, event.data, event.metadata).state;
    }
    case 'stream':
      return stream(area.pendingClear ? emptyOutputArea() : area, event.name, event.text ?? '');
    case 'error':
      return append(area, {
        output_type: 'error',
        ename: event.ename,
        evalue: event.evalue,
        traceback: event.traceback ?? [],
      });
    case 'display_data':
    case 'execute_result': {
      const { data = {}, metadata = {} } = event;
      const id = event.transient?.display_id ?? null;
      const before = id === null || area.pendingClear ? area : updateDisplay(area, id, data, metadata).state;
      return event.output_type === 'display_data'
        ? append(before, { output_type: 'display_data', data, metadata }, id)
        : append(
            before,
            { output_type: 'execute_result', data, metadata, execution_count: event.execution_count ?? null },
            id,
          );
    }
  }
}

/**
 * Gives every output that was displayed under `displayId` new data and metadata. `changed` tells whether there was one: a
 * notebook asks each of its cells, since a display may be updated from any of them.
 */
export function updateDisplay(
  area: OutputArea,
  displayId: string,
  data: MimeBundle,
  metadata: Record<string, unknown>,
): { state: OutputArea; changed: boolean } {
  if (!area.displayIds.has(displayId)) return { state: area, changed: false };
  let changed = false;
  const shown = area.shown.slice(0, area.count).map((one): Shown => {
    if (one.displayId !== displayId || !('data' in one.output)) return one;
    changed = true;
    return { output: { ...one.output, data: data ?? {}, metadata: metadata ?? {} }, displayId };
  });
  return changed ? { state: { ...area, shown }, changed } : { state: area, changed };
}

function stream(area: OutputArea, name: 'stdout' | 'stderr', text: string): OutputArea {
  const { growing } = area;
  if (growing === null) return { ...area, growing: { output_type: 'stream', name, text } };
  // Strings that `+` joins share their parts until they are read, so that growing chunk by chunk is not quadratic.
  if (growing.name === name) return { ...area, growing: { output_type: 'stream', name, text: growing.text + text } };
  return { ...settle(area), growing: { output_type: 'stream', name, text } };
}

function append(area: OutputArea, output: Output, displayId: string | null = null): OutputArea {
  return push(area.pendingClear ? emptyOutputArea() : settle(area), { output, displayId });
}

/** The area with its growing stream among the finished outputs. */
function settle(area: OutputArea): OutputArea {
  return area.growing === null ? area : push({ ...area, growing: null }, { output: area.growing, displayId: null });
}

function push(area: OutputArea, one: Shown): OutputArea {
  // Someone else has appended to our list already: this area is a branch and needs a list of its own.
  const shown = area.shown.length === area.count ? area.shown : area.shown.slice(0, area.count);
  shown.push(one);
  if (one.displayId !== null) area.displayIds.add(one.displayId);
  return { ...area, shown, count: area.count + 1 };
}
