/** 802.11 and the headers that receivers put in front of it. */

import type { Cursor } from '../../src/core/cursor.js';
import { controlOf, holdsSeveral, wlanHeader } from '../../src/core/headers/radio.js';
import { type Field, field } from '../../src/core/node.js';
import { macText } from './ethernet.js';
import {
  bits,
  bitWord,
  flag,
  type HeaderPart,
  type LayerHeader,
  layerHeader,
  littleNumber,
  number,
  when,
} from './header.js';

const DURATION = field('wlan.duration', 'Duration', 'uint16');
const FRAGMENT = field('wlan.frag', 'Fragment number', 'uint16');
const SEQUENCE = field('wlan.seq', 'Sequence number', 'uint16');
const address = (name: string, label: string): Field => field(`wlan.${name}`, `${label} address`, 'bytes');
const RECEIVER = address('ra', 'Receiver');
const TRANSMITTER = address('ta', 'Transmitter');
const DESTINATION = address('da', 'Destination');
const SOURCE = address('sa', 'Source');
const BSSID = field('wlan.bssid', 'BSS Id', 'bytes');
/** Further addresses of a frame that holds several: whom these are from and for is told in each. */
const FURTHER = address('further', 'Further');

/** What the addresses of data and management frames are (802.11 table 9-60), by ToDS and FromDS; the first two have names of their own. */
const ADDRESSES: readonly (readonly [readonly Field[], readonly Field[], readonly Field[]])[] = [
  [[RECEIVER, DESTINATION], [TRANSMITTER, SOURCE], [BSSID]],
  [[RECEIVER, BSSID], [TRANSMITTER, SOURCE], [DESTINATION]],
  [[RECEIVER, DESTINATION], [TRANSMITTER, BSSID], [SOURCE]],
  [[RECEIVER], [TRANSMITTER], [DESTINATION]],
];

/** Six bytes that one or two fields name. */
function readAddress(c: Cursor, [first, second]: readonly Field[]): void {
  const b = c.raw(first, 6, macText);
  if (second !== undefined) c.computed(second, b, macText(b));
}

type Control = (b: Uint8Array, at: number) => readonly [kind: number, flags: number];

const KIND = bitWord(
  1,
  bits('wlan.fc.version', 'Version', 'uint8', 0, 2),
  bits('wlan.fc.type', 'Type', 'uint8', 2, 2),
  bits('wlan.fc.subtype', 'Subtype', 'uint8', 4, 4),
);
const FLAGS = bitWord(
  1,
  flag('wlan.fc.tods', 'To DS', 0),
  flag('wlan.fc.fromds', 'From DS', 1),
  flag('wlan.fc.frag', 'More Fragments', 2),
  flag('wlan.fc.retry', 'Retry', 3),
  flag('wlan.fc.protected', 'Protected flag', 6),
  flag('wlan.fc.order', '+HTC/Order flag', 7),
);

/** What stands behind frame control, which `control` reads. */
function body(control: Control): HeaderPart {
  return {
    fields: [DURATION, RECEIVER, TRANSMITTER, DESTINATION, SOURCE, BSSID, FURTHER, FRAGMENT, SEQUENCE],
    read: (c, at) => {
      const [kind, flags] = control(c.bytes, at);
      // control frames have fewer addresses, and no numbers
      if (((kind >> 2) & 1) !== 0 || (kind & 3) !== 0) return;
      const toFrom = flags & 3;
      c.littleEndian = true;
      c.u16(DURATION);
      const [first, second, third] = ADDRESSES[toFrom];
      const several = wlanHeader(kind, flags) > 0 && holdsSeveral(c.bytes, at, kind, flags) && toFrom !== 0;
      for (const fields of [first, second, several ? [FURTHER] : third]) readAddress(c, fields);
      c.littleEndian = false;
      // lowest byte first: four bits of the fragment's number, and the sequence's
      const numbers = c.bits(FRAGMENT, 2, (n) => (n >> 8) & 15);
      c.computed(SEQUENCE, ((numbers & 0xff) << 4) | (numbers >> 12));
      if (toFrom === 3) readAddress(c, several ? [FURTHER] : [SOURCE]);
    },
  };
}

/** Frame control (802.11 9.2.4.1) and the addresses of data frames. */
export const WLAN: LayerHeader = layerHeader(
  'wlan',
  'IEEE 802.11',
  KIND,
  FLAGS,
  body((b, at) => [b[at], b[at + 1]]),
);

const isSwapped = (b: Uint8Array, at: number): boolean => controlOf(b, at)[0] !== b[at];

/** The same in CAPWAP, where the bytes of frame control may be swapped. */
export const SWAPPED_WLAN: LayerHeader = layerHeader(
  'wlan',
  'IEEE 802.11',
  when(isSwapped, FLAGS, KIND),
  when((b, at) => !isSwapped(b, at), KIND, FLAGS),
  body(controlOf),
);

const LENGTH = field('wlan_aggregate.a_mdsu.length', 'A-MSDU Length', 'uint16');

/** What stands in front of each frame in an A-MSDU (802.11 9.3.2.2). */
export const SUBFRAME: LayerHeader = layerHeader('wlan_aggregate.a_mdsu.subframe', 'A-MSDU Subframe', {
  fields: [DESTINATION, SOURCE, LENGTH],
  read: (c) => {
    c.raw(DESTINATION, 6, macText);
    c.raw(SOURCE, 6, macText);
    c.u16(LENGTH);
  },
});

/** radiotap.org; of its fields only the bytes. */
export const RADIOTAP: LayerHeader = layerHeader(
  'radiotap',
  'IEEE 802.11 Radiotap Capture header',
  number(1, 'radiotap.version', 'Header revision'),
  number(1, 'radiotap.pad', 'Header pad'),
  littleNumber(2, 'radiotap.length', 'Header length'),
);

/** Prism and AVS; what receivers say in them is not taken apart. */
export const PRISM: LayerHeader = layerHeader('prism', 'Prism capture header');
export const AVS: LayerHeader = layerHeader('wlancap', 'AVS WLAN Capture header');

/** Per-Packet Information. */
export const PPI: LayerHeader = layerHeader(
  'ppi',
  'PPI Packet Header',
  number(1, 'ppi.version', 'Version'),
  number(1, 'ppi.flags', 'Flags', { hex: true }),
  littleNumber(2, 'ppi.length', 'Header length'),
  littleNumber(4, 'ppi.dlt', 'DLT'),
);
