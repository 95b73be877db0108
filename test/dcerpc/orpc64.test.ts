/** MS-DCOM 2.2.13: ORPCTHIS is in NDR under NDR64 too, but go-msrpc writes it in NDR64; the first request tells. */
import { describe, expect, it } from 'vitest';
import { chooseLayout, newReading, readStub, type StubFormat } from '../../dissectors/dcerpc/stub.js';
import { IDispatch } from '../../dissectors/interfaces/IDispatch.js';
import { StateStore } from '../../src/core/context.js';
import { Cursor } from '../../src/core/cursor.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { hex } from './support.js';

const INVOKE = IDispatch.ops[6];
const CAUSALITY = '33221100554477668899aabbccddeeff';
/** 2.2.13.3, without extensions: the pointer has 4 bytes, or 8 and is aligned to these. */
const HEADERS = {
  NDR: `05000700 01000000 00000000 ${CAUSALITY} 00000000`,
  NDR64: `05000700 01000000 00000000 ${CAUSALITY} 00000000 0000000000000000`,
};

/** An Invoke without arguments (MS-OAUT 3.1.4.4): riid is IID_NULL, as it has to be. */
const invoke = (dispId: string): string =>
  `${dispId} ${'00'.repeat(16)} 09040000 03000000 00000000
   0000000000000000 0000000000000000 00000000 00000000
   00000000 00000000 0000000000000000 0000000000000000`;

describe('the first request of an association in NDR64', () => {
  it.each(
    (['NDR', 'NDR64'] as const).flatMap((form) =>
      ['c29af735', '00000000', '00000080'].map((id): [typeof form, string] => [form, id]),
    ),
  )('Invoke without arguments behind a header in %s: DISPID %s', (form, dispId) => {
    // behind 40 bytes the parameters are aligned as behind 32
    const bytes = hex(`${HEADERS[form]} ${invoke(dispId)}`.replace(/\s/g, ''));
    const format: StubFormat = {
      ...{ side: 'request', orpc: true, ndr64: true, orpc64: null, ccw: null },
      capture: new StateStore(),
    };
    const c = new Cursor(fileSource('Stub', bytes, 0, 1), new Recording(false), bytes.length);
    c.littleEndian = true;
    const layout = chooseLayout(c, INVOKE, format);
    expect(layout.orpc64).toBe(form === 'NDR64');
    const reading = newReading();
    readStub(c, INVOKE, format, layout, reading);
    const wanted = new DataView(hex(dispId).buffer).getInt32(0, true);
    expect(reading.params).toMatchObject({ lcid: 0x409, dwFlags: 3, cVarRef: 0 });
    expect(Number(reading.params.dispIdMember) | 0).toBe(wanted);
    expect(c.left).toBe(0);
  });
});

it('an association that wrote it in NDR64 may have a context in NDR too, whose stub no layout reads', () => {
  // extensions that are not there, so that there is more than one layout
  const bytes = hex(`${HEADERS.NDR.slice(0, -8)}00000200 ffffffff`.replaceAll(' ', ''));
  const format: StubFormat = {
    ...{ side: 'request', orpc: true, ndr64: false, orpc64: true, ccw: null },
    capture: new StateStore(),
  };
  const c = new Cursor(fileSource('Stub', bytes, 0, 1), new Recording(false), bytes.length);
  c.littleEndian = true;
  expect(chooseLayout(c, INVOKE, format)).toMatchObject({ ndr64: false, orpc64: false });
});
