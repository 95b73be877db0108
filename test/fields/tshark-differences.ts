/** Where columns differ from those of tshark 4.0, and why. Nothing else may. */

/** A kind of difference. */
interface Difference {
  readonly fields: RegExp;
  /** Names of captures; all of them by default. */
  readonly captures?: RegExp;
  readonly when: (ours: string, theirs: string) => boolean;
  readonly why: string;
}

const nothingThere = (_: string, theirs: string): boolean => theirs === '';
const nothingHere = (ours: string): boolean => ours === '';

/** Bytes as tshark 4.0 has them for text: ASCII up to the first zero, its lines with escapes. */
const textOf = (hex: string): string =>
  Buffer.from(hex, 'hex')
    .toString('latin1')
    .split('\0', 1)[0]
    .replaceAll(/[\x80-\xff]/g, '\ufffd')
    .replaceAll(/[\t\n\r]/g, (blank) => JSON.stringify(blank).slice(1, -1));

/** Whether all values of the first column stand in the second, in their order, among others. */
function isWithin(few: string, many: string): boolean {
  const rest = many.split(',');
  return few === '' || few.split(',').every((value) => rest.splice(0, rest.indexOf(value) + 1).length > 0);
}
const moreHere = (ours: string, theirs: string): boolean => isWithin(theirs, ours);
const moreThere = (ours: string, theirs: string): boolean => isWithin(ours, theirs);

/** Captures of SMB, and those of them in which there are calls. */
const SMB = /^(?:samples|made)\/smb/;
const PIPES = /^(?:samples\/smb-pipes|made\/smb[12])/;

