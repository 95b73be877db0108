/** Conversations of SMB for tests: messages as both versions write them, and what comes of them. */
import type { Call } from '../../dissectors/call.js';
import type { Pdu } from '../../dissectors/pdu.js';
import type { Limits } from '../../src/core/limits.js';
import type { Node, Scalar } from '../../src/core/node.js';
import { pduSummary } from '../../src/output/tree/summary.js';
import { concat, type FilePacket, pcapFile, u32 } from '../bytes.js';
import { bindBody, connection, guid, le16, le32, pdu, requestBody, responseBody } from '../fields/wire.js';
import { type Passed, packetsIn, pass } from '../fuzz/way.js';
import type { Said } from './golden.js';

/** UTF-16. */
const wide = (text: string): Uint8Array => Buffer.from(text, 'utf16le');

/** The four bytes of the session service in front of messages. */
export const nbss = (...messages: readonly Uint8Array[]): Uint8Array => {
  const all = concat(...messages);
  return concat([0], u32(all.length).subarray(1), all);
};

/** What a header of SMB 2 says; all of it can be left out. */
interface Header2 {
  readonly id?: number;
  readonly answer?: boolean;
  readonly status?: number;
  readonly tree?: number;
  readonly session?: number;
  readonly related?: boolean;
  readonly next?: number;
}

/** A message of SMB 2 (MS-SMB2 2.2.1). */
export function smb2(command: number, body: Uint8Array, o: Header2 = {}): Uint8Array {
  const flags = (o.answer ? 1 : 0) | (o.related ? 4 : 0);
  return concat(
    [0xfe, 0x53, 0x4d, 0x42, 64, 0, 1, 0],
    le32(o.status ?? 0),
    le16(command),
    le16(1),
    le32(flags),
    le32(o.next ?? 0),
    le32(o.id ?? 0),
    new Uint8Array(8),
    le32(o.tree ?? 1),
    le32(o.session ?? 7),
    new Uint8Array(4 + 16),
    body,
  );
}

/** Several in one, each aligned to 8 bytes. */
export function compound(...messages: readonly Uint8Array[]): Uint8Array {
  const parts = messages.map((m, i) => {
    if (i === messages.length - 1) return m;
    const padded = concat(m, new Uint8Array(-m.length & 7));
    padded.set(le32(padded.length), 20);
    return padded;
  });
  return nbss(...parts);
}

const FILE = '11111111-2222-3333-4444-555555555555';
export const OTHER_FILE = '99999999-2222-3333-4444-555555555555';

/** A share is connected to: pipes (2) or a disk (1). */
export const treeConnect = (type: number, o: Header2 = {}): Said[] => {
  const path = wide('\\\\server\\IPC$');
  const request = concat(le16(9), le16(0), le16(72), le16(path.length), path);
  const response = concat(le16(16), [type, 0], new Uint8Array(12));
  return [
    [0, nbss(smb2(3, request, { ...o, tree: 0 }))],
    [1, nbss(smb2(3, response, { ...o, answer: true }))],
  ];
};

export const createRequest = (name: string): Uint8Array => {
  const text = wide(name);
  return concat(le16(57), new Uint8Array(42), le16(120), le16(text.length), new Uint8Array(8), text);
};
export const createResponse = (file = FILE): Uint8Array =>
  concat(le16(89), new Uint8Array(62), guid(file), new Uint8Array(8));
export const writeRequest = (data: Uint8Array, file = FILE): Uint8Array =>
  concat(le16(49), le16(112), le32(data.length), new Uint8Array(8), guid(file), new Uint8Array(16), data);
export const readRequest = (file = FILE): Uint8Array =>
  concat(le16(49), [80, 0], le32(4280), new Uint8Array(8), guid(file), new Uint8Array(16), [0]);
export const readResponse = (data: Uint8Array): Uint8Array =>
  concat(le16(17), [80, 0], le32(data.length), new Uint8Array(8), data);
