/**
 * Fixed-offset peeks over the link layer: where does the IP header begin? Link types are those of
 * https://www.tcpdump.org/linktypes.html.
 */

/** Marks a link type that is not understood, against a packet that holds no IP (-1). */
export const UNKNOWN_LINK = -2;
/** Marks a packet behind more VLAN tags than anybody sets. */
export const TOO_DEEP = -3;
/** Tags that are passed over. */
const MAX_TAGS = 16;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/**
 * Index of the IP header in the packet `start` to `end`.
 * @returns -1 where the packet holds no IP, `UNKNOWN_LINK` where the link type is not understood,
 *   `TOO_DEEP` where it stands behind too many tags
 */
export function ipStart(link: number, b: Uint8Array, start: number, end: number): number {
  switch (link) {
    case 1: // Ethernet
      return etherType(b, start + 12, end);
    case 0: // BSD null: the family in the byte order of the capturing machine; the IP version says the same
    case 108: // OpenBSD loop: the same in network order
      return start + 4;
    case 12: // raw IP, in three spellings
    case 14:
    case 101:
    case 228:
    case 229:
      return start;
    case 113: // Linux cooked v1: the protocol stands last in its 16 bytes
      return etherType(b, start + 14, end);
    case 276: // Linux cooked v2: the protocol stands first in its 20 bytes
      return cooked2(b, start, end);
    default:
      return UNKNOWN_LINK;
  }
}

/** From an EtherType at `at` over VLAN tags (802.1Q, 802.1ad, 0x9100) to the IP header. */
function etherType(b: Uint8Array, at: number, end: number): number {
  let pos = at;
  const most = at + MAX_TAGS * 4;
  while (pos + 2 <= end) {
    if (pos > most) return TOO_DEEP;
    const type = (b[pos] << 8) | b[pos + 1];
    if (type === IPV4 || type === IPV6) return pos + 2;
    if (type === 0x8100 || type === 0x88a8 || type === 0x9100) pos += 4;
    else if (type <= 1500) return snap(b, pos + 2, end);
    else return -1;
  }
  return -1;
}

/** 802.2 with SNAP (RFC 1042): aa aa 03, an organization of zero, then an EtherType. */
function snap(b: Uint8Array, at: number, end: number): number {
  if (at + 8 > end || b[at] !== 0xaa || b[at + 1] !== 0xaa || b[at + 2] !== 3) return -1;
  if (b[at + 3] !== 0 || b[at + 4] !== 0 || b[at + 5] !== 0) return -1;
  const type = (b[at + 6] << 8) | b[at + 7];
  return type === IPV4 || type === IPV6 ? at + 8 : -1;
}

function cooked2(b: Uint8Array, start: number, end: number): number {
  if (start + 20 > end) return -1;
  const type = (b[start] << 8) | b[start + 1];
  if (type === IPV4 || type === IPV6) return start + 20;
  // A VLAN tag stands behind the header: its control information, then the type.
  return type === 0x8100 || type === 0x88a8 ? etherType(b, start + 22, end) : -1;
}
