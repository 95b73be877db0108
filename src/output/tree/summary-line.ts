/** What a PDU says, in a terminal. */
import type { Pdu } from '../../../dissectors/pdu.js';
import { fitted } from '../calls/line.js';
import { lineOf } from '../calls/text.js';
import { cutTo } from '../line-width.js';
import { safe } from '../terminal.js';
import { pduLine, summaryText } from './summary.js';

/** Its summary in so many columns: its call gives way as in a line of its own, and what is still too long is cut. */
export function summaryLine(pdu: Pdu, room: number): string {
  const line = pduLine(pdu);
  const { call } = line;
  if (call === null) return cutTo(safe(summaryText(line, '')), room);
  const write = (told: typeof call): string => safe(summaryText(line, lineOf(told)));
  return cutTo(write(fitted(call, room, write)), room);
}
