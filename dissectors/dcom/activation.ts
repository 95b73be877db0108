/**
 * Activation properties: the blob in the OBJREF_CUSTOM that RemoteCreateInstance and RemoteGetClassObject carry
 * (MS-DCOM 2.2.22), and the marshaled context inside it (MS-DCOM 2.2.20). Each property is type-serialized NDR
 * of its own (MS-RPCE 2.2.6).
 */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field, fieldsInto } from '../../src/core/node.js';
import type { StubScope } from '../ndr/read.js';
import { readSerialized, serializationFields } from '../ndr/serialized.js';
import {
  as,
  conformant,
  counted,
  fixed,
  guid,
  hex32,
  i32,
  id64,
  type NdrValue,
  pointer,
  type StructType,
  struct,
  u16,
  u32,
  u64,
  wideString,
} from '../ndr/types.js';
import { COMVERSION } from './com-version.js';
import { DUALSTRINGARRAY } from './dual-string-array.js';
import { NIL } from './facts.js';
import { INTERFACE_POINTER, readObjref, UNMARSHALERS } from './objref.js';

const P = 'isystemactivator.properties';

export const ACTIVATION_FIELDS: Field[] = [];
const f = fieldsInto(ACTIVATION_FIELDS);
const BLOB = f('isystemactivator.actproperties', 'Activation properties');
const BLOB_SIZE = f('isystemactivator.actproperties.size', 'Total size', 'uint32');
const RESERVED = f('isystemactivator.actproperties.resv', 'Reserved', 'uint32');
const CUSTOM_HEADER = f('isystemactivator.customhdr', 'Custom header');
const TS = serializationFields('isystemactivator.actproperties.ts', 'isystemactivator.unused_buffer');
const UNUSED = TS.unused;
const CONTEXT = f('isystemactivator.properties.context', 'Marshaled context');
ACTIVATION_FIELDS.push(...Object.values(TS));

/** CustomHeader (MS-DCOM 2.2.22.1). */
export const CUSTOM_HEADER_TABLE = struct('CustomHeader', 'isystemactivator.customhdr', {
  totalSize: as(u32, { name: 'isystemactivator.actproperties.size' }),
  headerSize: as(u32, { name: 'isystemactivator.customhdr.size' }),
  dwReserved: u32,
  destCtx: as(u32, { name: 'isystemactivator.customhdr.dc' }),
  cIfs: as(u32, { name: 'isystemactivator.customhdr.actpropnumber' }),
  classInfoClsid: as(guid, { name: 'isystemactivator.customhdr.clsinfoid' }),
  pclsid: counted('cIfs', pointer(conformant(as(guid, { name: 'isystemactivator.customhdr.clsid' })))),
  pSizes: counted('cIfs', pointer(conformant(as(u32, { name: 'isystemactivator.customhdr.datasize' })))),
  pdwReserved: pointer(u32),
});

/** What SpecialPropertiesData and its alternate (MS-DCOM 2.2.22.2.2) have in common. */
const SPECIAL_MEMBERS = {
  dwSessionId: as(u32, { name: `${P}.spcl.sid` }),
  fRemoteThisSessionId: as(i32, { name: `${P}.spcl.remotesid` }),
  fClientImpersonating: as(i32, { name: `${P}.spcl.cltimp` }),
  fPartitionIDPresent: as(i32, { name: `${P}.spcl.partitionid` }),
  dwDefaultAuthnLvl: as(u32, { name: `${P}.spcl.defauthlvl` }),
  guidPartition: as(guid, { name: `${P}.spcl.partition` }),
  dwPRTFlags: as(u32, { name: `${P}.spcl.procreqstflgs` }),
  dwOrigClsctx: as(u32, { name: `${P}.spcl.origclsctx` }),
  dwFlags: as(u32, { name: `${P}.spcl.flags` }),
};
const SPECIAL = struct('SpecialSystemProperties', `${P}.spcl`, {
  ...SPECIAL_MEMBERS,
  Reserved1: u32,
  Reserved2: u64,
  Reserved3: fixed(u32, 5),
});
const SPECIAL_ALTERNATE = struct('SpecialSystemProperties', `${P}.spcl`, {
  ...SPECIAL_MEMBERS,
  Reserved3: fixed(u32, 8),
});
/** Bytes of the alternate with its headers: only its length tells it from the other. */
const ALTERNATE_SIZE = 96;

