/** Captures that name hosts. */
import { readCapture } from '../src/capture/open.js';
import { PcapngWriter } from '../src/capture/pcapng/write.js';
import { addressBytes } from '../src/core/address.js';
import { block, concat, u16 } from './bytes.js';

const le = (n: number): Uint8Array => u16(n, true);

/** A capture as pcapng with a name resolution block in front of its packets. */
export async function namedCapture(file: string, names: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const records = Object.entries(names).map(([address, name]) => {
    const value = Buffer.concat([addressBytes(address), Buffer.from(`${name}\0`)]);
    return concat(le(address.includes(':') ? 2 : 1), le(value.length), value, Buffer.alloc(-value.length & 3));
  });
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => pieces.push(bytes.slice()));
  await readCapture(file, (packet) => writer.packet(packet));
  const [head, ...rest] = pieces;
  return concat(head, block(4, concat(...records, le(0), le(0))), ...rest);
}
