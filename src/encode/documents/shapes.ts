/** The members that documents have, each kind once. README.md explains them; a test holds it to that. */
import { PTYPES } from '../../../dissectors/dcerpc/pdu.js';
import { CCW_LAYOUTS } from '../../../dissectors/dcom/ccw-ptr.js';
import {
  anyObject,
  anything,
  bool,
  hexDigits,
  int,
  list,
  may,
  mayNull,
  members,
  oneOf,
  plainInt,
  status,
  text,
  uint16,
  uint32,
  uuid,
} from './schema.js';

const SAFE = Number.MAX_SAFE_INTEGER;
const KINDS = ['nrbf', 'stub', 'pdu', 'message', 'scenario'] as const;
export const kind = oneOf('kind of document', KINDS);

/** How a stub's values lie on the wire. */
export const WIRE = members({
  syntax: may(oneOf('syntax', ['NDR', 'NDR64'])),
  littleEndian: may(bool),
  orpc64: may(bool),
  alignsFromHeader: may(bool),
  oautLittleEndian: may(bool),
  resultOnly: may(bool),
  referents: may(list(int(1, SAFE))),
  padding: may(list(anything)),
  cut: may(int(0, 7)),
  trailing: may(hexDigits),
});

/** An element of `wire.padding`; older documents have a pair of offset and hex there. */
export const FILLED_GAP = members({ gap: plainInt(0, SAFE), hex: hexDigits });

export const STUB = members({
  kind: may(kind),
  interface: mayNull(text),
  iid: mayNull(uuid),
  operation: mayNull(text),
  opnum: mayNull(uint16),
  side: oneOf('side', ['request', 'response']),
  orpc: mayNull(anyObject),
  params: may(anyObject),
  result: may(status),
  wire: may(WIRE),
  bytes: may(hexDigits),
  why: may(text),
});

const offer = {
  id: may(uint16),
  interface: mayNull(text),
  iid: may(uuid),
  version: may(text),
  syntax: may(text),
  syntaxes: may(list(text)),
};

/** A context of a bind. */
export const OFFER = members(offer);

/** A context of a scenario: with what becomes of it. */
export const CONTEXT = members({ ...offer, alter: may(bool), refused: may(uint16), accepted: may(text) });

const TRAILER = members({
  type: int(0, 255),
  level: int(0, 255),
  contextId: may(uint32),
  value: hexDigits,
  align: may(int(4, 16)),
});

const pdu = {
  kind: may(kind),
  type: oneOf('type of PDU', Object.values(PTYPES)),
  callId: may(uint32),
  littleEndian: may(bool),
  flags: may(int(0, 255)),
  minor: may(int(0, 1)),
  auth: mayNull(TRAILER),
};
const bindLike = { ...pdu, maxFragment: may(uint16), group: may(uint32) };
const bind = members({ ...bindLike, contexts: list(OFFER) });
const bindAck = members({
  ...bindLike,
  secondaryAddress: may(text),
  results: list(members({ syntax: may(text), reason: may(uint16) })),
});
const stubLike = { ...pdu, contextId: may(uint16), allocHint: may(uint32), stub: anything };

/** A PDU by its type; those without values of their own have `OTHER_PDU`. */
export const PDUS: Readonly<Record<string, ReturnType<typeof members>>> = {
  request: members({ ...stubLike, opnum: may(uint16), object: mayNull(uuid) }),
  response: members(stubLike),
  fault: members({ ...pdu, contextId: may(uint16), status }),
  bind,
  alter_context: bind,
  bind_ack: bindAck,
  alter_context_resp: bindAck,
  bind_nak: members({ ...pdu, reason: may(uint16) }),
};
export const OTHER_PDU = members(pdu);
/** A PDU whose body is given as bytes. */
export const RAW_PDU = members({ ...pdu, body: hexDigits });

/** A call of a scenario. */
export const CALL = members({
  interface: mayNull(text),
  iid: mayNull(uuid),
  contextId: may(uint16),
  operation: mayNull(text),
  opnum: may(uint16),
  object: mayNull(uuid),
  callId: may(uint32),
  in: may(anyObject),
  out: may(anyObject),
  orpc: may(anyObject),
  orpcOut: may(anyObject),
  wire: may(WIRE),
  request: may(anything),
  response: may(anything),
  result: may(status),
  fault: mayNull(status),
});

/** A PDU in place of a call. */
export const SENT = members({ pdu: anything, from: may(oneOf('side', ['client', 'server'])) });

const PORT = int(1, 65535);

