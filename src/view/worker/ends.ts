/** The two ends of a connection as one text, of which thousands of PDUs and calls share one. */
import type { Connection } from '../../index.js';

type End = Connection['ends'][number];

/** Two ends as `10.0.0.1:135` and a line for each. */
export function endsText([a, b]: readonly [End, End]): string {
  return `${a.address}:${a.port}\n${b.address}:${b.port}`;
}

/** The ends behind such a text. */
export function endsOf(text: string): [End, End] {
  const [a, b] = text.split('\n');
  return [endOf(a), endOf(b)];
}

function endOf(text: string): End {
  const colon = text.lastIndexOf(':');
  return { address: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}
