/** Fields of interfaces that Wireshark does not dissect: orpc.* rather than dcom.*, values and bytes the same. */
import { describe, expect, it } from 'vitest';
import { allFields } from '../../dissectors/index.js';
import { hex, laboratory, undissected, values } from '../dcerpc/support.js';

/** alter-only.pcap, frames 7 to 9, with its stub cut: IOPCSyncIO.Read. */
const ALTER = hex(`05000e0310000000 48000000 47000000 d016d016 00000000 01000000 08000100
  523ac1391e01d01196750020afd8adb3 00000000 045d888aeb1cc9119fe808002b104860 02000000`);
const READ = hex(`0500008310000000 50000000 47000000 28000000 0800 0300 0e3c0000ac0f00008d9b58a63aa615c5
  0500 0700 00000000 00000000 f9fab8b12798db439da24909a7b58978 00000000 01000000 00000000`);

describe('foreign fields', () => {
  it('the ORPC header of an operation that is only named', () => {
    const { client } = laboratory().connection();
    client(ALTER);
    const pdu = client(READ);
    expect(pdu.call?.operation?.name).toBe('Read');
    expect(pdu.call?.causality).toBe('b1b8faf9-9827-43db-9da2-4909a7b58978');
    expect(values(pdu, 'orpc.this.uuid')).toEqual(['b1b8faf9-9827-43db-9da2-4909a7b58978']);
    expect(values(pdu, 'dcom.this.uuid')).toEqual([]);
    expect(undissected(pdu)).toBe(0);
  });

  it('they are listed', () => {
    const names = new Set(allFields().map((f) => f.name));
    for (const name of ['dcom.this.uuid', 'orpc.this.uuid', 'orpc.hresult', 'orpc.oxid']) expect(names).toContain(name);
  });
});
