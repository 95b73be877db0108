/** RemoteActivation (MS-DCOM 3.1.2.5.2.3.1): stubs of captures/traffic/activation.pcap, without their ORPC headers. */
import { describe, expect, it } from 'vitest';
import { IActivation } from '../../dissectors/interfaces/IActivation.js';
import { hex } from '../dcerpc/support.js';
import { decode } from '../ndr/support.js';

const { request, response } = IActivation.ops[0];

describe('IActivation.RemoteActivation', () => {
  it('asks for the class object of a class', () => {
    const { values, left } = decode(
      request,
      hex(`0fc369efa9ef60c65934dd9ac487626c 00000000 00000000 02000000 ffffffff 03000000 45000000 03000000
        0000000000000000c000000000000046 0004020000000000c000000000000046 9177db1be2681641a873bba286d33b29
        0200 0000 02000000 0700 0f00`),
    );
    expect(values).toEqual({
      Clsid: 'ef69c30f-efa9-c660-5934-dd9ac487626c',
      pwszObjectName: null,
      pObjectStorage: null,
      ClientImpLevel: 2,
      Mode: 0xffffffff,
      Interfaces: 3,
      pIIDs: [
        '00000000-0000-0000-c000-000000000046',
        '00020400-0000-0000-c000-000000000046',
        '1bdb7791-68e2-4116-a873-bba286d33b29',
      ],
      cRequestedProtseqs: 2,
      aRequestedProtseqs: [7, 15],
    });
    expect(left).toBe(0);
  });

  it('answers with a failed HRESULT for the activation and for each interface', () => {
    const { values, left } = decode(
      response,
      hex(`0000000000000000 11000000 2d000000 2d002300
        0700310030002e00320030002e0030002e00320030005b00340039003600360034005d000000
        070049004f0049005300520056005b00340039003600360034005d0000000000
        0900ffff00000a00ffff00001000ffff00000000 0000
        00000000000000000000000000000000 01000000 0500 0700 54010480 01000000 00000000 01000000 54010480`),
    );
    expect(values).toMatchObject({
      pOxid: '0x0000000000000000',
      ppdsaOxidBindings: { bindings: [{ tower: 7, address: '10.20.0.20[49664]' }, { tower: 7 }] },
      phr: '0x80040154',
      ppInterfaceData: [null],
      pResults: ['0x80040154'],
    });
    expect(left).toBe(0);
  });
});