/** InstantiationInfoData (MS-DCOM 2.2.22.2.1). */
const INSTANTIATION = struct('InstantiationInfo', `${P}.instninfo`, {
  classId: as(guid, { name: `${P}.instninfo.clsid` }),
  classCtx: as(u32, { name: `${P}.instninfo.clsctx` }),
  actvflags: as(u32, { name: `${P}.instninfo.actflags` }),
  fIsSurrogate: as(i32, { name: `${P}.instninfo.issurogate` }),
  cIID: as(u32, { name: `${P}.instninfo.iidcount` }),
  instFlag: as(u32, { name: `${P}.instninfo.instflags` }),
  pIID: counted('cIID', pointer(conformant(as(guid, { name: `${P}.instninfo.iid` })))),
  thisSize: as(u32, { name: `${P}.instninfo.entiresize` }),
  clientCOMVersion: COMVERSION,
});

/** ActivationContextInfoData (MS-DCOM 2.2.22.2.3). */
const ACTIVATION_CONTEXT = struct('ActivationContextInfo', `${P}.actctxinfo`, {
  clientOK: as(i32, { name: `${P}.actctxinfo.cltok` }),
  bReserved1: i32,
  dwReserved1: u32,
  dwReserved2: u32,
  pIFDClientCtx: INTERFACE_POINTER,
  pIFDPrototypeCtx: INTERFACE_POINTER,
});

/** SecurityInfoData (MS-DCOM 2.2.22.2.4) with its COSERVERINFO (2.2.22.2.4.1). */
const SECURITY = struct('SecurityInfo', `${P}.si`, {
  dwAuthnFlags: as(u32, { name: `${P}.si.authflags`, hex: true }),
  pServerInfo: pointer(
    struct('COSERVERINFO', `${P}.si.ci`, {
      dwReserved1: as(u32, { name: `${P}.si.ci.res` }),
      pwszName: pointer(as(wideString, { name: `${P}.si.ci.name` })),
      pdwReserved: pointer(u32),
      dwReserved2: u32,
    }),
  ),
  pdwReserved: pointer(u32),
});

/** LocationInfoData (MS-DCOM 2.2.22.2.6). */
const LOCATION = struct('ServerLocationInfo', `${P}.li`, {
  machineName: pointer(as(wideString, { name: `${P}.li.name` })),
  processId: as(u32, { name: `${P}.li.procid` }),
  apartmentId: as(u32, { name: `${P}.li.apartid` }),
  contextId: as(u32, { name: `${P}.li.ctxid` }),
});

/** ScmRequestInfoData (MS-DCOM 2.2.22.2.5). */
const SCM_REQUEST = struct('ScmRequestInfo', `${P}.sri`, {
  pdwReserved: pointer(u32),
  remoteRequest: pointer(
    struct('customREMOTE_REQUEST_SCM_INFO', `${P}.sri`, {
      ClientImpLevel: as(u32, { name: `${P}.sri.cltimplvl` }),
      cRequestedProtseqs: as(u16, { name: `${P}.sri.protseqnum` }),
      pRequestedProtseqs: counted('cRequestedProtseqs', pointer(conformant(as(u16, { name: `${P}.sri.protseq` })))),
    }),
  ),
});

/** PropsOutInfo (MS-DCOM 2.2.22.2.9). */
const PROPS_OUT = struct('PropsOutInfo', `${P}.pi`, {
  cIfs: as(u32, { name: `${P}.pi.ifnum` }),
  piid: counted('cIfs', pointer(conformant(as(guid, { name: `${P}.iid` })))),
  phresults: counted('cIfs', pointer(conformant(as(hex32, { name: `${P}.retval` })))),
  ppIntfData: counted('cIfs', pointer(conformant(INTERFACE_POINTER, { name: `${P}.interf` }))),
});

