/** Formats of `read` that have a row or more for each frame: what tshark prints, and ek, pdml, psml, csv as it does. */
import type { Pdu } from '../../dissectors/pdu.js';
import type { Time } from '../core/context.js';
import type { Asked, Frame } from '../core/frame.js';
import type { Node } from '../core/node.js';
import { Collector } from '../filter/index.js';
import { knownFields } from '../known-fields.js';
import { ekLines } from '../output/columns/ek.js';
import { defaultFieldOptions, fieldRows, parseFieldOptions } from '../output/columns/fields.js';
import { PACKET_COLUMNS, PacketList } from '../output/columns/packet-list.js';
import { PDML_HEAD, PDML_TAIL, pdmlPacket } from '../output/columns/pdml.js';
import { PSML_HEAD, PSML_TAIL, psmlPacket } from '../output/columns/psml.js';
import { csvRow } from '../output/csv.js';
import { TimeColumn } from '../output/time-column.js';
import { Allowance } from './allowance.js';
import type { Job } from './job.js';
import type { PrintingOptions } from './options.js';
import type { Printer } from './printer.js';

/** Bytes of a frame in front of its PDUs, about. */
const HEADERS = 54;
/** A frame's layers alone are not left out up to so many characters a byte. */
const SHORT_EACH = 100;

/** By what `-T` calls them. */
export const FRAME_FORMATS = {
  ek(job: Job): Printer {
    const known = knownFields(job.interfaces);
    return framePrinter(job, (frame, allowance) => {
      const text = fitted(frame, allowance, (shown) => ekLines(shown, known));
      for (const piece of text) job.out.write(piece);
      job.out.write('\n');
    });
  },
  fields(job: Job, { e = [], E = [], t }: PrintingOptions): Printer {
    const rows = fieldRows(e, knownFields(job.interfaces), parseFieldOptions(E), new TimeColumn(t));
    return { head: rows.head, ...framePrinter(job, (frame) => job.out.write(`${rows.row(frame)}\n`), rows) };
  },
  csv(job: Job, { e, t }: PrintingOptions): Printer {
    const time = new TimeColumn(t);
    const known = knownFields(job.interfaces);
    const rows = e === undefined ? packetList(time) : fieldRows(e, known, defaultFieldOptions(), time);
    const print = (frame: Frame<Pdu>): void => job.out.write(csvRow(rows.cells(frame)));
    return { head: csvRow(e ?? PACKET_COLUMNS), ...framePrinter(job, print, rows) };
  },
  psml(job: Job, { t }: PrintingOptions): Printer {
    const rows = packetList(new TimeColumn(t));
    const print = (frame: Frame<Pdu>): void => job.out.write(psmlPacket(rows.cells(frame)));
    return { head: PSML_HEAD, tail: () => PSML_TAIL, ...framePrinter(job, print, rows) };
  },
  pdml(job: Job): Printer {
    const print = (frame: Frame<Pdu>, allowance: Allowance): void =>
      job.out.write(fitted(frame, allowance, pdmlPacket));
    return { head: PDML_HEAD, tail: () => PDML_TAIL, ...framePrinter(job, print) };
  },
};

/** What columns ask of frames, and when a capture begins. */
interface Rows {
  readonly asked: Asked;
  begin(time: Time): void;
}

/** All columns of the packet list. */
function packetList(time: TimeColumn): Rows & { cells(frame: Frame<Pdu>): string[] } {
  const asked = new Collector();
  const list = new PacketList(PACKET_COLUMNS, asked, time, knownFields());
  return {
    asked,
    begin: (began) => list.begin(began),
    cells(frame) {
      asked.collect(frame);
      return list.cells(frame);
    },
  };
}

/** @param rows all trees are made where it is left out */
function framePrinter(job: Job, print: (frame: Frame<Pdu>, allowance: Allowance) => void, rows?: Rows): Printer {
  return {
    capture(file) {
      const allowance = new Allowance(file, job);
      return {
        asked: rows?.asked,
        begin: rows?.begin,
        frame(frame) {
          // its row is written already; that the PDU lacks its end was said
          if (!frame.late) print(frame, allowance);
        },
      };
    },
  };
}

/** A frame's text; without its PDUs where they are too much. */
function fitted<T extends { readonly length: number }>(
  frame: Frame<Pdu>,
  allowance: Allowance,
  make: (frame: Frame<Pdu>) => T,
): T {
  const bytes = frame.pdus.reduce((sum, { transport }) => sum + transport.bytes.length, HEADERS);
  const shorter = (): T => {
    const made = make({ ...frame, roots: frame.roots.slice(0, 1) });
    return made.length > bytes * SHORT_EACH ? make({ ...frame, roots: [] }) : made;
  };
  return allowance.fit(bytes, () => make(frame), shorter, leastOf(frame.roots.flat()));
}

/** Characters of values in a tree: a name that the wire says once may stand at each of its nodes. */
export function leastOf(roots: readonly Node[]): number {
  let sum = 0;
  const todo = [...roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (typeof node.value === 'string') sum += node.value.length;
    for (const child of node.children) todo.push(child);
  }
  return sum;
}
