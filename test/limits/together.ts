/** A capture that meets the bounds of all that is kept, one behind the other, and lets go of nothing in between. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { pduBytes, requestHead, responseHead } from '../../src/encode/pdu.js';
import {
  ACK,
  concat,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  option,
  SYN,
  sectionHeader,
  tcp,
} from '../bytes.js';
import { BIND, createRequest, nbss, openPipe, smb2, treeConnect, write } from '../smb/support.js';

const [FIRST, WHOLE] = [1, 3];
const SERVER = '192.168.0.1';
/** Payload of a segment: frames may be longer than a link's, and then cost less to make. */
const SEGMENT = 32_000;

/** Packets of one connection, from its SYN on. */
class Talk {
  private readonly at = [1000, 5000];
  private readonly address: string;

  constructor(
    private readonly write: (packet: Uint8Array) => void,
    private readonly client: number,
    private readonly port: number,
  ) {
    this.address = `10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`;
    this.segment(0, undefined, SYN);
    this.at[0]++;
  }

  send(payload: Uint8Array, from: 0 | 1 = 0): void {
    this.segment(from, payload, ACK);
    this.at[from] += payload.length;
  }

  /** Bytes that the capture lacks. */
  lose(length: number): void {
    this.at[0] += length;
  }

  private segment(from: 0 | 1, payload: Uint8Array | undefined, flags: number): void {
    const ports: [number, number] = [40_000 + (this.client % 10_000), this.port];
    const acknowledges = flags === ACK ? this.at[1 - from] : 0;
    const segment = tcp(ports[from], ports[1 - from], this.at[from], payload, flags, acknowledges);
    this.write(from === 0 ? ipv4(this.address, SERVER, 6, segment) : ipv4(SERVER, this.address, 6, segment));
  }
}

const request = (callId: number, stub: number, flags = WHOLE): Uint8Array =>
  pduBytes({
    type: 0,
    flags,
    callId,
    body: concat(requestHead(true, 0, 0, 77, null), new Uint8Array(stub).fill(callId | 1)),
  });
const response = (callId: number, stub: number): Uint8Array =>
  pduBytes({ type: 2, flags: WHOLE, callId, body: concat(responseHead(true, 0, 0), new Uint8Array(stub).fill(7)) });

/** Writes it as pcapng. */
export function writeTogether(file: string): void {
  const limits = DEFAULT_LIMITS;
  const fd = openSync(file, 'w');
  let pieces: Uint8Array[] = [];
  let size = 0;
  const put = (bytes: Uint8Array): void => {
    pieces.push(bytes);
    size += bytes.length;
    if (size < 1 << 20) return;
    writeSync(fd, concat(...pieces));
    pieces = [];
    size = 0;
  };
  const packet = (ip: Uint8Array): void => put(enhancedPacket(ethernet(ip), { stamp: 1_700_000_000_000_000n }));
  let clients = 0;
  const talk = (port = 49_700): Talk => new Talk(packet, ++clients, port);
  const over = (bytes: number): number => bytes * 1.05;

  // comments of the file
  const comment = option(1, new Uint8Array(60_000).fill(0x63));
  put(
    sectionHeader(true, concat(...Array<Uint8Array>(Math.ceil(over(limits.metadata) / comment.length)).fill(comment))),
  );
  put(interfaceBlock());
  // datagrams of which the rest never comes
  const part = new Uint8Array(SEGMENT);
  for (let id = 1; id * SEGMENT < over(limits.fragmentedBytes); id++)
    packet(ipv4('10.250.0.1', SERVER, 6, part, { id, fragmentOffset: 0, moreFragments: true }));
  // requests of SMB that nobody answers
  const name = 'n'.repeat(256);
  for (let bytes = 0; bytes < over(limits.smbBytes); ) {
    const t = talk(445);
    for (const [from, message] of treeConnect(2)) t.send(message, from);
    for (let id = 1; id <= 4000; id++, bytes += 1024) t.send(nbss(smb2(5, createRequest(name), { id })));
  }
  // parts of PDUs in pipes
  const piped = request(1, 60_000, FIRST).subarray(0, 30_000);
  for (let bytes = 0; bytes < over(limits.carriedBytes); ) {
    const t = talk(445);
    for (const [from, message] of treeConnect(2)) t.send(message, from);
    for (let id = 1; id <= 100; id++, bytes += 60_000) {
      const pipe = `${String(id).padStart(8, '0')}-2222-3333-4444-555555555555`;
      const said = [...openPipe('pipe', id, pipe), write(1000 + id, BIND, pipe), write(2000 + id, piped, pipe)];
      for (const [from, message] of said) t.send(message, from);
    }
  }
  // stubs that wait for their end
  for (let bytes = 0; bytes < over(limits.assembledBytes); ) {
    const t = talk();
    for (let id = 1; id <= 200; id++, bytes += 4000) t.send(request(id, 4000, FIRST));
  }
  // calls that nobody answers, with few bytes and with many
  for (let bytes = 0; bytes < over(limits.openBytes); ) {
    const t = talk();
    for (let id = 1; id <= 500; id++, bytes += 1024 + 16) t.send(request(id, 16));
    for (let id = 1000; id <= 1100; id++, bytes += 4000) t.send(request(id, 4000));
  }
  // calls that wait behind one without an answer
  const t = talk();
  t.send(request(1, 16));
  for (let bytes = 0, id = 2; bytes < over(limits.waitingBytes); id++, bytes += 40_000) {
    t.send(request(id, 30_000));
    t.send(response(id, 10_000), 1);
  }
  // bytes behind missing ones
  for (let bytes = 0; bytes < over(limits.buffered); ) {
    const behind = talk();
    behind.send(request(1, 16));
    behind.lose(100);
    for (let i = 0; i < 30; i++, bytes += SEGMENT) behind.send(request(2 + i, SEGMENT - 24));
  }
  writeSync(fd, concat(...pieces));
  closeSync(fd);
}