/** ScmReplyInfoData (MS-DCOM 2.2.22.2.8). */
const SCM_REPLY = struct('ScmReplyInfo', `${P}.scmresp`, {
  pdwReserved: pointer(u32),
  remoteReply: pointer(
    struct('customREMOTE_REPLY_SCM_INFO', `${P}.scmresp`, {
      Oxid: as(id64, { name: `${P}.scmresp.oxid` }),
      pdsaOxidBindings: pointer(DUALSTRINGARRAY, { name: `${P}.scmresp.binding` }),
      ipidRemUnknown: as(guid, { name: `${P}.scmresp.rmtunknid` }),
      authnHint: as(u32, { name: `${P}.scmresp.authhint` }),
      serverVersion: COMVERSION,
    }),
  ),
});

/** InstanceInfoData (MS-DCOM 2.2.22.2.7): activation from a file or a storage. */
const INSTANCE = struct('InstanceInfo', `${P}.ii`, {
  fileName: pointer(wideString),
  mode: u32,
  ifdROT: INTERFACE_POINTER,
  ifdStg: INTERFACE_POINTER,
});

const com = (n: string): string => `${n}-0000-0000-c000-000000000046`;

/** Properties by the CLSID that names them in the header. */
export const PROPERTIES: Readonly<Record<string, StructType>> = {
  [com('000001b9')]: SPECIAL,
  [com('000001ab')]: INSTANTIATION,
  [com('000001a5')]: ACTIVATION_CONTEXT,
  [com('000001a6')]: SECURITY,
  [com('000001a4')]: LOCATION,
  [com('000001aa')]: SCM_REQUEST,
  [com('000001ad')]: INSTANCE,
  [com('00000339')]: PROPS_OUT,
  [com('000001b6')]: SCM_REPLY,
};

/** Every table of this file, for the list of fields. */
export const ACTIVATION_TABLES: readonly StructType[] = [
  CUSTOM_HEADER_TABLE,
  ...Object.values(PROPERTIES),
  SPECIAL_ALTERNATE,
];

const ACTIVATION_CLSIDS = [com('00000338'), com('00000339')];
const CONTEXT_CLSID = com('0000033b');

const PROPERTY_FIELDS: Readonly<Record<string, Field>> = Object.fromEntries(
  Object.entries(PROPERTIES).map(([clsid, type]) => [clsid, f(`${P}.${type.name.toLowerCase()}`, type.name)]),
);
const UNKNOWN_PROPERTY = f(`${P}.unknown`, 'Unknown property');

UNMARSHALERS.set(CONTEXT_CLSID, (c, scope) => ({ Context: c.group(CONTEXT, readContext, scope) }));
for (const clsid of ACTIVATION_CLSIDS)
  UNMARSHALERS.set(clsid, (c, scope) => {
    const properties: { [name: string]: NdrValue } = {};
    c.group(BLOB, readBlob, { properties, scope });
    return properties;
  });

interface Into {
  readonly properties: { [name: string]: NdrValue };
  readonly scope: StubScope;
}

function readBlob(c: Cursor, into: Into): void {
  c.u32(BLOB_SIZE);
  c.u32(RESERVED);
  const start = c.pos;
  const box: Record<string, NdrValue> = {};
  c.group(CUSTOM_HEADER, () => readSerialized(c, TS, CUSTOM_HEADER_TABLE, CUSTOM_HEADER, box, 'header', into.scope));
  const header = box.header as { headerSize: number; pclsid: string[] | null; pSizes: number[] | null };
  const at = start + header.headerSize;
  // a headerSize beyond what is there was seen in real traffic: then the properties follow the header at once
  if (at > c.pos && at < c.end) c.raw(UNUSED, at - c.pos);
  (header.pclsid ?? []).forEach((clsid, i) => {
    const size = header.pSizes?.[i] ?? 0;
    const known = PROPERTIES[clsid];
    const type = known === SPECIAL && size === ALTERNATE_SIZE ? SPECIAL_ALTERNATE : known;
    if (c.claimedLeft <= 0 && size > 0)
      c.note('malformed', `an activation property of ${size} bytes, class ${clsid}, of which nothing is there`);
    if (c.left <= 0 || size === 0) return;
    c.frame(PROPERTY_FIELDS[clsid] ?? UNKNOWN_PROPERTY, Math.min(size, c.claimedLeft), () => {
      if (type === undefined) {
        c.note('unknown', `an activation property of unknown class ${clsid}`);
        return;
      }
      readSerialized(c, TS, type, PROPERTY_FIELDS[clsid], into.properties, type.name, into.scope);
      if (c.left > 0) c.raw(UNUSED, c.left);
    });
  });
}

