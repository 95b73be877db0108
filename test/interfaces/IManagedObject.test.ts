/** IManagedObject (MS-IOI 3.1.4.1): what decides between the layouts of pCCW, and what must not. */
import { describe, expect, it } from 'vitest';
import { hex, laboratory } from '../dcerpc/support.js';

const THIS = '0500070000000000 00000000 44332211665588 7799aabbccddeeff00 00000000';
/** GetObjectIdentity as opnum 4 on an IPID, and an answer that lays its parameters out the same way. */
const ASK = `05000083 10000000 48000000 02000000 20000000 0000 0400 01100000250c9e0c18072e8c35bf992d ${THIS}`;
const IDENTITY = `05000203 10000000 8c000000 02000000 74000000 0000 0000 00000000 00000000 09000000 26000000 4c000000
  26000000 7b00380041003900410030003200310045002d0041003600340038002d0041003700440044002d0030003600380033002d003900
  450042003900300035004200360045003600450033007d00 01000000 44332211b91b0000 00000000`;
const OTHER = `05000203 10000000 50000000 02000000 38000000 0000 0000 00000000 00000000 09000000 08000000 10000000
  08000000 61006e00790020007400650078007400 4d000000 00000200 d2040000 00000000`;
const BIND = `05000b03 10000000 48000000 01000000 b810b810 00000000 01000000 0000 0100 9ec1fcc370a9d2118b5a00a0c9b7c9c4
  00000000 045d888aeb1cc9119fe808002b104860 02000000`;
const ACK = `05000c03 10000000 3c000000 01000000 b810b810 34120000 0600 343936363400 01000000 0000 0000
  045d888aeb1cc9119fe808002b104860 02000000`;

const AS_INT64 = { value: '0x1bb911223344', layout: 'int64', alternatives: [{ value: '0x1bb9', layout: 'ptr+int32' }] };

describe('pCCW where two layouts have the same length', () => {
  it('is int64 on a server of which nothing is known', () => {
    const { connection } = laboratory();
    const { client, server } = connection();
    client(hex(BIND));
    server(hex(ACK));
    client(hex(ASK));
    expect(server(hex(IDENTITY)).call?.out?.pCCW).toMatchObject(AS_INT64);
  });

  it('learns nothing from a reading of another interface that was tried and dropped', () => {
    const { connection } = laboratory();
    const unknown = connection();
    unknown.client(hex(ASK));
    // one layout only fits this answer, but its text is no GUID: it is no GetObjectIdentity
    expect(unknown.server(hex(OTHER)).call?.iface).toBeNull();
    const { client, server } = connection();
    client(hex(BIND));
    server(hex(ACK));
    client(hex(ASK));
    expect(server(hex(IDENTITY)).call?.out?.pCCW).toMatchObject(AS_INT64);
  });

  it('is what the server was seen to do where only that was possible', () => {
    const { connection } = laboratory();
    const { client, server } = connection();
    client(hex(BIND));
    server(hex(ACK));
    client(hex(ASK));
    expect(server(hex(OTHER)).call?.out?.pCCW).toMatchObject({ value: '0x4d2', layout: 'ptr+int32', alternatives: [] });
    client(hex(ASK));
    expect(server(hex(IDENTITY)).call?.out?.pCCW).toMatchObject({ value: '0x1bb9', layout: 'ptr+int32' });
  });
});
