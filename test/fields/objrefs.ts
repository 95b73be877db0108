/** OBJREFs of every kind as bytes (MS-DCOM 2.2.18), with what is in them: none is read to know it. */

import { ACTIVATION_TABLES } from '../../dissectors/dcom/activation.js';
import { ERROR_OBJECT } from '../../dissectors/dcom/error-info.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import type { NdrType, NdrValue } from '../../dissectors/ndr/types.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { concat, dword, guidBytes, word } from '../../src/core/bytes.js';
import { valueFromDocument } from '../../src/encode/documents/from-document.js';
import { objrefBytes } from '../../src/encode/objref.js';
import type { FullValues } from './full-values.js';
import { INSIDE, plain, type Sight, sights, sightsOf } from './sights.js';

const com = (n: string): string => `${n}-0000-0000-c000-000000000046`;
const SIGNATURE = 0x574f454d;

/** Depth of what is inside of an OBJREF: interface pointers there are plain ones. */
export const INNER = 2;

interface Part {
  readonly bytes: Uint8Array;
  readonly sights: readonly Sight[];
}

/** One of the kinds, by turns. */
export function objrefOf(values: FullValues, turn: number): NdrValue {
  const { bytes, sights } = KINDS[turn % KINDS.length](values);
  const value = { [KIND]: 'objref', type: 'unknown', iid: '', bytes };
  INSIDE.set(value, [['dcom.ip_cnt_data', bytes.length], ...sights]);
  return value;
}

/** What begins every OBJREF. */
function head(flags: number, iid: string): Sight[] {
  return [
    ['dcom.objref.signature', SIGNATURE],
    ['dcom.objref.flags', flags],
    ['dcom.iid', iid],
  ];
}

function standardParts(values: FullValues) {
  const std = {
    flags: 0x1000,
    publicRefs: Number(values.number('u16')),
    oxid: String(values.number('id64')),
    oid: String(values.number('id64')),
    ipid: values.guid(),
  };
  const [address, principal] = [values.text(), values.text()];
  return {
    members: {
      ...std,
      bindings: [{ tower: 7, address }],
      securityBindings: [{ authnSvc: 9, authzSvc: 0xffff, principal }],
    },
    std: [
      ['dcom.stdobjref.flags', std.flags],
      ['dcom.stdobjref.public_refs', std.publicRefs],
      ['dcom.oxid', plain(std.oxid)],
      ['dcom.oid', plain(std.oid)],
      ['dcom.ipid', std.ipid],
    ] satisfies Sight[],
    bindings: [
      ['dcom.dualstringarray.tower_id', 7],
      ['dcom.dualstringarray.network_addr', address],
      ['dcom.dualstringarray.security_authn_svc', 9],
      ['dcom.dualstringarray.security_authz_svc', 0xffff],
      ['dcom.dualstringarray.security_princ_name', principal],
    ] satisfies Sight[],
  };
}

function standard(values: FullValues): Part {
  const iid = values.guid();
  const { members, std, bindings } = standardParts(values);
  return {
    bytes: objrefBytes({ type: 'standard', iid, ...members }, '', valueFromDocument),
    sights: [...head(1, iid), ...std, ...bindings],
  };
}

function handler(values: FullValues): Part {
  const [iid, clsid] = [values.guid(), values.guid()];
  const { members, std, bindings } = standardParts(values);
  return {
    bytes: objrefBytes({ type: 'handler', iid, clsid, ...members }, '', valueFromDocument),
    sights: [...head(2, iid), ...std, ['dcom.clsid', clsid], ...bindings],
  };
}

/** OBJREF_CUSTOM around object data. */
function custom(iid: string, clsid: string, { bytes, sights }: Part): Part {
  return {
    bytes: concat(
      dword(SIGNATURE, true),
      dword(4, true),
      guidBytes(iid, true),
      guidBytes(clsid, true),
      dword(0, true),
      dword(bytes.length, true),
      bytes,
    ),
    sights: [
      ...head(4, iid),
      ['dcom.clsid', clsid],
      ['dcom.objref.cbextension', 0],
      ['dcom.objref.size', bytes.length],
      ...sights,
    ],
  };
}

function unknownData(values: FullValues): Part {
  const bytes = values.bytes(9);
  return custom(values.guid(), values.guid(), { bytes, sights: [['dcom.objref.data', plain(bytes)]] });
}

/** Context properties (MS-DCOM 2.2.20), packed. */
function context(values: FullValues): Part {
  const [id, policy, clsid] = [values.guid(), values.guid(), values.guid()];
  const data = values.bytes(5);
  const P = 'isystemactivator.properties.context';
  const bytes = concat(
    ...[
      word(1, true),
      word(2, true),
      guidBytes(id, true),
      dword(2, true),
      dword(0, true),
      dword(0, true),
      dword(0, true),
    ],
    ...[dword(1, true), dword(1, true), dword(0, true)],
    ...[guidBytes(clsid, true), guidBytes(policy, true), dword(4, true), dword(data.length, true), data],
  );
  return custom(com('000001c0'), com('0000033b'), {
    bytes,
    sights: [
      ['dcom.version_major', 1],
      ['dcom.version_minor', 2],
      [`${P}.id`, id],
      [`${P}.flags`, 2],
      [`${P}.mashflags`, 1],
      [`${P}.cnt`, 1],
      ['dcom.clsid', clsid],
      [`${P}.policy`, policy],
      [`${P}.property_flags`, 4],
      [`${P}.size`, data.length],
      [`${P}.data`, plain(data)],
    ],
  });
}

