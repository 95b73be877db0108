/** The table of captures: what was read. */
import type { CaptureEnd } from '../../capture/open.js';
import type { Time } from '../../core/context.js';
import { column, type Table } from './column.js';

/** A capture that was read, as its row is made of it. */
export interface CaptureRow {
  readonly capture: string;
  /** SHA-256 of the file, as it lies on the disk; of several, of their digests in hex. */
  readonly digest: string;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Of a capture of several files: their names, and the number of the first frame of each. */
  readonly files: readonly { readonly name: string; readonly first: number }[];
  readonly end: CaptureEnd;
  /** When its first and last packets were captured, of those of which the file tells it; null without any. */
  readonly first: Time | null;
  readonly last: Time | null;
  readonly pdus: number;
  readonly calls: number;
  readonly sealed: number;
  /** What is odd about it, in words. */
  readonly notes: readonly string[];
  readonly version: string;
}

/** One row a capture. */
export const CAPTURE_TABLE: Table<CaptureRow> = {
  name: 'captures',
  about: 'a capture that was read',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('digest', 'text', 'SHA-256 of the file', (r) => r.digest),
    column('bytes', 'count', 'bytes of the file', (r) => r.bytes),
    column('files', 'texts', 'where several files are one capture: their names', (r) => r.files.map((f) => f.name)),
    column('first_frames', 'frames', 'and the number of the first frame of each', (r) => r.files.map((f) => f.first)),
    column('format', 'text', 'pcap, pcapng, …, with its compression', (r) => r.end.format),
    column(
      'first_time',
      'time',
      'when its first packet was captured, of those of which the file tells it',
      (r) => r.first,
    ),
    column('last_time', 'time', 'when its last one was', (r) => r.last),
    column(
      'packets',
      'count',
      'frames: packets, and the records between them that Wireshark numbers too',
      (r) => r.end.packets,
    ),
    column('pdus', 'count', 'PDUs', (r) => r.pdus),
    column('calls', 'count', 'calls', (r) => r.calls),
    column('sealed_calls', 'count', 'those that stayed sealed', (r) => r.sealed),
    column('passed_over', 'count', 'messages of SMB about files', (r) => r.end.passedOver),
    column('not_looked_into', 'count', 'packets of links that are not understood', (r) => r.end.notLookedInto),
    column('damage', 'text', 'why it was not read to its end', (r) => r.end.damage?.message),
    column('damage_file', 'text', 'of several files: which one', (r) => r.end.damage?.file?.replace(/^.*\//, '')),
    column('damage_offset', 'count', 'and at which byte', (r) => r.end.damage?.offset),
    column('warnings', 'texts', 'what is odd about it, in words', (r) => r.notes),
    column('version', 'text', 'of clrscope', (r) => r.version),
  ],
};