const SIGNING_LEVELS = ['CONNECT', 'PKT', 'PKT_INTEGRITY', 'PKT_PRIVACY'] as const;

/** Who speaks to whom in a connection, and in what segments. */
export const TALK = {
  client: may(members({ address: may(text), port: may(PORT) })),
  server: members({ address: text, port: may(PORT) }),
  segmentSize: may(int(1, 65000)),
  end: may(oneOf('end', ['close', 'reset', 'open'])),
  calls: may(list(anyObject)),
};

/** Who authenticates. */
export const ACCOUNT = {
  type: may(oneOf('authentication', ['NTLM'])),
  user: text,
  domain: may(text),
  password: text,
};

/** A connection of DCE/RPC. */
export const CONNECTION = members({
  ...TALK,
  littleEndian: may(bool),
  fragmentSize: may(int(128, 65528)),
  auth: mayNull(members({ ...ACCOUNT, level: may(oneOf('level', SIGNING_LEVELS)) })),
  contexts: list(CONTEXT),
  bindNak: may(uint16),
});

export const SCENARIO = members({
  kind: may(kind),
  format: may(oneOf('format', ['pcap', 'pcapng'])),
  start: may(text),
  seed: may(uint32),
  fragmentSize: may(int(128, 65528)),
  segmentSize: may(int(1, 65000)),
  connections: list(anyObject),
});

/** In place of a call: another connection, from its first packet to its last. */
export const MEANWHILE = members({ meanwhile: anyObject });

/** A BSTR. `calls` prints `sha256` and `trailing`, and `text` or `nrbf` beside `hex`: they must agree. */
export const BSTR_MEMBERS = members({
  text: mayNull(text),
  hex: mayNull(hexDigits),
  nrbf: mayNull(anyObject),
  cBytes: may(uint32),
  sha256: may(text),
  trailing: may(plainInt(0, SAFE)),
});

export const CCW_MEMBERS = members({
  value: text,
  layout: may(oneOf('layout', CCW_LAYOUTS)),
  referent: may(int(0, SAFE)),
  alternatives: may(list(anything)),
});

export const VARIANT_MEMBERS = members({
  vt: text,
  value: may(anything),
  clSize: may(uint32),
  referents: may(int(1, 2)),
});

const BOUND = members({ lower: may(int(-0x80000000, 0x7fffffff)), count: uint32 });

export const SAFEARRAY_MEMBERS = members({
  vt: text,
  features: may(list(text)),
  bounds: may(list(BOUND)),
  elements: list(anything),
  cbElements: may(uint32),
  cLocks: may(uint32),
  sfType: may(uint32),
  pointers: may(int(1, 2)),
  iid: may(uuid),
  noData: may(bool),
});

const id64 = text;
const SECURITY_BINDING = members({ authnSvc: int(1, 0xffff), authzSvc: may(uint16), principal: may(text) });
const BINDING = members({ tower: int(1, 0xffff), address: text });
const bindings = { bindings: may(list(anything)), securityBindings: may(list(SECURITY_BINDING)) };

/** DUALSTRINGARRAY: bindings are text or `BINDING`s. */
export const BINDINGS_MEMBERS = members(bindings);
export const BINDING_MEMBERS = BINDING;

const standard = {
  type: may(oneOf('kind of OBJREF', ['standard', 'handler', 'custom'])),
  iid: uuid,
  flags: may(uint32),
  publicRefs: may(uint32),
  oxid: id64,
  oid: id64,
  ipid: uuid,
  ...bindings,
};

/** An OBJREF by its kind, and one that is given as bytes. */
export const OBJREFS = {
  standard: members(standard),
  handler: members({ ...standard, clsid: uuid }),
  custom: members({
    type: text,
    iid: uuid,
    clsid: uuid,
    data: may(hexDigits),
    properties: may(anyObject),
    size: may(uint32),
  }),
  bytes: members({
    type: may(oneOf('kind of OBJREF', ['standard', 'handler', 'custom', 'extended', 'unknown'])),
    iid: may(text),
    bytes: hexDigits,
  }),
} as const;

/** An extension of ORPCTHIS or ORPCTHAT. */
export const EXTENSION_MEMBERS = members({ id: uuid, size: may(uint32), data: hexDigits, errorInfo: may(anything) });

/** A value that is given as its bytes. */
export const BYTES_MEMBERS = members({ bytes: hexDigits });

/** A union: its tag, and what the arm of that tag holds. */
export const UNION_MEMBERS = members({ tag: uint32, value: may(anything) });
