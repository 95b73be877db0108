/** The fields of Kerberos messages (RFC 4120) and of GSS-API tokens (RFC 4121, RFC 4757), under Wireshark's names. */
import { type Field, field } from '../../core/node.js';

/** Encryption types (RFC 3961 section 8, RFC 3962, RFC 4757, RFC 8009). */
export const ETYPES: Readonly<Record<number, string>> = {
  0: 'null',
  1: 'des-cbc-crc',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
  23: 'rc4-hmac',
  24: 'rc4-hmac-exp',
};

const NAME_TYPES = {
  0: 'NT-UNKNOWN',
  1: 'NT-PRINCIPAL',
  2: 'NT-SRV-INST',
  3: 'NT-SRV-HST',
  10: 'NT-ENTERPRISE-PRINCIPAL',
};

/** Address types (RFC 4120 section 7.5.3). */
const ADDRESS_TYPES = { 2: 'IPv4', 3: 'Directional', 20: 'NetBIOS', 24: 'IPv6' };

const MESSAGE_TYPES = {
  14: 'krb-ap-req',
  15: 'krb-ap-rep',
  16: 'krb-tgt-request',
  17: 'krb-tgt-reply',
  22: 'krb-cred',
  30: 'krb-error',
};

const f = (name: string, label: string, type: Field['type'] = 'none', more: Partial<Field> = {}) =>
  field(`kerberos.${name}`, label, type, more);

export const KRB = {
  message: field('kerberos', 'Kerberos'),
  apReq: f('ap_req_element', 'ap-req'),
  apRep: f('ap_rep_element', 'ap-rep'),
  error: f('krb_error_element', 'krb-error'),
  tgtMessage: f('tgt_element', 'user-to-user'),
  pvno: f('pvno', 'pvno', 'uint32'),
  msgType: f('msg_type', 'msg-type', 'int32', { names: MESSAGE_TYPES }),
  apOptions: f('ap_options', 'ap-options', 'bytes'),
  ticket: f('ticket_element', 'ticket'),
  tktVno: f('tkt_vno', 'tkt-vno', 'uint32'),
  realm: f('realm', 'realm', 'string'),
  sname: f('sname_element', 'sname'),
  nameType: f('name_type', 'name-type', 'int32', { names: NAME_TYPES }),
  snameString: f('sname_string', 'sname-string', 'uint32'),
  snameText: f('SNameString', 'SNameString', 'string'),
  cname: f('cname_element', 'cname'),
  cnameString: f('cname_string', 'cname-string', 'uint32'),
  cnameText: f('CNameString', 'CNameString', 'string'),
  crealm: f('crealm', 'crealm', 'string'),
  encPart: f('enc_part_element', 'enc-part'),
  authenticator: f('authenticator_element', 'authenticator'),
  etype: f('etype', 'etype', 'int32', { names: ETYPES }),
  kvno: f('kvno', 'kvno', 'uint32'),
  cipher: f('cipher', 'cipher', 'bytes'),
  authenticatorVno: f('authenticator_vno', 'authenticator-vno', 'uint32'),
  cksum: f('cksum_element', 'cksum'),
  cksumType: f('cksumtype', 'cksumtype', 'int32'),
  checksum: f('checksum', 'checksum', 'bytes'),
  bindingLength: f('gssapi.len', 'Length', 'uint32'),
  binding: f('gssapi.bdn', 'Bnd', 'bytes'),
  gssFlags: f('gssapi.checksum.flags', 'Flags', 'uint32', { hex: true }),
  delegationOption: f('gssapi.dlgopt', 'DlgOpt', 'uint16'),
  delegationLength: f('gssapi.dlglen', 'DlgLen', 'uint16'),
  cred: f('krb_cred_element', 'krb-cred'),
  tickets: f('tickets', 'tickets', 'uint32'),
  forwarded: f('Ticket_element', 'Ticket'),
  encKrbCredPart: f('encKrbCredPart_element', 'encKrbCredPart'),
  ticketInfo: f('ticket_info', 'ticket-info', 'uint32'),
  credInfo: f('KrbCredInfo_element', 'KrbCredInfo'),
  prealm: f('prealm', 'prealm', 'string'),
  pname: f('pname_element', 'pname'),
  nameString: f('name_string', 'name-string', 'uint32'),
  nameText: f('KerberosString', 'KerberosString', 'string'),
  authtime: f('authtime', 'authtime', 'time'),
  starttime: f('starttime', 'starttime', 'time'),
  endtime: f('endtime', 'endtime', 'time'),
  renewTill: f('renew_till', 'renew-till', 'time'),
  srealm: f('srealm', 'srealm', 'string'),
  caddr: f('caddr', 'caddr', 'uint32'),
  hostAddress: f('HostAddress_element', 'HostAddress'),
  addressType: f('addr_type', 'addr-type', 'int32', { names: ADDRESS_TYPES }),
  ipv4: f('addr_ip', 'IP Address', 'ipv4'),
  ipv6: f('addr_ipv6', 'IPv6 Address', 'ipv6'),
  address: f('address', 'address', 'bytes'),
  nonce: f('nonce', 'nonce', 'uint32'),
  timestamp: f('timestamp', 'timestamp', 'time'),
  usec: f('usec', 'usec', 'uint32'),
  senderAddress: f('s_address_element', 's-address'),
  recipientAddress: f('r_address_element', 'r-address'),
  cusec: f('cusec', 'cusec', 'uint32'),
  ctime: f('ctime', 'ctime', 'time'),
  susec: f('susec', 'susec', 'uint32'),
  stime: f('stime', 'stime', 'time'),
  errorCode: f('error_code', 'error-code', 'int32'),
  errorText: f('e_text', 'e-text', 'string'),
  errorData: f('e_data', 'e-data', 'bytes'),
  subkey: f('subkey_element', 'subkey'),
  key: f('key_element', 'key'),
  keyType: f('keytype', 'keytype', 'int32', { names: ETYPES }),
  keyValue: f('keyvalue', 'keyvalue', 'bytes'),
  seqNumber: f('seq_number', 'seq-number', 'uint32'),
  authorizationData: f('authorization_data', 'authorization-data', 'uint32'),
  encApRepPart: f('encAPRepPart_element', 'encAPRepPart'),
  encTicketPart: f('encTicketPart_element', 'encTicketPart'),
  ticketFlags: f('flags', 'flags', 'bytes'),
} as const satisfies Record<string, Field>;

