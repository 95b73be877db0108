/** `clrscope encode` and `scenario`: documents written by hand, to bytes written by hand. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { type Connection, StateStore } from '../../src/core/context.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { checksum, hostBytes } from '../../src/encode/scenarios/packets.js';
import { SCENARIOS } from '../../src/encode/scenarios/scenarios.js';
import { asProcess, clrscope } from '../cli.js';
import { started } from '../started.js';
import { changed, KNOWN, leavesOf, throughJson } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-encode-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hex = (json: unknown): string => Buffer.from(encodeDocument(json, KNOWN)).toString('hex');
const refusal = (json: unknown): string => {
  try {
    encodeDocument(json, KNOWN);
  } catch (e) {
    return (e as Error).message;
  }
  return 'it was taken';
};

describe('MS-IOI 2.2.1: pCCW in each layout', () => {
  const stub = (layout: string, syntax: string) => ({
    kind: 'stub',
    interface: 'IManagedObject',
    operation: 'GetObjectIdentity',
    side: 'response',
    params: { pBSTRGUID: null, AppDomainID: 7, pCCW: { value: '0x11223344', layout } },
    wire: { syntax },
  });
  // ORPCTHAT, null BSTR, AppDomainID; then pCCW and S_OK
  const ndr = '0000000000000000 00000000 07000000';
  const ndr64 = '0000000000000000 0000000000000000 07000000';

  it.each([
    ['int32', 'NDR', `${ndr} 44332211 00000000`],
    ['int64', 'NDR', `${ndr} 4433221100000000 00000000`],
    ['ptr+int32', 'NDR', `${ndr} 00000200 44332211 00000000`],
    ['ptr+int64', 'NDR', `${ndr} 00000200 00000000 4433221100000000 00000000`],
    ['int32', 'NDR64', `${ndr64} 44332211 00000000`],
    ['int64', 'NDR64', `${ndr64} 00000000 4433221100000000 00000000`],
    ['ptr+int32', 'NDR64', `${ndr64} 00000000 0000020000000000 44332211 00000000`],
    ['ptr+int64', 'NDR64', `${ndr64} 00000000 0000020000000000 4433221100000000 00000000`],
  ])('%s in %s', (layout, syntax, bytes) => {
    expect(hex(stub(layout, syntax))).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('stubs', () => {
  const call = {
    kind: 'stub',
    interface: 'IRemoteDispatch',
    operation: 'RemoteDispatchAutoDone',
    side: 'request',
    orpc: { cid: '00112233-4455-6677-8899-aabbccddeeff' },
    params: { s: { hex: '414243' } },
  };
  const orpcThis = '05000700 00000000 00000000 33221100554477668899aabbccddeeff 00000000';

  it('MS-OAUT 2.2.23: a BSTR of an odd number of bytes, with given referent, padding and trailer', () => {
    const wire = { referents: [0x72657355], padding: [[51, 'ee']], trailing: 'abcd' };
    expect(hex({ ...call, wire })).toBe(
      `${orpcThis} 55736572 02000000 03000000 02000000 414243ee abcd`.replaceAll(' ', ''),
    );
  });

  it('MS-OAUT 2.2.23: under a big-endian drep, following it or little endian all the same', () => {
    const head = '00050007 00000000 00000000 00112233445566778899aabbccddeeff 00000000 00020000';
    expect(hex({ ...call, wire: { littleEndian: false } })).toBe(
      `${head} 00000002 00000003 00000002 42410043`.replaceAll(' ', ''),
    );
    expect(hex({ ...call, wire: { littleEndian: false, oautLittleEndian: true } })).toBe(
      `${head} 02000000 03000000 02000000 41424300`.replaceAll(' ', ''),
    );
  });

  it('MS-DCOM 2.2.13: ORPCTHIS in NDR64 where asked for', () => {
    const wire = { syntax: 'NDR64', orpc64: true };
    expect(hex({ ...call, params: { s: null }, wire })).toBe(
      '05000700 00000000 00000000 33221100554477668899aabbccddeeff 00000000 0000000000000000 0000000000000000'.replaceAll(
        ' ',
        '',
      ),
    );
  });

  it('invalid: says where, and what was wanted', () => {
    expect(refusal({ ...call, params: { t: null } })).toBe(
      "params.t: RemoteDispatchAutoDone's request has no t; there is s",
    );
    expect(refusal({ ...call, operation: 'Nothing', opnum: 99 })).toContain('operation: IRemoteDispatch: there is no');
    expect(refusal({ ...call, interface: 'IRemoteDispach' })).toContain('interface: there is no interface');
    expect(refusal({ ...call, params: { s: { hex: 'abc' } } })).toBe(
      'params.s.hex: hex digits in pairs are wanted, not "abc"',
    );
    expect(refusal({ ...call, params: { s: { nrbf: { records: [{ type: 'Nope' }] } } } })).toContain('params.s.nrbf');
    expect(refusal({ ...call, orpc: { cid: 'x' } })).toContain('orpc.cid: not a GUID');
    expect(refusal({ ...call, side: 'up' })).toContain('side: there is no side up; there are request, response');
    expect(refusal({ kind: 'poem' })).toContain('there are nrbf, stub, pdu, message, scenario');
    expect(refusal([])).toContain('an object is wanted');
  });
});

describe('documents of any shape', () => {
  const junk = [null, -1, 1e300, 'x', [], {}, [[]], true, '\u0000', { records: 1 }];
  const names = ['object-elsewhere', 'component-info', 'dispatch-invoke', 'ntlm-privacy', 'error-bind-nak'];

  it.each(names)('invalid: %s with a value replaced is encoded or refused in words', { timeout: 60_000 }, (name) => {
    const document = throughJson(SCENARIOS.find((s) => s.name === name)?.document());
    const paths = leavesOf(document).map((l) => l.path);
    for (const [i, path] of paths.entries())
      for (let cut = 1; cut <= path.length; cut++) {
        const broken = changed(document, path.slice(0, cut), junk[(i + cut) % junk.length]);
        try {
          encodeDocument(broken, KNOWN);
        } catch (e) {
          expect((e as Error).name, (e as Error).stack).toBe('EncodeError');
        }
      }
  });
});

describe('NRBF', () => {
  it('MS-IOI 4.3: the streams of the example are those that are printed there', () => {
    const document = SCENARIOS.find((s) => s.name === 'remote-dispatch')?.document() as never as {
      connections: { calls: { in: { s: { nrbf: object } }; out: { pRetVal: { nrbf: object } } }[] }[];
    };
    const { in: asked, out: told } = document.connections[0].calls[1];
    const words = (text: string): string =>
      text
        .split(' ')
        .map((w) => Buffer.from(w, 'hex').reverse().toString('hex'))
        .join('');
    const call = words(
      '00000000 00000000 00000100 00000000 00121500 06120000 6874654d 5112646f 74736554 706d6f43 6574202c 202c7473 ' +
        '73726556 3d6e6f69 2e302e30 2c302e30 6c754320 65727574 75656e3d 6c617274 7550202c 63696c62 5479654b 6e656b6f ' +
        '3030313d 66663066 65643064 34336662 00000233 48051200 6f6c6c65 00000b11',
    );
    const ours = hex({ kind: 'nrbf', ...asked.s.nrbf });
    // from the record's type up to MessageEnd
    const message = ours.slice(ours.indexOf('1512'), ours.indexOf('110b') + 4);
    expect(message.length).toBe(218);
    expect(call).toContain(message);
    expect(hex({ kind: 'nrbf', ...told.pRetVal.nrbf })).toContain('1612040000020000001112' + '05576f726c640b');
  });

  it('from VALUEs alone', () => {
    expect(hex({ kind: 'nrbf', root: { type: 'System.String', value: 'hi' } })).toBe(
      '0001000000ffffffff0100000000000000' + '0601000000026869' + '0b',
    );
  });
});

describe('PDUs', () => {
  const read = (bytes: Uint8Array): Pdu => {
    const connection: Connection = {
      id: 0,
      transport: 'ncacn_ip_tcp',
      protocol: 'dcerpc',
      endpoint: null,
      ends: [
        { address: '10.0.0.1', port: 1 },
        { address: '10.0.0.2', port: 2 },
      ],
      client: 0,
      midstream: false,
      state: new StateStore(),
    };
    const time = { sec: 0, nsec: 0 };
    const more = { pieces: [], frames: [1], time, afterGap: false } as const;
    const transport = { connection, direction: 0 as const, bytes, length: bytes.length, ...more };
    return started(protocols()).dissect(transport, true);
  };

  it.each([
    { type: 'bind', contexts: [{ interface: 'IManagedObject', syntaxes: ['NDR', 'NDR64'] }] },
    { type: 'bind_ack', secondaryAddress: '135', results: [{ syntax: 'NDR' }, { reason: 1 }] },
    { type: 'bind_nak', reason: 4 },
    { type: 'alter_context', contexts: [{ interface: 'IRemUnknown2', id: 3 }], littleEndian: false },
    { type: 'request', opnum: 3, contextId: 1, object: '00001003-0c34-0000-a000-000000000003', stub: '00' },
    { type: 'response', stub: '0102', auth: { type: 10, level: 5, value: '00'.repeat(16) } },
    { type: 'fault', status: '0x1c010002' },
    { type: 'auth3', auth: { type: 10, level: 5, value: '4e544c4d' } },
    { type: 'shutdown', callId: 0 },
    { type: 'co_cancel', body: '' },
  ])('$type is read back', (document) => {
    const bytes = encodeDocument({ kind: 'pdu', ...document }, KNOWN);
    const pdu = read(bytes);
    expect(pdu.header?.length).toBe(bytes.length);
    expect(pdu.recording.notes.filter((n) => ['malformed', 'truncated', 'bug'].includes(n.code))).toEqual([]);
    expect(pdu.header?.littleEndian).toBe(document.littleEndian !== false);
  });

  it('C706 12.6.4.9: a request, byte by byte', () => {
    const request = { kind: 'pdu', type: 'request', callId: 5, contextId: 2, opnum: 3, stub: 'aabbcc' };
    expect(hex(request)).toBe('0500000310000000 1b00 0000 05000000 03000000 0200 0300 aabbcc'.replaceAll(' ', ''));
  });
});

describe('packets', () => {
  it('RFC 1071: the checksum of its example', () => {
    expect(checksum(Uint8Array.from([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]))).toBe(~0xddf2 & 0xffff);
    expect(checksum(Uint8Array.of(0xff))).toBe(0x00ff);
  });

  it('RFC 4291: addresses as text', () => {
    expect(Buffer.from(hostBytes('fd00::1:20')).toString('hex')).toBe('fd000000000000000000000000010020');
    expect(Buffer.from(hostBytes('::')).toString('hex')).toBe('00'.repeat(16));
    expect(() => hostBytes('10.0.0.256')).toThrow('not an address');
    expect(() => hostBytes('1::2::3')).toThrow('not an address');
  });
});

describe('the command line', () => {
  it('scenario lists what there is, prints one, and encode makes a capture of it', () => {
    expect(clrscope(['scenario']).out).toContain('remote-dispatch ');
    const document = clrscope(['scenario', 'remote-dispatch']).out;
    const json = join(folder, 'doc.json');
    const out = join(folder, 'doc.pcap');
    writeFileSync(json, document);
    expect(clrscope(['encode', json, '-o', out]).code).toBe(0);
    expect(readFileSync(out).readUInt32LE(0)).toBe(0xa1b2c3d4);
    expect(clrscope(['calls', out]).out).toContain('TestComp.Method("Hello", null)');
  });

  it('reads a document from standard input and writes to standard output', () => {
    const text = JSON.stringify({ kind: 'pdu', type: 'shutdown', callId: 0 });
    const { code, out } = asProcess(['encode', '-', '-o', '-'], Buffer.from(text));
    expect([code, out.length]).toEqual([0, 16]);
  });

  it('says what is wrong with a document, with exit code 2', () => {
    const json = join(folder, 'bad.json');
    writeFileSync(json, '{');
    expect(clrscope(['encode', json, '-o', join(folder, 'x')])).toMatchObject({ code: 2, out: '' });
    writeFileSync(
      json,
      '{"kind":"stub","interface":"IManagedObject","operation":"GetObjectIdentity","side":"response"}',
    );
    const { code, err } = clrscope(['encode', json, '-o', join(folder, 'x')]);
    expect([code, err.includes('bad.json: params.pBSTRGUID: a value is wanted')]).toEqual([2, true]);
    expect(clrscope(['encode', join(folder, 'none.json'), '-o', 'x']).code).toBe(2);
    expect(clrscope(['scenario', 'nothing']).code).toBe(2);
  });
});
