/** The fields of NTLMSSP messages (MS-NLMP 2.2), under Wireshark's names. */
import { type Field, field } from '../../core/node.js';

/** NegotiateFlags (2.2.2.5), from bit 0 up: Wireshark's field, its label, and the specification's name. */
const FLAGS: readonly (readonly [name: string, label: string, constant: string])[] = [
  ['negotiateunicode', 'Negotiate UNICODE', 'NTLMSSP_NEGOTIATE_UNICODE'],
  ['negotiateoem', 'Negotiate OEM', 'NTLM_NEGOTIATE_OEM'],
  ['requesttarget', 'Request Target', 'NTLMSSP_REQUEST_TARGET'],
  ['negotiate00000008', 'Request 0x00000008', ''],
  ['negotiatesign', 'Negotiate Sign', 'NTLMSSP_NEGOTIATE_SIGN'],
  ['negotiateseal', 'Negotiate Seal', 'NTLMSSP_NEGOTIATE_SEAL'],
  ['negotiatedatagram', 'Negotiate Datagram', 'NTLMSSP_NEGOTIATE_DATAGRAM'],
  ['negotiatelmkey', 'Negotiate Lan Manager Key', 'NTLMSSP_NEGOTIATE_LM_KEY'],
  ['negotiate00000100', 'Negotiate 0x00000100', ''],
  ['negotiatentlm', 'Negotiate NTLM key', 'NTLMSSP_NEGOTIATE_NTLM'],
  ['negotiatentonly', 'Negotiate NT Only', ''],
  ['negotiateanonymous', 'Negotiate Anonymous', 'NTLMSSP_NEGOTIATE_ANONYMOUS'],
  ['negotiateoemdomainsupplied', 'Negotiate OEM Domain Supplied', 'NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED'],
  [
    'negotiateoemworkstationsupplied',
    'Negotiate OEM Workstation Supplied',
    'NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED',
  ],
  ['negotiate00004000', 'Negotiate 0x00004000', ''],
  ['negotiatealwayssign', 'Negotiate Always Sign', 'NTLMSSP_NEGOTIATE_ALWAYS_SIGN'],
  ['targettypedomain', 'Target Type Domain', 'NTLMSSP_TARGET_TYPE_DOMAIN'],
  ['targettypeserver', 'Target Type Server', 'NTLMSSP_TARGET_TYPE_SERVER'],
  ['targettypeshare', 'Target Type Share', ''],
  ['negotiatentlm2', 'Negotiate Extended Security', 'NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY'],
  ['negotiateidentify', 'Negotiate Identify', 'NTLMSSP_NEGOTIATE_IDENTIFY'],
  ['negotiatent00200000', 'Negotiate 0x00200000', ''],
  ['requestnonntsession', 'Request Non-NT Session', 'NTLMSSP_REQUEST_NON_NT_SESSION_KEY'],
  ['negotiatetargetinfo', 'Negotiate Target Info', 'NTLMSSP_NEGOTIATE_TARGET_INFO'],
  ['negotiatent01000000', 'Negotiate 0x01000000', ''],
  ['negotiateversion', 'Negotiate Version', 'NTLMSSP_NEGOTIATE_VERSION'],
  ['negotiatent04000000', 'Negotiate 0x04000000', ''],
  ['negotiatent08000000', 'Negotiate 0x08000000', ''],
  ['negotiatent10000000', 'Negotiate 0x10000000', ''],
  ['negotiate128', 'Negotiate 128', 'NTLMSSP_NEGOTIATE_128'],
  ['negotiatekeyexch', 'Negotiate Key Exchange', 'NTLMSSP_NEGOTIATE_KEY_EXCH'],
  ['negotiate56', 'Negotiate 56', 'NTLMSSP_NEGOTIATE_56'],
];

/** One for each bit of NegotiateFlags. */
export const FLAG_FIELDS: readonly Field[] = FLAGS.map(([name, label]) => field(`ntlmssp.${name}`, label, 'bool'));

/** Names of the bits that are set. */
export function negotiateFlagNames(flags: number): string[] {
  return FLAGS.flatMap(([, , constant], bit) => ((flags >>> bit) & 1 ? [constant || `bit ${bit}`] : []));
}

const f = (name: string, label: string, type: Field['type'] = 'none', more: Partial<Field> = {}) =>
  field(`ntlmssp.${name}`, label, type, more);

