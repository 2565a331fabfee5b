import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogEntry, OpenRequest, RestoredHub, Runs, Tally } from '@kernelkit/core';
import { decodeSegment, type SegmentHead } from './segment-format.js';

/**
 * So many numbers are left out where the log of an earlier gateway goes on: clients may have seen entries that were not written any more, and
 * what comes now must not have a number of theirs. More than a writer has waiting at any time.
 */
export const SKIPPED = 2 ** 20;

const NAME = /^log-(\d{8})$/;

export function segmentName(number: number): string {
  return `log-${String(number).padStart(8, '0')}`;
}

export interface Segment {
  readonly number: number;
  readonly bytes: number;
}

/** What was read of a log, and what its files are. */
export interface ReadLog {
  readonly restored: Omit<RestoredHub, 'until'> | null;
  /** When it was written to last. */
  readonly written: Date | null;
  readonly segments: readonly Segment[];
}

/** Reads the segments of a directory: as many of the last as go on without a gap. */
export async function readSegments(directory: string): Promise<ReadLog> {
  const names = await readdir(directory).catch(() => []);
  const numbers = names.flatMap((name) => Number(NAME.exec(name)?.[1] ?? Number.NaN)).filter((n) => !Number.isNaN(n));
  const segments: Segment[] = [];
  const log = new LogReplay();
  let written: Date | null = null;
  for (const number of numbers.sort((a, b) => a - b)) {
    const path = join(directory, segmentName(number));
    const data = await readFile(path).catch(() => null);
    if (data === null) continue;
    segments.push({ number, bytes: data.byteLength });
    written = (await stat(path)).mtime;
    log.add(data);
  }
  return { restored: log.result(), written, segments };
}

class LogReplay {
  #head: SegmentHead | null = null;
  #entries: LogEntry[] = [];
  #last: number | null = null;
  #places = new Map<string, number>();
  #requests = new Map<string, OpenRequest>();
  #runs: Runs | null = null;
  #isCut = false;

  add(data: Buffer): void {
    const { records, isCut } = decodeSegment(data);
    this.#isCut = isCut;
    const [first, ...rest] = records;
    if (first?.kind !== 'head') return;
    this.#begin(first.head);
    for (const record of rest) {
      if (record.kind === 'note') {
        for (const [session, cursor] of record.note.places ?? []) this.#places.set(session, cursor);
        for (const request of record.note.asked ?? []) this.#requests.set(keyOf(request), request);
        if (record.note.runs !== undefined) this.#runs = record.note.runs;
      } else if (record.kind === 'entry') this.#take(record.entry);
    }
  }

  result(): Omit<RestoredHub, 'until'> | null {
    if (this.#head === null) return null;
    const { toAll, to } = this.#head;
    const gone = { toAll, to: new Map<string, Tally>(to) };
    const log = { entries: this.#entries, last: (this.#last ?? 0) + SKIPPED, gone };
    const requests = [...this.#requests.values()];
    return { log, places: this.#places, requests, runs: this.#runs, isCut: this.#isCut };
  }

  #begin(head: SegmentHead): void {
    if (this.#head === null || head.follows === null || head.follows !== this.#last) {
      this.#head = head;
      this.#entries = [];
    }
    this.#last = head.follows ?? this.#last;
    this.#places = new Map(head.places);
    this.#requests = new Map(head.requests.map((request) => [keyOf(request), request]));
    this.#runs = head.runs;
  }

  #take(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#last = entry.seq;
    const { message, to } = entry;
    const { msg_id } = message.parent_header;
    if (to === null || msg_id === undefined || !message.header.msg_type.endsWith('_reply')) return;
    this.#requests.delete(`${to}\0${msg_id}`);
  }
}

function keyOf({ session, header }: OpenRequest): string {
  return `${session}\0${header.msg_id}`;
}
