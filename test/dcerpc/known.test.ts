/** What is not known is null or marked, and what was refused keeps what was asked for. */
import { describe, expect, test } from 'vitest';
import { IRemUnknown } from '../../dissectors/interfaces/IRemUnknown.js';
import { operationName } from '../../dissectors/ndr/interface.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { callText, describeCallText } from '../../src/output/calls/text.js';
import { concat, u16, u32 } from '../bytes.js';
import { hex, laboratory, nodes, undissected, values } from './support.js';

const NDR = '045d888aeb1cc9119fe808002b10486002000000';
const NDR64 = '33057171babe37498319b5dbef9ccc3601000000';
const IMANAGED = '9ec1fcc370a9d2118b5a00a0c9b7c9c4';
const IEXPORTER = 'c4fefc9960521b10bbcb00aa0021347a';
const IREMOTE = '40a719665481be43a1860319578e02db';

function pdu(type: number, body: Uint8Array, callId = 1, little = true): Uint8Array {
  const flags = type === 0 && body.length >= 24 + 16 ? 0x83 : 3;
  const head = [5, 0, type, flags, little ? 0x10 : 0, 0, 0, 0];
  return concat(head, u16(16 + body.length, little), u16(0, little), u32(callId, little), body);
}

const context = (id: number, iid: string, ...syntaxes: string[]) =>
  concat(u16(id, true), [syntaxes.length, 0], hex(iid), u32(0, true), ...syntaxes.map(hex));
const bind = (contexts: readonly Uint8Array[], type = 11, callId = 1) =>
  pdu(type, concat(u16(4280, true), u16(4280, true), u32(0, true), [contexts.length, 0, 0, 0], ...contexts), callId);
const result = (code: number, reason: number, syntax = NDR) => concat(u16(code, true), u16(reason, true), hex(syntax));
const ack = (results: readonly Uint8Array[], type = 12, callId = 1) =>
  pdu(
    type,
    concat(
      u16(4280, true),
      u16(4280, true),
      u32(1, true),
      u16(0, true),
      u16(0, true),
      [results.length, 0, 0, 0],
      ...results,
    ),
    callId,
  );
const request = (contextId: number, opnum: number, stub: Uint8Array, callId: number) =>
  pdu(0, concat(u32(stub.length, true), u16(contextId, true), u16(opnum, true), stub), callId);
const response = (contextId: number, stub: Uint8Array, callId: number) =>
  pdu(2, concat(u32(stub.length, true), u16(contextId, true), [0, 0], stub), callId);
const text = (p: Pdu) => describeCallText(p.call!);

function written(write: (w: NdrWriter) => void): Uint8Array {
  const w = new NdrWriter(false);
  write(w);
  return w.result();
}

describe('an answer whose request was not captured', () => {
  test('has no operation, and keeps the interface that the bind named', () => {
    const c = laboratory().connection();
    c.client(bind([context(3, IMANAGED, NDR)]));
    c.server(ack([result(0, 0)]));
    const { call } = c.server(response(3, new Uint8Array(40), 7));
    expect(call).toMatchObject({
      opnum: null,
      operation: null,
      iface: { name: 'IManagedObject' },
      interfaceFrom: 'bind',
    });
    expect(operationName(call!)).toBeNull();
    expect(describeCallText(call!)).toContain('IManagedObject.(unknown operation)');
    expect(describeCallText(call!)).toContain('⚠ request-not-seen');
  });

  test('that is not whole is said not to be, and is no missing answer', () => {
    const piece = (flags: number) => {
      const bytes = response(0, new Uint8Array(8), 7);
      bytes[3] = flags;
      return bytes;
    };
    const lab = laboratory().connection();
    lab.client(bind([context(0, IEXPORTER, NDR)]));
    lab.server(ack([result(0, 0)]));
    const { call } = lab.client(request(0, 3, new Uint8Array(0), 7));
    lab.server(piece(1));
    call!.open = false;
    expect(describeCallText(call!)).toContain('✗ answer not seen whole');
    // its first fragment was lost
    const late = laboratory().connection();
    late.client(bind([context(0, IEXPORTER, NDR)]));
    late.server(ack([result(0, 0)]));
    late.client(request(0, 3, new Uint8Array(0), 7));
    const end = late.server(piece(2)).call!;
    expect(end.warnings.map((w) => w.code)).toContain('incomplete');
    expect(describeCallText(end)).toContain('⚠');
    expect(describeCallText(end)).not.toContain('no answer');
  });

  test('gets all of it when its request comes late, but not when that comes much too late', () => {
    for (const [frames, isAdopted] of [
      [200, true],
      [300, false],
    ] as const) {
      const c = laboratory().connection();
      c.client(bind([context(0, IEXPORTER, NDR)]));
      c.server(ack([result(0, 0)]));
      const { call } = c.server(response(0, new Uint8Array(4), 7));
      for (let i = 0; i < frames; i++) c.client(pdu(16, new Uint8Array(4), 99));
      const late = c.client(request(0, 3, new Uint8Array(0), 7));
      expect(late.call === call).toBe(isAdopted);
      expect(call!.opnum).toBe(isAdopted ? 3 : null);
      expect(call!.warnings.some((w) => w.code === 'request-not-seen')).toBe(!isAdopted);
    }
  });
});