export const NTLM = {
  message: field('ntlmssp', 'NTLM Secure Service Provider'),
  identifier: f('identifier', 'NTLMSSP identifier', 'string'),
  messageType: f('messagetype', 'NTLM Message Type', 'uint32', {
    hex: true,
    names: { 1: 'NTLMSSP_NEGOTIATE', 2: 'NTLMSSP_CHALLENGE', 3: 'NTLMSSP_AUTH' },
  }),
  negotiateFlags: f('negotiateflags', 'Negotiate Flags', 'uint32', { hex: true }),
  negotiateDomain: f('negotiate.domain', 'Calling workstation domain', 'string'),
  negotiateWorkstation: f('negotiate.callingworkstation', 'Calling workstation name', 'string'),
  length: f('string.length', 'Length', 'uint16'),
  maxLength: f('string.maxlen', 'Maxlen', 'uint16'),
  offset: f('string.offset', 'Offset', 'uint32'),
  blobLength: f('blob.length', 'Length', 'uint16'),
  blobMaxLength: f('blob.maxlen', 'Maxlen', 'uint16'),
  blobOffset: f('blob.offset', 'Offset', 'uint32'),
  targetInfoLength: f('challenge.target_info.length', 'Length', 'uint16'),
  targetInfoMaxLength: f('challenge.target_info.maxlen', 'Maxlen', 'uint16'),
  targetInfoOffset: f('challenge.target_info.offset', 'Offset', 'uint32'),
  version: f('version', 'Version'),
  versionMajor: f('version.major', 'Major Version', 'uint8'),
  versionMinor: f('version.minor', 'Minor Version', 'uint8'),
  versionBuild: f('version.build_number', 'Build Number', 'uint16'),
  versionRevision: f('version.ntlm_current_revision', 'NTLM Current Revision', 'uint8'),
  versionReserved: f('version.reserved', 'Reserved', 'bytes'),
  reserved: f('reserved', 'Reserved', 'bytes'),
  serverChallenge: f('ntlmserverchallenge', 'NTLM Server Challenge', 'bytes'),
  targetName: f('challenge.target_name', 'Target Name', 'string'),
  targetInfo: f('challenge.target_info', 'Target Info'),
  lmResponse: f('auth.lmresponse', 'Lan Manager Response', 'bytes'),
  ntResponse: f('auth.ntresponse', 'NTLM Response', 'bytes'),
  domain: f('auth.domain', 'Domain name', 'string'),
  user: f('auth.username', 'User name', 'string'),
  host: f('auth.hostname', 'Host name', 'string'),
  sessionKey: f('auth.sesskey', 'Session Key', 'bytes'),
  mic: f('authenticate.mic', 'MIC', 'bytes'),
  v2Response: f('ntlmv2_response', 'NTLMv2 Response', 'bytes'),
  v2Proof: f('ntlmv2_response.ntproofstr', 'NTProofStr', 'bytes'),
  v2Version: f('ntlmv2_response.rversion', 'Response Version', 'uint8'),
  v2HighVersion: f('ntlmv2_response.hirversion', 'Hi Response Version', 'uint8'),
  v2Zero: f('ntlmv2_response.z', 'Z', 'bytes'),
  v2Time: f('ntlmv2_response.time', 'Time', 'time'),
  v2Challenge: f('ntlmv2_response.chal', 'NTLMv2 Client Challenge', 'bytes'),
  v2Pad: f('ntlmv2_response.pad', 'padding', 'bytes'),
  verifier: f('verf', 'NTLMSSP Verifier'),
  verifierVersion: f('verf.vers', 'Version Number', 'uint32'),
  verifierRandomPad: f('verf.randompad', 'Random Pad', 'uint32', { hex: true }),
  verifierCrc: f('verf.crc32', 'Verifier CRC32', 'uint32', { hex: true }),
  verifierHmac: f('verf.hmacmd5', 'HMAC MD5', 'bytes'),
  verifierSequence: f('verf.sequence', 'Sequence', 'uint32'),
  // Wireshark has no name for what holds a descriptor, and none for the bits of MsvAvFlags.
  descriptor: f('descriptor', 'Payload descriptor'),
  flagBits: f('flags', 'Negotiated flags'),
} as const satisfies Record<string, Field>;

/** AvId (2.2.2.1), by number: the end of both Wireshark's field names. */
const AV: readonly (readonly [name: string, label: string, type: Field['type']])[] = [
  ['end', 'List End', 'none'],
  ['nb_computer_name', 'NetBIOS Computer Name', 'string'],
  ['nb_domain_name', 'NetBIOS Domain Name', 'string'],
  ['dns_computer_name', 'DNS Computer Name', 'string'],
  ['dns_domain_name', 'DNS Domain Name', 'string'],
  ['dns_tree_name', 'DNS Tree Name', 'string'],
  ['flags', 'Flags', 'uint32'],
  ['timestamp', 'Timestamp', 'time'],
  ['restrictions', 'Restrictions', 'bytes'],
  ['target_name', 'Target Name', 'string'],
  ['channel_bindings', 'Channel Bindings', 'bytes'],
];

const AV_NAMES = Object.fromEntries(AV.map(([, label], id) => [id, label]));

/** The fields of an AV_PAIR list; Wireshark names them by where the list stands. */
export interface AvFields {
  readonly pair: Field;
  readonly type: Field;
  readonly length: Field;
  readonly value: readonly Field[];
  readonly unknown: Field;
}

const avFields = (prefix: string, item: string): AvFields => ({
  pair: f(`${prefix}.item`, 'Attribute'),
  type: f(`${prefix}.item.type`, `${item} Item Type`, 'uint16', { hex: true, names: AV_NAMES }),
  length: f(`${prefix}.item.length`, `${item} Item Length`, 'uint16'),
  value: AV.map(([name, label, type]) => f(`${prefix}.${name}`, label, type, name === 'flags' ? { hex: true } : {})),
  unknown: f(`${prefix}.item.value`, 'Value', 'bytes'),
});

export const CHALLENGE_AV = avFields('challenge.target_info', 'Target Info');
export const RESPONSE_AV = avFields('ntlmv2_response', 'NTLMV2 Response');

/** The end of the list, AvId 0, is a pair without a value. */
const avList = (av: AvFields) => [av.pair, av.type, av.length, ...av.value.slice(1), av.unknown];

export const NTLM_FIELDS: readonly Field[] = [
  ...Object.values(NTLM),
  ...FLAG_FIELDS,
  ...avList(CHALLENGE_AV),
  ...avList(RESPONSE_AV),
];
