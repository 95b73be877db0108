/**
 * Files of Endace's cards: records one behind the other (src/core/headers/erf.ts), without a header of the file and
 * without a magic number. Times are seconds since 1970 and a fraction of 32 bits, lowest byte first; the rest is in
 * network order.
 */
import {
  ERF_LINK,
  ERF_PAD,
  ERF_RECORD,
  ERF_RLEN,
  ERF_TYPE,
  ERF_WLEN,
  erfExtensions,
  erfHeader,
  erfType,
  isErfType,
} from '../core/headers/erf.js';
import type { CaptureInterface, Packet } from './packet.js';
import type { RecordFormat } from './records.js';

/** `isErf` needs no more bytes than these. */
export const ERF_BEGINNING = 3 * 0xffff;
/** Records that must make sense before a file is taken for one, unless it ends before. */
const CHECKED = 3;
/** How far the time may go from record to record, in seconds: back between the ports of a card, forward as captures pause. */
const BACK = 1;
const AHEAD = 365 * 86400;

/**
 * Whether a file that begins with these bytes is one.
 * @param isAll no more bytes come
 * @returns 'more' where the bytes so far are, and do not suffice to tell
 */
export function isErf(b: Uint8Array, isAll: boolean): boolean | 'more' {
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  let previous: number | null = null;
  let at = 0;
  for (let checked = 0; checked < CHECKED; checked++) {
    if (isAll && at === b.length) return checked > 0;
    if (at + ERF_RECORD > b.length) return isAll ? false : 'more';
    const length = view.getUint16(at + ERF_RLEN);
    const type = erfType(b[at + ERF_TYPE]);
    // the upper flags are reserved
    if (!isErfType(type) || (b[at + ERF_TYPE + 1] & 0xc0) !== 0 || length < ERF_RECORD) return false;
    if (type !== ERF_PAD) {
      const time = view.getUint32(at + 4, true);
      if (previous !== null && (time < previous - BACK || time > previous + AHEAD)) return false;
      previous = time;
      if (length === ERF_RECORD || view.getUint16(at + ERF_WLEN) === 0) return false;
    }
    if (at + length > b.length) return isAll ? false : 'more';
    if (erfHeader(b, at, at + length) < 0) return false;
    at += length;
  }
  return true;
}

/** Records as packets that begin with their header, as those of captures of `ERF_LINK` do. */
export const ERF_FILE: RecordFormat = {
  length: 0,
  open: () => {
    const ports = new Map<string, CaptureInterface>();
    return {
      format: 'ERF',
      link: ERF_LINK,
      first: 0,
      end: Number.POSITIVE_INFINITY,
      header: ERF_RECORD,
      hasPorts: true,
      lengths: (v, record) => ({ captured: v.getUint16(record + ERF_RLEN) - ERF_RECORD, behind: 0 }),
      isPadding: (v, record) => erfType(v.getUint8(record + ERF_TYPE)) === ERF_PAD,
      fill: (p, v, record, to) => {
        const header = Math.max(ERF_RECORD, erfHeader(p.bytes, record, to));
        const length = v.getUint16(record + ERF_WLEN);
        p.start = record;
        p.fileOffset -= ERF_RECORD;
        // records are padded to words
        p.end = Math.min(to, record + header + length);
        p.length = header + length;
        p.units = 1e9;
        setTime(p, v.getUint32(record + 4, true), v.getUint32(record, true));
        const name = portName(p.bytes, record, to);
        let port = ports.get(name);
        if (port === undefined && ports.size < MAX_PORTS) {
          port = { id: ports.size, link: ERF_LINK, snapLength: 0, name, description: name };
          ports.set(name, port);
        }
        p.interfaceId = port?.id ?? 0;
        p.interface = port ?? null;
      },
    };
  },
};

/** Ports of which names are kept: four a card, and the cards of all hosts whose records were put into one file. */
const MAX_PORTS = 4096;

/** The fraction times 10⁹ is a multiple of 512, and so exact. */
function setTime(p: Packet, sec: number, fraction: number): void {
  const nsec = Math.round((fraction * 1e9) / 2 ** 32);
  p.sec = nsec === 1e9 ? sec + 1 : sec;
  p.nsec = nsec === 1e9 ? 0 : nsec;
}

/** Extension headers that tell which card of which host it was; the first of each counts. */
const FLOW_ID = 16;
const HOST_ID = 17;

/** What Wireshark calls the port of a record. */
function portName(b: Uint8Array, record: number, end: number): string {
  const port = b[record + ERF_TYPE + 1] & 3;
  let host = '';
  let source = 0;
  const to = erfExtensions(b, record, end);
  for (let at = record + ERF_RECORD; at < to; at += 8) {
    const kind = erfType(b[at]);
    if (kind !== FLOW_ID && kind !== HOST_ID) continue;
    if (source === 0) source = b[at + 1];
    if (kind === HOST_ID && host === '')
      host = Array.from(b.subarray(at + 2, at + 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const hostText = host === '' || /^0+$/.test(host) ? '' : ` Host ${host},`;
  const sourceText = source === 0 ? '' : ` Source ${source},`;
  return `Port ${'ABCD'[port]} (ERF${hostText}${sourceText} Interface ${port})`;
}
