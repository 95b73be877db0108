/** DUALSTRINGARRAY: where an object exporter listens and how it wants to be authenticated (MS-DCOM 2.2.19). */
import { swapWords } from '../../src/core/bytes.js';
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import { KIND, type Tagged } from '../ndr/kinds.js';
import { MAX_COUNT, type NdrReader } from '../ndr/read.js';
import type { CustomType } from '../ndr/types.js';

/** Protocol tower identifiers (C706 appendix I, MS-DCOM 2.2.19.3). */
export const TOWERS: Readonly<Record<number, string>> = {
  4: 'ncacn_dnet_nsp',
  7: 'ncacn_ip_tcp',
  8: 'ncadg_ip_udp',
  9: 'ncacn_nb_tcp',
  12: 'ncacn_spx',
  13: 'ncacn_nb_ipx',
  14: 'ncadg_ipx',
  15: 'ncacn_np',
  16: 'ncalrpc',
  18: 'ncacn_nb_nb',
  22: 'ncacn_at_dsp',
  31: 'ncacn_http',
};

/** Authentication services (MS-RPCE 2.2.1.1.7) as security bindings name them. */
export const AUTHN_SERVICES: Readonly<Record<number, string>> = {
  0: 'none',
  9: 'SPNEGO',
  10: 'NTLM',
  14: 'SChannel',
  16: 'Kerberos',
  17: 'DPA',
  18: 'MSN',
  20: 'kernel',
  22: 'negotiate extender',
  30: 'PKU2U',
  68: 'Netlogon',
  65535: 'default',
};

export const DUAL_STRING_FIELDS: Field[] = [];
const f = fieldsInto(DUAL_STRING_FIELDS);
const ARRAY = f('dcom.dualstringarray', 'Bindings');
const NUM_ENTRIES = f('dcom.dualstringarray.num_entries', 'Entries', 'uint16');
const SECURITY_OFFSET = f('dcom.dualstringarray.security_offset', 'Security offset', 'uint16');
const STRING = f('dcom.dualstringarray.string', 'String binding');
const TOWER = f('dcom.dualstringarray.tower_id', 'Tower', 'uint16', { hex: true, names: TOWERS });
const ADDRESS = f('dcom.dualstringarray.network_addr', 'Network address', 'string');
const SECURITY = f('dcom.dualstringarray.security', 'Security binding');
const AUTHN = f('dcom.dualstringarray.security_authn_svc', 'Authentication', 'uint16', {
  hex: true,
  names: AUTHN_SERVICES,
});
const AUTHZ = f('dcom.dualstringarray.security_authz_svc', 'Authorization', 'uint16', { hex: true });
const PRINCIPAL = f('dcom.dualstringarray.security_princ_name', 'Principal', 'string');
const END = f('dcom.dualstringarray.end', 'End of list', 'uint16');

/** What the array says. */
export interface DualStringArray extends Tagged<'bindings'> {
  readonly bindings: { readonly tower: number; readonly address: string }[];
  readonly securityBindings: { readonly authnSvc: number; readonly authzSvc: number; readonly principal: string }[];
}

/** A binding as people write it: `10.0.0.1[49664]` for TCP, with its protocol sequence in front otherwise. */
export function bindingText(b: { tower: number; address: string }): string {
  return b.tower === 7 ? b.address : `${TOWERS[b.tower] ?? `tower ${b.tower}`}:${b.address}`;
}

/** String bindings as people write them. */
export function bindingTexts({ bindings }: Pick<DualStringArray, 'bindings'>): string[] {
  return bindings.map(bindingText);
}

function noBindings(): DualStringArray {
  return { [KIND]: 'bindings', bindings: [], securityBindings: [] };
}

/** Reads wNumEntries, wSecurityOffset and the strings. The array stays what was read when its bytes are odd. */
export function readDualStringArray(c: Cursor): DualStringArray {
  const value = noBindings();
  const entries = c.u16(NUM_ENTRIES);
  const securityOffset = c.u16(SECURITY_OFFSET);
  if (securityOffset > entries)
    c.note('bindings-size', `security bindings from word ${securityOffset} on of ${entries} that there are`);
  const start = c.pos;
  const strings = Math.min(securityOffset, entries) * 2;
  c.frame(null, strings, (s) => readEach(s, STRING, readString, value));
  c.frame(null, Math.max(0, entries * 2 - (c.pos - start)), (s) => readEach(s, SECURITY, readSecurity, value));
  return value;
}

/** Bindings of one kind, up to the zero that ends them. */
function readEach(
  c: Cursor,
  f: Field,
  read: (c: Cursor, value: DualStringArray) => void,
  value: DualStringArray,
): void {
  while (c.claimedLeft >= 2) {
    if (c.peek(0) === 0 && c.peek(1) === 0) {
      c.u16(END);
      break;
    }
    c.group(f, read, value);
  }
}

function readString(c: Cursor, value: DualStringArray): void {
  const tower = c.u16(TOWER, (t) => TOWERS[t] ?? '');
  const address = c.utf16z(ADDRESS);
  value.bindings.push({ tower, address });
  c.tell(bindingText({ tower, address }));
}

function readSecurity(c: Cursor, value: DualStringArray): void {
  const authnSvc = c.u16(AUTHN, (s) => AUTHN_SERVICES[s] ?? '');
  const authzSvc = c.u16(AUTHZ);
  const principal = c.utf16z(PRINCIPAL);
  value.securityBindings.push({ authnSvc, authzSvc, principal });
  c.tell([AUTHN_SERVICES[authnSvc] ?? authnSvc, principal].filter((t) => t !== '').join(' '));
}

/** As a parameter: a structure that ends with a conformant array of wNumEntries words. */
export const DUALSTRINGARRAY: CustomType = {
  kind: 'custom',
  makes: 'bindings',
  fieldType: 'none',
  fields: DUAL_STRING_FIELDS,
  alignment: (ndr64) => (ndr64 ? 8 : 4),
  minSize: 8,
  read: (r: NdrReader) => {
    const words = r.count(MAX_COUNT);
    const told = r.c.peek(r.c.littleEndian ? 0 : 1) + 0x100 * r.c.peek(r.c.littleEndian ? 1 : 0);
    if (told < words) r.c.note('bindings-size', `${told} words of bindings in room for ${words}`);
    return r.c.frame(ARRAY, 4 + words * 2, readDualStringArray) ?? noBindings();
  },
  write: (w, value) => {
    const body = dualStringBytes(value as DualStringArray);
    w.count((body.length - 4) / 2);
    w.bytes(w.littleEndian ? body : swapWords(body));
  },
};

/** The array's bytes, wNumEntries first, little endian. */
export function dualStringBytes(value: Pick<DualStringArray, 'bindings' | 'securityBindings'>): Uint8Array {
  const words: number[] = [];
  const text = (s: string): void => {
    for (let i = 0; i < s.length; i++) words.push(s.charCodeAt(i));
    words.push(0);
  };
  for (const b of value.bindings) {
    words.push(b.tower);
    text(b.address);
  }
  words.push(0);
  const securityOffset = words.length;
  for (const s of value.securityBindings) {
    words.push(s.authnSvc, s.authzSvc);
    text(s.principal);
  }
  words.push(0);
  const all = Uint16Array.from([words.length, securityOffset, ...words]);
  return new Uint8Array(all.buffer);
}