describe('a context that the server refused', () => {
  const refusal = ack([result(2, 1, '00'.repeat(20))]);

  test('keeps its interface, and a request on it says so', () => {
    const c = laboratory().connection();
    c.client(bind([context(0, IMANAGED, NDR)]));
    const { bind: summary } = c.server(refusal);
    expect(summary?.refused).toMatchObject([{ name: 'IManagedObject', reason: 'abstract syntax not supported' }]);
    const asked = c.client(request(0, 4, new Uint8Array(0), 2));
    expect(asked.call).toMatchObject({ iface: { name: 'IManagedObject' }, operation: { name: 'GetObjectIdentity' } });
    expect(callText(asked.call!).warning).toContain('context-refused');
  });

  test('in a bind_nak or an alter_context, too; an accepted one is not lost by a later refusal', () => {
    const c = laboratory().connection();
    c.client(bind([context(0, IMANAGED, NDR)]));
    const nak = c.server(pdu(13, concat(u16(4, true), [1, 5, 0])));
    expect(nak.bind?.refused).toMatchObject([{ name: 'IManagedObject', reason: 'protocol version not supported' }]);
    expect(text(c.client(request(0, 4, new Uint8Array(0), 2)))).toContain('context-refused');
    c.client(bind([context(0, IMANAGED, NDR)]));
    c.server(ack([result(0, 0)]));
    expect(text(c.client(request(0, 4, new Uint8Array(0), 3)))).not.toContain('context-refused');
    c.client(bind([context(0, IREMOTE, NDR)], 14, 9));
    c.server(ack([result(2, 1)], 15, 9));
    expect(text(c.client(request(0, 4, new Uint8Array(0), 4)))).toContain('IManagedObject.GetObjectIdentity');
  });

  test('for its syntax only is no refusal of the interface', () => {
    const c = laboratory().connection();
    c.client(bind([context(0, IMANAGED, NDR), context(1, IMANAGED, NDR64)]));
    expect(c.server(ack([result(2, 2), result(0, 0, NDR64)])).bind?.refused).toEqual([]);
  });
});

describe('a transfer syntax that no answer told', () => {
  const both = (id: number) => context(id, IEXPORTER, NDR, NDR64);
  // ResolveOxid's first parameters: OXID, a count, and the array, whose count NDR64 gives 8 bytes
  const ndr64 = hex('0102030405060708 0100 000000000000 0100000000000000 0700');
  const ndr = hex('0102030405060708 0100 0000 01000000 0700');

  test('is that of the other contexts', () => {
    const c = laboratory().connection();
    c.client(bind([both(0)]));
    c.server(ack([result(0, 0, NDR64)]));
    c.client(bind([both(1)], 14, 2));
    const { call } = c.client(request(1, 0, ndr64, 3));
    expect(call).toMatchObject({ syntax: 'NDR64', in: { arRequestedProtseqs: [7] } });
    expect(call!.warnings).toEqual([]);
  });

  test('is the one that reads the stub, and marked as a guess', () => {
    for (const [stub, syntax] of [
      [ndr, 'NDR'],
      [ndr64, 'NDR64'],
    ] as const) {
      const c = laboratory().connection();
      c.client(bind([both(1)]));
      const { call } = c.client(request(1, 0, stub, 3));
      expect(call).toMatchObject({ syntax, in: { arRequestedProtseqs: [7] } });
      expect(callText(call!).warning).toBe('syntax-guessed');
    }
  });
});

