/** Conversations of which no two have an address, an OXID, an OID, an IPID or a URI in common. */
import { INTERFACES } from '../../dissectors/index.js';
import { IManagedObject } from '../../dissectors/interfaces/IManagedObject.js';
import { objectAt } from '../../src/encode/error.js';
import { encodeScenario } from '../../src/encode/scenarios/capture.js';
import {
  activation,
  apartment,
  CCW,
  IPID_MANAGED,
  identity,
  query,
  remotingReference,
  SERVER_CLR,
  scenarioOf,
  serialized,
} from '../../src/encode/scenarios/parts.js';
import { concat } from '../bytes.js';

const URI = '/a/0123456789abcdef.rem';
const CALLS = [
  query(IManagedObject.uuid, IPID_MANAGED),
  identity(SERVER_CLR, 2, { value: CCW, layout: 'int64' }),
  serialized({ root: remotingReference(URI) }),
];

/** What is another one in each conversation: as it stands in the bytes, and where in it a number goes. */
const OXID = ['33221100 1f5e3c7a', 0] as const;
const OID = ['c051a5c1 00000000', 4] as const;
const REM_UNKNOWN = ['00080000 340c0000 1111222233334444', 10] as const;
const IPIDS = [1, 2].map((i) => [`0${i}100000 340c0000 a00000000000000${i}`, 10] as const);

/** `n` of them as a pcap file, some 6 KB each. */
export function distinct(n: number): Uint8Array {
  const known = new Map(INTERFACES.map((i) => [i.uuid, i]));
  const file = encodeScenario(objectAt(scenarioOf([activation(), apartment(CALLS)]), ''), known);
  const body = Buffer.from(file.subarray(24));
  const ips: number[] = [];
  for (let at = 0; at < body.length; at += 16 + body.readUInt32LE(at + 8)) ips.push(at + 30);
  const numbers = [OXID, OID, REM_UNKNOWN, ...IPIDS].flatMap(([hex, to]) =>
    placesOf(body, Buffer.from(hex.replaceAll(' ', ''), 'hex')).map((at) => at + to),
  );
  const uris = placesOf(body, Buffer.from(URI)).map((at) => at + 3);
  const all = Array.from({ length: n }, (_, i) => {
    const copy = Buffer.from(body);
    for (const ip of ips) for (const address of [ip + 12, ip + 16]) copy.writeUInt16BE(i, address + 1);
    for (const at of numbers) copy.writeUInt16LE(i, at);
    for (const at of uris) copy.write(i.toString(16).padStart(16, '0'), at, 'latin1');
    return copy;
  });
  return concat(file.subarray(0, 24), ...all);
}

function placesOf(bytes: Buffer, what: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(what); at >= 0; at = bytes.indexOf(what, at + 1)) places.push(at);
  return places;
}