const g = (name: string, label: string, type: Field['type'], more: Partial<Field> = {}) =>
  field(`spnego.krb5.${name}`, label, type, more);

/** Per-message tokens. */
export const GSS = {
  blob: field('spnego.krb5.blob', 'krb5_blob', 'bytes'),
  oid: field('spnego.krb5_oid', 'KRB5 OID', 'string'),
  tokenId: g('tok_id', 'krb5_tok_id', 'uint16', {
    hex: true,
    names: {
      1: 'KRB5_AP_REQ',
      2: 'KRB5_AP_REP',
      3: 'KRB5_ERROR',
      257: 'KRB5_GSS_GetMIC',
      258: 'KRB5_GSS_Wrap',
      1028: 'KRB_TOKEN_CFX_GetMic',
      1029: 'KRB_TOKEN_CFX_WRAP',
    },
  }),
  signAlgorithm: g('sgn_alg', 'krb5_sgn_alg', 'uint16', { hex: true, names: { 17: 'HMAC' } }),
  sealAlgorithm: g('seal_alg', 'krb5_seal_alg', 'uint16', { hex: true, names: { 16: 'RC4', 65535: 'None' } }),
  filler: g('filler', 'krb5_filler', 'bytes'),
  sequenceSealed: g('snd_seq', 'krb5_snd_seq', 'bytes'),
  checksum: g('sgn_cksum', 'krb5_sgn_cksum', 'bytes'),
  confounder: g('confounder', 'krb5_confounder', 'bytes'),
  flags: g('cfx_flags', 'krb5_cfx_flags', 'uint8', { hex: true }),
  extraCount: g('cfx_ec', 'krb5_cfx_ec', 'uint16'),
  rotation: g('cfx_rrc', 'krb5_cfx_rrc', 'uint16'),
  sequence: g('cfx_seq', 'krb5_cfx_seq', 'uint64'),
} as const satisfies Record<string, Field>;

export const KERBEROS_FIELDS: readonly Field[] = [...Object.values(KRB), ...Object.values(GSS)];