/** What IErrorInfo holds (MS-DCOM 2.2.21.1), with bytes behind it. */
export function errorInfo(values: FullValues): Part {
  const iid = values.guid();
  const help = Number(values.number('u32'));
  const texts = [values.text(), values.text(), values.text()];
  const strings = texts.map((text) => {
    const count = text.length + 1;
    const body = Buffer.from(`${text}\0`, 'utf16le');
    return concat(
      dword(SIGNATURE, true),
      dword(count, true),
      dword(0, true),
      dword(count, true),
      body,
      new Uint8Array(-body.length & 3),
    );
  });
  const unused = values.bytes(6);
  const E = 'dcom.errorinfo';
  return custom(com('00000000'), ERROR_OBJECT, {
    bytes: concat(dword(0, true), dword(help, true), guidBytes(iid, true), ...strings, unused),
    sights: [
      [`${E}.dwversion`, 0],
      [`${E}.dwhelpcontext`, help],
      [`${E}.iid`, iid],
      [`${E}.source`, texts[0]],
      [`${E}.description`, texts[1]],
      [`${E}.help_file`, texts[2]],
      [`${E}.unused`, plain(unused)],
    ],
  });
}

/** OBJREF_EXTENDED (MS-DCOM 2.2.18.7) with an element that is no OBJREF. */
function extended(values: FullValues): Part {
  const [iid, element] = [values.guid(), values.guid()];
  const { members, std, bindings } = standardParts(values);
  const plainObjref = objrefBytes({ type: 'standard', iid, ...members }, '', valueFromDocument);
  const data = values.bytes(6);
  const start = 24 + 40;
  const bytes = concat(
    ...[
      dword(SIGNATURE, true),
      dword(8, true),
      plainObjref.subarray(8, start),
      dword(0x4e535956, true),
      plainObjref.subarray(start),
    ],
    ...[
      dword(1, true),
      dword(0x4e535956, true),
      guidBytes(element, true),
      dword(data.length, true),
      dword(8, true),
      data,
      new Uint8Array(2),
    ],
  );
  const signature = 0x4e535956;
  const all: Sight[] = [
    ...head(8, iid),
    ...std,
    ['dcom.objref.signature', signature],
    ...bindings,
    ['dcom.objref.elements', 1],
    ['dcom.objref.signature', signature],
    ['dcom.objref.element_id', element],
    ['dcom.objref.size', data.length],
    ['dcom.objref.rounded', 8],
    ['dcom.objref.data', plain(data)],
  ];
  return { bytes, sights: all };
}

/** Activation properties of every class, and of one that nobody knows (MS-DCOM 2.2.22). */
function activation(values: FullValues): Part {
  const [header, ...tables] = ACTIVATION_TABLES;
  const known = tables.map((type) => {
    const value = values.of(type.members, INNER);
    return { clsid: CLSIDS[type.name], bytes: serialized(type, value), sights: sightsOf(type.members, value) };
  });
  const properties = [...known, { clsid: values.guid(), bytes: values.bytes(8), sights: [] }];
  const total = properties.reduce((sum, p) => sum + p.bytes.length, 0);
  const head = (headerSize: number): Record<string, NdrValue> => ({
    ...{ totalSize: headerSize + total, headerSize, dwReserved: 0, destCtx: 2, cIfs: properties.length },
    classInfoClsid: '00000000-0000-0000-0000-000000000000',
    pclsid: properties.map((p) => p.clsid),
    pSizes: properties.map((p) => p.bytes.length),
    pdwReserved: 0x1234,
  });
  const headerSize = serialized(header, head(0)).length;
  const bytes = concat(
    ...[dword(headerSize + total, true), dword(0, true), serialized(header, head(headerSize))],
    ...properties.map((p) => p.bytes),
  );
  return custom(com('000001a2'), com('00000338'), {
    bytes,
    sights: [
      ['isystemactivator.actproperties.size', headerSize + total],
      ...sights(header, { name: '', label: '', type: 'none' }, head(headerSize)),
      ...properties.flatMap((p) => p.sights),
    ],
  });
}

const CLSIDS: Readonly<Record<string, string>> = {
  SpecialSystemProperties: com('000001b9'),
  InstantiationInfo: com('000001ab'),
  ActivationContextInfo: com('000001a5'),
  SecurityInfo: com('000001a6'),
  ServerLocationInfo: com('000001a4'),
  ScmRequestInfo: com('000001aa'),
  InstanceInfo: com('000001ad'),
  PropsOutInfo: com('00000339'),
  ScmReplyInfo: com('000001b6'),
};

/** Type serialization version 1 (MS-RPCE 2.2.6). */
export function serialized(type: NdrType, value: NdrValue): Uint8Array {
  const w = new NdrWriter(false);
  w.whole(type, value);
  w.align(8);
  const body = w.result();
  return concat([1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc], dword(body.length, true), dword(0, true), body);
}

const KINDS = [standard, handler, unknownData, context, errorInfo, extended, activation];
