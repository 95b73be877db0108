/** Packets that could not be looked into, and why: counted, and said at the end of the capture. */
import { type HeaderKind, whyOpaque } from '../core/headers/layer.js';
import type { Note } from '../core/node.js';

/** Names of link types that are not understood, and that captures have (tcpdump.org/linktypes.html). */
const NAMES: Readonly<Record<number, string>> = {
  3: 'AX.25',
  6: 'token ring',
  7: 'ARCNET',
  8: 'SLIP',
  10: 'FDDI',
  99: 'Symantec firewall',
  106: 'ATM with classical IP',
  114: 'LocalTalk',
  120: 'Cisco Aironet',
  122: 'IP over Fibre Channel',
  123: 'ATM of SunATM',
  129: 'ARCNET of Linux',
  138: 'IP over IEEE 1394',
  140: 'SS7 MTP2',
  143: 'DOCSIS',
  144: 'IrDA',
  165: 'BACnet MS/TP',
  177: 'LAPD of Linux',
  186: 'USB',
  187: 'Bluetooth HCI',
  189: 'USB of Linux',
  190: 'CAN',
  195: 'IEEE 802.15.4',
  201: 'Bluetooth HCI with direction',
  215: 'IEEE 802.15.4 without PHY',
  220: 'USB of Linux, padded',
  224: 'Fibre Channel',
  225: 'Fibre Channel with delimiters',
  227: 'SocketCAN',
  230: 'IEEE 802.15.4 without FCS',
  231: 'D-Bus',
  240: 'netANALYZER',
  241: 'netANALYZER, transparent',
  243: 'MPEG transport stream',
  247: 'InfiniBand',
  248: 'SCTP',
  249: 'USBPcap',
  251: 'Bluetooth LE',
  253: 'Linux netlink',
  254: 'Bluetooth monitor of Linux',
  256: 'Bluetooth LE with PHDR',
  266: 'USB of macOS',
  283: 'IEEE 802.15.4 TAP',
  288: 'USB 2.0',
};

/** What is not looked into, counted a packet at most once. */
export class Unseen {
  /** Packets of link types that are not understood, by link type. */
  private readonly links = new Map<number, number>();
  private readonly opaque = new Map<string, number>();
  /** Packets behind too many headers, and in too many tunnels. */
  private headers = 0;
  private tunnels = 0;
  /** The last packet that was counted. */
  private last = 0;
  /** Packets so far. */
  count = 0;

  /** Takes a packet whose link type is not understood. */
  link(frame: number, link: number): void {
    if (this.isNew(frame)) this.links.set(link, (this.links.get(link) ?? 0) + 1);
  }

  /** Takes a packet that goes no further because of this layer; others are of no interest. */
  layer(frame: number, layer: HeaderKind): void {
    const why = whyOpaque(layer);
    if (why !== undefined && this.isNew(frame)) this.opaque.set(why, (this.opaque.get(why) ?? 0) + 1);
  }

  /** Takes a packet behind more headers than are looked behind. */
  tooManyHeaders(frame: number): void {
    if (this.isNew(frame)) this.headers++;
  }

  /** Takes a packet in more tunnels than are looked into. */
  tooManyTunnels(frame: number): void {
    if (this.isNew(frame)) this.tunnels++;
  }

  /** Says what there was, of so many packets. */
  tell(packets: number, note: (note: Note) => void): void {
    const say = (code: string, n: number, what: string): void =>
      note({
        code,
        message: `${grouped(n)} of ${grouped(packets)} packets are ${what}: not looked into`,
        offset: null,
        source: null,
      });
    for (const [link, n] of this.links) {
      const name = NAMES[link];
      say('link-type', n, `of link type ${link}${name === undefined ? '' : ` (${name})`}, which is not understood`);
    }
    for (const [why, n] of this.opaque) say('opaque-link', n, why);
    if (this.headers > 0) say('too-many-headers', this.headers, 'behind more than 16 tags or IPv6 extension headers');
    if (this.tunnels > 0) say('too-many-tunnels', this.tunnels, 'in more than 8 tunnels inside each other');
  }

  private isNew(frame: number): boolean {
    if (frame === this.last) return false;
    this.last = frame;
    this.count++;
    return true;
  }
}

/** A number with commas between thousands. */
function grouped(n: number): string {
  return String(n).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
