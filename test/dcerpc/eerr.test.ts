/** RPC extended error information (MS-EERR): faults of captures/real/{ntlm-privacy,tcp-gap}. */
import { describe, expect, it } from 'vitest';
import { hex, laboratory, undissected, values } from './support.js';

const ONE = hex(`0500032310000000 78000000 02000000 78000000 0000 00 01 0200011c 00000000
  01 10 0800 cccccccc 48000000 00000000
  00000200 00000000 00000000 0100 0100 0400 0000 04000200 ac020000 00000000 a0ac1283a475da01
  02000000 d1060000 b700 0000 0000 0000 04000000 4400430031000000 00000000`);
const PARAMS = hex(`0500030310000000 98000000 02000000 98000000 0000 00 01 21070000 00000000
  01 10 0800 cccccccc 68000000 00000000
  00000200 03000000 00000000 0100 0100 0900 0000 04000200 3c020000 00000000 4c545c7f6012c901
  03000000 21070000 8200 0000 0300 0000 0300 0300 0f030980 0300 0300 09000000 0300 0300 05000000
  09000000 770032006b0038002d0032003100310000000000`);

describe('MS-EERR 2.2.1: extended error information in a fault', () => {
  it('tells host, component and status', () => {
    const { client, server } = laboratory().connection();
    client(hex('0500000310000000 18000000 02000000 00000000 0000 4000'));
    const pdu = server(ONE);
    expect(pdu.call?.fault).toBe(0x1c010002);
    expect(pdu.call?.extendedError).toEqual([
      {
        computer: 'DC1',
        processId: 684,
        time: '2024-03-14T00:13:59.497Z',
        component: 'RPC runtime',
        status: 0x6d1,
        statusName: 'RPC_S_PROCNUM_OUT_OF_RANGE',
        location: 183,
        flags: 0,
        params: [],
      },
    ]);
    expect(values(pdu, 'dcerpc.eerr.generatingcomponent')).toEqual([2]);
    expect([undissected(pdu), pdu.recording.notes]).toEqual([0, []]);
  });

  it('2.2.1.8: with parameters', () => {
    const pdu = laboratory().connection().server(PARAMS);
    expect(pdu.call?.extendedError).toMatchObject([
      { computer: 'w2k8-211', component: 'security provider', status: 0x721, params: [-2146893041, 9, 5] },
    ]);
    expect(undissected(pdu)).toBe(0);
  });

  it('MS-RPCE 2.2.2.9: in a bind_nak, behind its signature', () => {
    const nak = hex(`05000d0310000000 00000000 02000000 0400 01 05 00 000000 20037490d0fad31182d7009027b130ab`);
    const blob = ONE.subarray(32);
    const bytes = new Uint8Array(nak.length + blob.length);
    bytes.set(nak);
    bytes.set(blob, nak.length);
    bytes[8] = bytes.length;
    const pdu = laboratory().connection().server(bytes);
    expect(values(pdu, 'dcerpc.eerr.processid')).toEqual([684]);
    expect([undissected(pdu), pdu.recording.notes]).toEqual([0, []]);
  });

  it('invalid: a list that ends early leaves what was read, and every byte in a leaf', () => {
    const cut = Uint8Array.from(ONE.subarray(0, 100));
    cut[8] = 100;
    const pdu = laboratory().connection().server(cut);
    expect(pdu.call?.fault).toBe(0x1c010002);
    expect(pdu.recording.notes.map((n) => n.code)).toContain('malformed');
  });

  it('attack: a record that is its own next, over and over', () => {
    const deep = new Uint8Array(4096).fill(0);
    deep.set(ONE.subarray(0, 48));
    deep.set([deep.length & 0xff, deep.length >> 8], 8);
    for (let at = 48; at + 4 < deep.length; at += 4) deep.set([1, 0, 2, 0], at);
    const pdu = laboratory().connection().server(deep);
    expect(pdu.recording.notes.length).toBeGreaterThan(0);
  });
});