describe('bytes of binds and answers', () => {
  test('a version of a big-endian bind has its major half behind its minor', () => {
    const syntax = concat([0x8a, 0x88, 0x5d, 0x04, 0x1c, 0xeb, 0x11, 0xc9], hex('9fe808002b104860'), u32(2));
    const iid = concat(u32(0xc3fcc19e), u16(0xa970), u16(0x11d2), hex('8b5a00a0c9b7c9c4'));
    const item = concat(u16(0), [1, 0], iid, [0, 1, 0, 3], syntax);
    const body = concat(u16(4280), u16(4280), u32(0), [1, 0, 0, 0], item);
    const p = laboratory()
      .connection()
      .client(pdu(11, body, 1, false));
    expect(values(p, 'dcerpc.cn_bind_if_ver')).toEqual([3]);
    expect(values(p, 'dcerpc.cn_bind_if_ver_minor')).toEqual([1]);
  });

  test('a bind_nak may end with its versions', () => {
    const p = laboratory()
      .connection()
      .server(pdu(13, concat(u16(0, true), [1, 5, 0])));
    expect(p.recording.notes).toEqual([]);
    expect(undissected(p)).toBe(0);
  });

  test('an answer names the frame that completed the first PDU of its request', () => {
    const c = laboratory().connection();
    c.client(bind([context(0, IEXPORTER, NDR)]));
    c.server(ack([result(0, 0)]));
    c.client(request(0, 3, new Uint8Array(0), 2));
    const answer = c.server(response(0, new Uint8Array(4), 2));
    expect(values(answer, 'dcerpc.request_in')).toEqual([3]);
  });

  test('an answer of its HRESULT alone has failed: a success has its parameters', () => {
    const answered = (hresult: number) => {
      const c = laboratory().connection();
      c.client(bind([context(0, IMANAGED, NDR)]));
      c.server(ack([result(0, 0)]));
      // the object, and ORPCTHIS; ORPCTHAT in front of the answer
      c.client(request(0, 4, concat(new Uint8Array(16).fill(7), [5, 0, 7, 0], new Uint8Array(28)), 2));
      return c.server(response(0, concat(new Uint8Array(8), u32(hresult, true)), 2)).call!;
    };
    expect(answered(0x80004005)).toMatchObject({ result: 0x80004005, warnings: [] });
    const success = answered(0);
    expect(success.result).toBeNull();
    expect(callText(success).warning).not.toBeNull();
  });

  test('a stub that cannot be read to its end is as long as it is', () => {
    const c = laboratory().connection();
    c.client(bind([context(0, IEXPORTER, NDR)]));
    c.server(ack([result(0, 0)]));
    c.client(request(0, 4, hex('0102030405060708 0100 0000 01000000 0700'), 2));
    const broken = concat(u32(0x20000, true), u32(0x7fffffff, true), new Uint8Array(24).fill(9));
    const { call, recording } = c.server(response(0, broken, 2));
    expect(call!.response?.stub?.length).toBe(32);
    expect(nodes(recording.roots).some((n) => n.role === 'undissected')).toBe(true);
    expect(callText(call!).warning).not.toBeNull();
  });
});

test('ORPC headers in NDR64 form are expected where the association had them, also in front of a stub that is cut', () => {
  // RemRelease of one reference: ORPCTHIS with a pointer of 8 bytes, the count, that of the array, IPID, counts
  const object = new Uint8Array(16).fill(7);
  const header = concat([5, 0, 7, 0], new Uint8Array(36));
  const stub = concat(header, hex('0100 000000000000 0100000000000000'), object, u32(2, true), u32(0, true));
  for (const taught of [true, false]) {
    const c = laboratory().connection();
    c.client(bind([context(0, '3101000000000000c000000000000046', NDR64)]));
    c.server(ack([result(0, 0, NDR64)]));
    if (taught) {
      const { call } = c.client(request(0, 5, concat(object, stub), 2));
      expect(call).toMatchObject({ in: { cInterfaceRefs: 1, InterfaceRefs: [{ cPublicRefs: 2 }] }, warnings: [] });
    }
    const cut = c.client(request(0, 5, concat(object, stub.slice(0, 60)), 3)).call!;
    expect(cut.in?.cInterfaceRefs).toBe(taught ? 1 : 0);
    expect(callText(cut).warning).not.toBeNull();
  }
});