export const closeRequest = (file = FILE): Uint8Array => concat(le16(24), new Uint8Array(6), guid(file));
export const closeResponse = (): Uint8Array => concat(le16(60), new Uint8Array(58));
/** FSCTL_PIPE_TRANSCEIVE (MS-SMB2 2.2.31). */
export const transceiveRequest = (data: Uint8Array, file = FILE): Uint8Array =>
  concat(le16(57), le16(0), le32(0x11c017), guid(file), le32(120), le32(data.length), new Uint8Array(24), data);
/** An error's body (MS-SMB2 2.2.2). */
export const errorBody = (): Uint8Array => concat(le16(9), new Uint8Array(7));

/** A pipe of SMB 2 is opened. */
export const openPipe = (name: string, id: number, file = FILE): Said[] => [
  [0, nbss(smb2(5, createRequest(name), { id }))],
  [1, nbss(smb2(5, createResponse(file), { id, answer: true }))],
];
export const write = (id: number, data: Uint8Array, file = FILE): Said => [
  0,
  nbss(smb2(9, writeRequest(data, file), { id })),
];
/** A read and what comes of it. */
export const read = (id: number, data: Uint8Array, file = FILE): Said[] => [
  [0, nbss(smb2(8, readRequest(file), { id }))],
  [1, nbss(smb2(8, readResponse(data), { id, answer: true }))],
];

/** An interface whose stubs are not decoded. */
const SRVSVC = '4b324fc8-1670-01d3-1278-5a47bf6ee188';

/** PDUs of DCE/RPC that go through pipes. */
export const BIND = pdu(11, 1, bindBody(SRVSVC, 3));
export const rpcRequest = (callId: number, stub = new Uint8Array(8)): Uint8Array =>
  pdu(0, callId, requestBody(3, stub));
export const rpcResponse = (callId: number, stub = new Uint8Array(8)): Uint8Array => pdu(2, callId, responseBody(stub));

/** A message of SMB 1 (MS-CIFS 2.2.3) of one block, in ASCII. */
export function smb1(
  command: number,
  words: Uint8Array,
  bytes: Uint8Array,
  o: { answer?: boolean; mid?: number; tree?: number } = {},
): Uint8Array {
  return concat(
    [0xff, 0x53, 0x4d, 0x42, command],
    le32(0),
    [o.answer ? 0x88 : 0x18],
    le16(0x4801),
    new Uint8Array(12),
    le16(o.tree ?? 5),
    le16(100),
    le16(1),
    le16(o.mid ?? 1),
    [words.length >> 1],
    words,
    le16(bytes.length),
    bytes,
  );
}

/** What came of a conversation. */
export interface Outcome extends Passed {
  readonly all: readonly Pdu[];
  readonly found: readonly Call[];
  /** `SMB2 Create Request, File: srvsvc`, `DCERPC Bind  …`, in order. */
  readonly lines: readonly string[];
  /** Codes of warnings. */
  readonly codes: readonly string[];
}

/** A capture of a conversation, on port 445. */
export const captureOf = (said: readonly Said[], port = 40_000): FilePacket[] => connection(port, said, 445);

/** Reads packets the whole way, with trees, and finds nothing wrong with them. */
export async function outcomeOf(packets: readonly FilePacket[], limits: Partial<Limits> = {}): Promise<Outcome> {
  const all: Pdu[] = [];
  const found: Call[] = [];
  const passed = pass(await packetsIn(pcapFile(packets)), {
    record: true,
    limits,
    onPdu: (p) => void all.push(p),
    onCall: (call) => void found.push(call),
  });
  const codes = all.flatMap(({ recording }) => recording.notes.map(({ code }) => code));
  return { ...passed, all, found, lines: all.map((p) => `${p.protocol} ${pduSummary(p)}`), codes };
}

/** Values of a field in PDUs' trees. */
export function valuesOf(pdus: readonly Pdu[], name: string): Scalar[] {
  const values: Scalar[] = [];
  const todo: Node[] = pdus.flatMap((p) => p.recording.roots).reverse();
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (node.field.name === name) values.push(node.value);
    todo.push(...[...node.children].reverse());
  }
  return values;
}

export { concat, le16, le32 };