export const DIFFERENCES: readonly Difference[] = [
  {
    fields: /^ppp\.direction$/,
    captures: /^made\/ERF$/,
    when: nothingHere,
    why: 'records of ERF tell no direction',
  },
  {
    fields: /^frame\.protocols$/,
    captures: /^made\/tunnels$/,
    when: (ours, theirs) => ours.replace(/vxlan:|(?<=:cmd):ethertype/, '') === theirs,
    why: 'tshark leaves VXLAN-GPE out, and of metadata in GRE its EtherType',
  },
  {
    fields: /^vxlan\.flags$/,
    captures: /^made\/tunnels$/,
    when: nothingHere,
    why: 'flags of VXLAN-GPE are eight, and apart',
  },
  {
    fields: /^ah\./,
    captures: /^made\/ipv6$/,
    when: nothingHere,
    why: 'among extension headers it has names like theirs',
  },
  {
    fields: /^frame\.protocols$/,
    when: (ours, theirs) => isWithin(ours.replaceAll(':', ','), theirs.replaceAll(':', ',')),
    why: 'tshark counts what is no protocol of calls too: contents of HTTP, what it takes unknown bytes for',
  },
  {
    fields: /^frame\.protocols$/,
    when: (ours, theirs) => ours.replace(/:(?:nrtp|nns).*$/, '') === theirs.replace(/:(?:woww|data)$/, ''),
    why: 'tshark does not know .NET remoting, and takes it for a game',
  },
  {
    fields: /^frame\.protocols$/,
    captures: /^made\/smb2$/,
    when: (ours, theirs) => ours.replace(/dcerpc$/, 'data') === theirs,
    why: 'tshark does not know the pipe of a file that was opened before',
  },
  {
    fields: /^dcerpc\.(?:referent_id|referent_id64|array\.\w+)$/,
    when: moreHere,
    why: 'tshark shows pointers and counts of some types only',
  },
  { fields: /^dcerpc\.reserved$/, when: moreHere, why: 'tshark leaves out reserved bytes of headers' },
  {
    fields: /^dcerpc\.cn_ack_reason$/,
    when: (ours, theirs) => /^0(?:,0)*$/.test(ours) && theirs === '',
    why: 'the reason of what was accepted is on the wire too',
  },
  {
    fields: /^dcerpc\.request_in$/,
    when: (ours, theirs) => theirs === `${ours},${ours}`,
    why: 'tshark says it twice',
  },
  {
    fields: /^dcerpc\.request_in$/,
    captures: /^made\/datagrams$/,
    when: (ours, theirs) => (ours === '') !== (theirs === ''),
    why: 'of datagrams tshark tells the request of responses and acks, here it is told of what ends a call',
  },
  {
    fields: /^dcerpc\.(?:fault_)?stub_data$/,
    when: nothingHere,
    why: 'decoded here: interfaces, ORPC headers, extended errors and trailers that tshark does not know',
  },
  {
    fields: /^dcerpc\.(?:drep|pkt_type|opnum|cn_call_id|cn_ctx_id|reserved)$/,
    captures: /^made\/control$/,
    when: moreThere,
    why: 'fields of a verification trailer have names of their own here',
  },
  {
    fields: /^dcerpc\.rpc_sec_vt\.pcontext\.interface\.\w+$/,
    when: moreThere,
    why: 'tshark calls the transfer syntax of a verification trailer an interface too',
  },
  { fields: /^dcerpc\.fragment_data$/, when: nothingThere, why: 'tshark shows the stub that was put together only' },
  { fields: /^dcerpc\.auth_padding$/, when: nothingThere, why: 'tshark shows sealed padding with the stub' },
  {
    fields: /^dcerpc\.encrypted_stub_data$/,
    when: (ours, theirs) => theirs.startsWith(ours),
    why: 'sealed padding is not part of the stub',
  },
  {
    fields: /^dcom\./,
    captures: /^samples\/(?!managed-object-ndr64)/,
    when: moreHere,
    why: 'tshark has no dissector for IManagedObject and its kin, and none for extensions with error information',
  },
  {
    fields: /^(?:dcom|isystemactivator|oxid|remunk)\./,
    captures: /^samples\/managed-object-ndr64$/,
    when: () => true,
    why: "tshark's dissectors of DCOM read NDR64 as NDR",
  },
  {
    fields: /^isystemactivator\.properties\.retval$/,
    when: (ours, theirs) => ours.split(',').map(Number).join() === theirs,
    why: 'HRESULTs are in hex everywhere here',
  },
  {
    fields: /^isystemactivator\.properties\.li\.name$/,
    when: (ours, theirs) => ours === 'null' && theirs === '',
    why: 'a null pointer is shown as such',
  },
  {
    fields: /^isystemactivator\.actproperties\.resv$/,
    when: moreThere,
    why: 'tshark calls the filler of serialization headers so, too',
  },
  {
    fields: /^ntlmssp\.(?:challenge\.target_name|negotiate\.(?:callingworkstation|domain)|auth\.hostname)$/,
    when: (ours, theirs) => ours === '' && theirs === 'NULL',
    why: 'NULL is made up for a name of no bytes',
  },
  {
    fields: /^ntlmssp\.auth\.sesskey$/,
    captures: /^made\/smb2$/,
    when: nothingHere,
    why: 'tshark takes the descriptor of a key of no bytes for the key',
  },
  {
    fields: /^ntlmssp\.blob\.\w+$/,
    captures: /^made\/smb2$/,
    when: moreHere,
    why: 'the descriptor of a key of no bytes is on the wire all the same',
  },
  {
    fields: /^(?:ntlmssp|kerberos|spnego)\./,
    captures: /^made\/nns-/,
    when: nothingThere,
    why: 'tshark does not know NegotiateStream',
  },
  {
    fields: /^http\.file_data$/,
    when: (ours, theirs) => textOf(ours) === theirs,
    why: 'tshark 4.0 has bytes for text',
  },
  {
    fields: /^dcerpc\.(?:referent_id|array\.\w+)$/,
    captures: PIPES,
    when: nothingHere,
    why: 'tshark has dissectors for the interfaces of pipes',
  },
  {
    fields: /^dcerpc\.stub_data$/,
    captures: PIPES,
    when: moreHere,
    why: 'interfaces of pipes are not decoded here',
  },
  {
    fields: /^dcerpc\./,
    captures: /^made\/smb2$/,
    when: nothingThere,
    why: 'tshark loses the pairing, and the PDU in two reads',
  },
  {
    fields: /^smb2?\.reserved$/,
    captures: SMB,
    when: () => true,
    why: 'tshark has reserved bytes in front of others, leaves some out and shows some that are none',
  },
  {
    fields: /^smb(?:\.share_type|2?\.host)$/,
    captures: SMB,
    when: nothingHere,
    why: 'tshark says of each message what it knows of its tree',
  },
  {
    fields: /^smb(?:\.(?!reserved)|_pipe\.)/,
    captures: SMB,
    when: moreThere,
    why: 'tshark says of each message what its file was opened with',
  },
  {
    fields: /^smb2\.header\.comp_transform\.data$/,
    when: nothingThere,
    why: 'tshark inflates it, or shows nothing',
  },
  {
    fields: /^ntlmssp\.string\.\w+$/,
    when: moreHere,
    why: 'the descriptor of a name of no bytes is on the wire all the same',
  },
  {
    fields: /^ntlmssp\.verf\.\w+$/,
    when: nothingThere,
    why: 'tshark shows a verifier to those who gave it the password only',
  },
  {
    fields: /^spnego\.(?:hintName|hintAddress|mechListMIC)$/,
    captures: /^made\/spnego$/,
    when: nothingThere,
    why: 'tshark reads hints (MS-SPNG 2.2.1) in tokens of servers only',
  },
  { fields: /^spnego\.krb5\.filler$/, when: nothingThere, why: 'tshark passes over the filler of RC4 tokens' },
  {
    fields: /^(?:kerberos|spnego)\./,
    captures: /^made\/user-to-user$/,
    when: nothingThere,
    why: 'KERB-TGT-REQUEST is read here',
  },
];

/** Why the columns may differ, or null where they may not. */
export function excuse(capture: string, field: string, ours: string, theirs: string): string | null {
  const fits = ({ fields, captures = /^/, when }: Difference): boolean =>
    fields.test(field) && captures.test(capture) && when(ours, theirs);
  return DIFFERENCES.find(fits)?.why ?? null;
}