test('what is read by a guess teaches nothing about the server; what a bind named does', () => {
  // GetObjectIdentity: ORPCTHAT, the BSTR, the domain, pCCW, S_OK; behind a GUID's text only a referent and 4 bytes fit
  const text = Buffer.from('8a9a021e-0000-0000-0000-000000000001', 'utf16le');
  const named = concat(new Uint8Array(8), ...[1, 36, 72, 36].map((n) => u32(n, true)), text, u32(2, true));
  const clear = concat(named, u32(0x20000, true), u32(0x1234, true), u32(0, true));
  const unclear = concat(new Uint8Array(12), u32(2, true), u32(0x20000, true), u32(0x1234, true), u32(0, true));
  const asked = concat(new Uint8Array(16).fill(7), [5, 0, 7, 0], new Uint8Array(28));
  const layoutOf = ({ call }: Pdu) => (call?.out?.pCCW as { layout: string } | undefined)?.layout;
  for (const [isBound, layout] of [
    [false, 'int64'],
    [true, 'ptr+int32'],
  ] as const) {
    const lab = laboratory();
    const talk = (bound: boolean, stub: Uint8Array) => {
      const c = lab.connection();
      if (bound) c.client(bind([context(0, IMANAGED, NDR)]));
      if (bound) c.server(ack([result(0, 0)]));
      c.client(request(0, 4, asked, 2));
      return c.server(response(0, stub, 2));
    };
    const first = talk(isBound, clear);
    expect(first.call?.interfaceFrom).toBe(isBound ? 'bind' : 'guess');
    expect(layoutOf(first)).toBe('ptr+int32');
    expect(layoutOf(talk(true, unclear))).toBe(layout);
  }
});

test('a pointer of which nobody said what interface it has is of none', () => {
  const lab = laboratory();
  const given = '00001c02-03c5-07ed-7311-d8a3c2ce6f44';
  const query = IRemUnknown.ops[3];
  const ripid = '00000000-03c5-07ed-7311-d8a3c2ce6f44';
  const std = { flags: 0, cPublicRefs: 5, oxid: '0x0000000000001111', oid: '0x0000000000002222', ipid: given };
  const object = (ipid: string): Uint8Array => written((w) => w.guid(ipid));
  const header = concat([5, 0, 7, 0], new Uint8Array(28));
  const asked = (iids: string[]) =>
    written((w) => {
      w.bytes(header);
      w.params(query.request, { ripid, cRefs: 5, cIids: iids.length, iids });
    });
  const answer = written((w) => {
    w.bytes(new Uint8Array(8));
    w.params(query.response, { ppQIResults: [{ hResult: '0x00000000', std }] });
    w.u32(0);
  });
  for (const [iids, iid] of [
    [[], null],
    [['c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4'], 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4'],
  ] as [string[], string | null][]) {
    const c = lab.connection();
    c.client(bind([context(0, '3101000000000000c000000000000046', NDR)]));
    c.server(ack([result(0, 0)]));
    c.client(request(0, 3, concat(object(ripid), asked(iids)), 2));
    expect(c.server(response(0, answer, 2)).call?.out?.ppQIResults).toMatchObject([{ std: { ipid: given } }]);
    expect(lab.connection().client(request(9, 77, concat(object(given), header), 2)).call?.iid).toBe(iid);
  }
});

test('a signature that does not verify is marked before all else', () => {
  const c = laboratory().connection();
  c.client(bind([context(0, IEXPORTER, NDR)]));
  c.server(ack([result(0, 0)]));
  const { call } = c.client(request(0, 3, new Uint8Array(0), 2));
  expect(callText(call!).warning).toBeNull();
  call!.warnings.push({ code: 'other', message: '', offset: null, source: null });
  expect(callText(call!).warning).toBe('other');
  call!.auth.verified = false;
  expect(callText(call!).warning).toBe('bad-signature +1');
});
