/** OBJREF (MS-DCOM 2.2.18): the standard one of captures/traffic/activation.pcap, and the other kinds made from it. */
import { describe, expect, it } from 'vitest';
import '../../dissectors/dcom/activation.js';
import { MINTERFACE_POINTER } from '../../dissectors/dcom/objref.js';
import { concat, u32 } from '../bytes.js';
import { hex } from '../dcerpc/support.js';
import { decodeOne } from '../ndr/support.js';

const IUNKNOWN = '0000000000000000c000000000000046';
const STD = hex('00000000 05000000 ac06873f966392ec 06c5fae3e0377c16 021c00008518b303c3590e78d844c8c2');
const ADDRESSES = hex(`2d002300 0700310030002e00320030002e0030002e00320030005b00340039003600360034005d000000
  070049004f0049005300520056005b00340039003600360034005d0000000000 0900ffff0000 0a00ffff0000 1000ffff0000 0000`);

/** Inside its MInterfacePointer. */
function pointerTo(kind: number, iid: string, ...parts: Uint8Array[]): Uint8Array {
  const body = concat(hex('4d454f57'), u32(kind, true), hex(iid), ...parts);
  return concat(u32(body.length, true), u32(body.length, true), body);
}

describe('OBJREF', () => {
  it('2.2.18.4 standard: where the object is and how many references come with the pointer', () => {
    const { value, left, notes } = decodeOne(MINTERFACE_POINTER, pointerTo(1, IUNKNOWN, STD, ADDRESSES));
    expect(value).toMatchObject({
      type: 'standard',
      iid: '00000000-0000-0000-c000-000000000046',
      publicRefs: 5,
      oxid: '0xec9263963f8706ac',
      oid: '0x167c37e0e3fac506',
      ipid: '00001c02-1885-03b3-c359-0e78d844c8c2',
      bindings: ['10.20.0.20[49664]', 'IOISRV[49664]'],
      securityBindings: [{ authnSvc: 9 }, { authnSvc: 10 }, { authnSvc: 16 }],
    });
    expect([left, notes]).toEqual([0, []]);
  });

  it('2.2.18.5 handler: with the class that handles it in the client', () => {
    const clsid = hex('0fc369efa9ef60c65934dd9ac487626c');
    const { value, left } = decodeOne(MINTERFACE_POINTER, pointerTo(2, IUNKNOWN, STD, clsid, ADDRESSES));
    expect(value).toMatchObject({
      type: 'handler',
      clsid: 'ef69c30f-efa9-c660-5934-dd9ac487626c',
      bindings: ['10.20.0.20[49664]', 'IOISRV[49664]'],
    });
    expect(left).toBe(0);
  });

  it('2.2.18.6 custom: data for an unmarshaler that is not known here', () => {
    const clsid = hex('0fc369efa9ef60c65934dd9ac487626c');
    const { value, left } = decodeOne(
      MINTERFACE_POINTER,
      pointerTo(4, IUNKNOWN, clsid, hex('00000000 03000000 010203')),
    );
    expect(value).toMatchObject({ type: 'custom', clsid: 'ef69c30f-efa9-c660-5934-dd9ac487626c' });
    expect((value as { data: Uint8Array }).data).toEqual(hex('010203'));
    expect(left).toBe(0);
  });

  it('2.2.18.7 extended: envoy data, here a context as an OBJREF of its own', () => {
    const context = concat(
      hex('4d454f57 04000000'),
      hex('c001000000000000c000000000000046 3b03000000000000c000000000000046 00000000 30000000'),
      hex('0100 0100 0fc369efa9ef60c65934dd9ac487626c 02000000 00000000 00000000 00000000 03000000 00000000 00000000'),
    );
    const element = concat(hex('c001000000000000c000000000000046'), u32(context.length, true), u32(96, true));
    const padding = new Uint8Array(96 - context.length);
    const { value, left, notes } = decodeOne(
      MINTERFACE_POINTER,
      pointerTo(8, IUNKNOWN, STD, hex('4e535956'), ADDRESSES, hex('01000000 4e535956'), element, context, padding),
    );
    expect(value).toMatchObject({ type: 'extended', oid: '0x167c37e0e3fac506', elements: [{}] });
    expect([left, notes]).toEqual([0, []]);
  });

  it('2.2.20.1 properties of a context: class, policy, flags, data, which may be an OBJREF (go-msrpc b2704330)', () => {
    const { value, left, notes } = decodeOne(
      MINTERFACE_POINTER,
      pointerTo(
        4,
        'c001000000000000c000000000000046',
        hex(`3b03000000000000c000000000000046 00000000 d1000000
          0100 0100 010302010504070608090a0b0c0d0e01 02000000 00000000 00000000 00000000 03000000 02000000 01000000
          00000000000000000000000000000000 020302010504070608090a0b0c0d0e02 02000000 4c000000
          4d454f57 01000000 08090a0b0c0d0e0f1011121314151617 18191a1b 1c1d1e1f 2021222324252627 28292a2b2c2d2e2f
          303132333435363738393a3b3c3d3e3f 0400 0200 0000 0000 0000 0000
          030302010504070608090a0b0c0d0e03 040302010504070608090a0b0c0d0e04 04000000 05000000 aabbccddee`),
      ),
    );
    const policies = ['01020302-0405-0607-0809-0a0b0c0d0e02', '01020304-0405-0607-0809-0a0b0c0d0e04'];
    expect(value).toMatchObject({ properties: { Context: { policies, MshlFlags: 3, Frozen: 1 } } });
    expect([left, notes]).toEqual([0, []]);
  });

  it('invalid: another signature, and a kind that does not exist', () => {
    const standard = pointerTo(1, IUNKNOWN, STD, ADDRESSES);
    const wrong = Uint8Array.from(standard);
    wrong[8] = 0x4e;
    expect(decodeOne(MINTERFACE_POINTER, wrong).notes.map((n) => n.code)).toEqual(['malformed']);
    expect(decodeOne(MINTERFACE_POINTER, pointerTo(3, IUNKNOWN, STD)).notes.map((n) => n.code)).toEqual(['malformed']);
  });

  it('attack: OBJREFs inside OBJREFs end at the limit', () => {
    let inner: Uint8Array = hex('4d454f57 01000000');
    for (let i = 0; i < 100; i++) {
      const element = concat(hex(IUNKNOWN), u32(inner.length, true), u32(inner.length, true), inner);
      inner = concat(hex(`4d454f57 08000000 ${IUNKNOWN}`), STD, hex('4e535956 00000000 01000000 4e535956'), element);
    }
    const { notes } = decodeOne(MINTERFACE_POINTER, concat(u32(inner.length, true), u32(inner.length, true), inner));
    expect(notes.map((n) => n.code)).toContain('limit');
  });
});