const CONTEXT_ID = f(`${P}.context.id`, 'Context id', 'guid');
const CONTEXT_FLAGS = f(`${P}.context.flags`, 'Flags', 'uint32', { hex: true });
const CONTEXT_RESERVED = f(`${P}.context.res`, 'Reserved', 'uint32', { hex: true });
const CONTEXT_EXTENTS = f(`${P}.context.numext`, 'Extents', 'uint32');
const CONTEXT_EXTENT_BYTES = f(`${P}.context.extcnt`, 'Extent bytes', 'uint32');
const CONTEXT_MARSHAL = f(`${P}.context.mashflags`, 'Marshal flags', 'uint32');
const CONTEXT_COUNT = f(`${P}.context.cnt`, 'Context properties', 'uint32');
const CONTEXT_FROZEN = f(`${P}.context.frz`, 'Frozen', 'uint32', { hex: true });
const PROPERTY = f(`${P}.context.property`, 'Context property');
const PROPERTY_POLICY = f(`${P}.context.policy`, 'Policy', 'guid');
const PROPERTY_FLAGS = f(`${P}.context.property_flags`, 'Flags', 'uint32', {
  hex: true,
  names: { 1: 'propagate', 2: 'expose', 4: 'envoy' },
});
const PROPERTY_SIZE = f(`${P}.context.size`, 'Size', 'uint32');
const PROPERTY_DATA = f(`${P}.context.data`, 'Data', 'bytes');
const MAJOR = COMVERSION.members[0].field;
const MINOR = COMVERSION.members[1].field;

/** Context structure (MS-DCOM 2.2.20), packed and little endian; its properties are PROPMARSHALHEADERs (2.2.20.1). */
function readContext(c: Cursor, scope: StubScope): NdrValue {
  c.u16(MAJOR);
  c.u16(MINOR);
  const id = c.guid(CONTEXT_ID);
  const flags = c.u32(CONTEXT_FLAGS);
  c.u32(CONTEXT_RESERVED);
  c.u32(CONTEXT_EXTENTS);
  const extents = c.u32(CONTEXT_EXTENT_BYTES);
  const marshalFlags = c.u32(CONTEXT_MARSHAL);
  const count = c.u32(CONTEXT_COUNT);
  const frozen = c.u32(CONTEXT_FROZEN);
  const policies: string[] = [];
  if (extents > 0) c.raw(UNUSED, Math.min(extents, c.left));
  for (let i = c.items(count, 40); i > 0; i--) {
    c.group(PROPERTY, () => {
      const clsid = c.guid(CLSID_OF_PROPERTY);
      policies.push(c.guid(PROPERTY_POLICY));
      c.u32(PROPERTY_FLAGS);
      const size = Math.min(c.u32(PROPERTY_SIZE), c.left);
      // without a class, what a client's or a prototype's property is marshaled as is an interface pointer
      if (clsid === NIL && size >= 24) readObjref(c, size, scope);
      else c.raw(PROPERTY_DATA, size);
    });
  }
  return { ContextId: id, Flags: flags, MshlFlags: marshalFlags, Frozen: frozen, policies };
}

const CLSID_OF_PROPERTY = field('dcom.clsid', 'CLSID', 'guid');
