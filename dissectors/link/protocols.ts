/** What a frame is made of, by the names that Wireshark gives its dissectors: `frame.protocols`. */
import { type Node, PROTOCOLS } from '../../src/core/node.js';

/** Below this an EtherType is a length (802.3 3.2.6). */
const FIRST_ETHERTYPE = 1536;

/** Layers of several headers of a kind. */
const STACKED: ReadonlySet<string> = new Set(['mpls', 'ppp']);

/** Layers whose dissectors have other names than their fields, and parts of headers that have dissectors of their own. */
const NAMES: Readonly<Record<string, string>> = {
  pppoe: 'pppoes',
  'capwap.data': 'capwap.data',
  'ipv6.hopopts': 'ipv6.hopopts',
  'ipv6.routing': 'ipv6.routing',
  'ipv6.fraghdr': 'ipv6.fraghdr',
  'ipv6.dstopts': 'ipv6.dstopts',
  'ipv6.ah': 'ah',
  'ipv6.mipv6': 'mipv6',
  'ipv6.hip': 'hip',
  'ipv6.shim6': 'shim6',
};

/** Headers of receivers: what they say of the radio is a protocol to Wireshark, in front of 802.11. */
const RECEIVERS: ReadonlySet<string> = new Set(['radiotap', 'prism', 'wlancap', 'ppi', 'netmon_802_11']);
/** Headers that name a link type, which Wireshark counts as a protocol in front of links other than 802.11. */
const BY_LINK_TYPE: ReadonlySet<string> = new Set(['ppi', 'pktap']);

/** Protocols of PDUs: other groups at the top of their trees tell of what calls mean. */
const CARRIED: ReadonlySet<string> = new Set(['nbss', 'smb', 'smb2', 'http', 'nrtp', 'nns']);

/** DCE/RPC's authentication type (MS-RPCE 2.2.1.1.7) of which Wireshark hands verifiers of NTLM to NTLM. */
const SPNEGO = 9;

/** Sets the protocols of a frame in its own tree: the layers' come first in `roots`, then those of its PDUs. */
export function tellProtocols([layers, ...pdus]: readonly (readonly Node[])[]): void {
  const [frame] = layers;
  if (frame?.field.name !== 'frame') return;
  const names = layers
    .slice(1)
    .flatMap(layerNames)
    // labels of one stack, and parts of one header, are one protocol
    .filter((name, i, all) => !(STACKED.has(name) && all[i - 1] === name) && !(name === 'ppp' && all[i - 1] === 'mp'))
    .flatMap((name, i, all) => [...between(all[i - 1], name), name]);
  for (const roots of pdus) addPdu(names, roots);
  const value = names.join(':');
  const told = frame.children.find(({ field }) => field === PROTOCOLS);
  if (told !== undefined) told.value = value;
  else
    frame.children.push({
      field: PROTOCOLS,
      source: null,
      start: 0,
      end: 0,
      value,
      display: null,
      role: 'data',
      children: [],
    });
}

/** A layer, and what is told apart inside of it. */
function layerNames({ field: { name, type }, children }: Node): string[] {
  if (type !== 'none') return [];
  const known = NAMES[name] ?? name;
  // parts of headers
  if (known.includes('.') && NAMES[name] === undefined) return [];
  const own = leadsByType(children) ? [known, 'ethertype'] : [known];
  return [...own, ...children.flatMap((child) => (child.field.type === 'none' ? layerNames(child) : []))];
}

/** Whether an EtherType says what follows: Wireshark counts that as a protocol. */
function leadsByType(children: readonly Node[]): boolean {
  return children.some(({ field, value }) => field.ofProtocols === true && Number(value) >= FIRST_ETHERTYPE);
}

/** What Wireshark counts between two layers. */
function between(before: string | undefined, name: string): readonly string[] {
  if (before === undefined) return [];
  if (name === 'wlan' && RECEIVERS.has(before)) return ['wlan_radio'];
  return BY_LINK_TYPE.has(before) ? ['pcap_pktdata'] : [];
}

function addPdu(names: string[], roots: readonly Node[]): void {
  const inside: string[] = [];
  const add = (name: string): void => {
    if (inside.at(-1) !== name) inside.push(name);
  };
  let type: unknown = null;
  /** A token or verifier: in DCE/RPC Wireshark counts those of SPNEGO alone. */
  const token = (name: string, isWrapped: boolean): void => {
    if (type !== null && type !== SPNEGO) return;
    if (type === SPNEGO && isWrapped && !inside.includes('spnego')) inside.push('spnego');
    add(name);
  };
  const todo = [...roots].reverse();
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    const { name } = node.field;
    if (name === 'dcerpc') inside.push(name);
    else if (CARRIED.has(name)) add(name);
    else if (name === 'dcerpc.auth_type') type = node.value;
    else if (name === 'gss-api' && type === null) inside.push(name, 'spnego');
    else if (name === 'gss-api') token('spnego', false);
    else if (name === 'ntlmssp') token(name, true);
    else if (name === 'ntlmssp.verf' && type === SPNEGO) add('ntlmssp');
    else if (name === 'kerberos') token('spnego-krb5', true);
    else if (name === 'spnego.krb5.blob') token('spnego-krb5', false);
    for (let i = node.children.length - 1; i >= 0; i--) todo.push(node.children[i]);
  }
  names.push(...inside);
}
