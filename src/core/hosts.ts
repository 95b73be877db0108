/**
 * What hosts are called: as the user says (`--names`), and as a capture's own name resolution blocks say. The user's
 * name stands for an address; that of a capture stands beside it, since whoever made the capture chose it.
 */
import { addressBytes, endpointText, ipv4Text, ipv6Text, isAddress } from './address.js';
import { safe } from './safe-text.js';

/** A name as hosts have them: one word with a letter in it, which is no address and holds none of what lines are made of. */
const NAME = /^(?=.*\p{L})[\p{L}\p{M}\p{N}._-]{1,253}$/u;

/** Names by address, as `/etc/hosts` has them: the first of each address. */
export function hostNames(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [address, name] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (name === undefined || !isAddress(address)) continue;
    const plain = plainAddress(address);
    if (!names.has(plain)) names.set(plain, name);
  }
  return names;
}

/** An address as captures' are written. */
function plainAddress(text: string): string {
  const bytes = addressBytes(text.replace(/%.*/, ''));
  return bytes.length === 4 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0);
}

/** Names of the hosts of one capture, or of several. */
export class Hosts {
  private readonly met = new Map<string, string>();
  private readonly made = new Map<string, string>();

  /** @param given the user's own names, by address */
  constructor(private readonly given: ReadonlyMap<string, string> = new Map()) {}

  /** Counts up with what is learnt. */
  get learned(): number {
    return this.met.size;
  }

  /** Takes what a capture calls an address; its first name stays. */
  learn(address: string, names: readonly string[]): void {
    const name = names.find((one) => NAME.test(one));
    if (name === undefined || this.met.has(address)) return;
    this.met.set(address, name);
    this.made.delete(address);
  }

  /** All that was learnt. */
  learnt(): Map<string, string> {
    return new Map(this.met);
  }

  /** Takes what was learnt of another capture. What the two call differently has no name. */
  join({ met }: Hosts): void {
    for (const [address, name] of met) {
      const known = this.met.get(address);
      if (known === undefined) this.learn(address, [name]);
      else if (known !== name) this.met.set(address, '');
    }
    this.made.clear();
  }

  /** What a host is called; null where nobody said. */
  nameOf(address: string): string | null {
    return this.given.get(address) ?? (this.met.get(address) || null);
  }

  /** All that have a name, as text, by address. */
  texts(): Map<string, string> {
    return new Map([...this.met.keys(), ...this.given.keys()].map((address) => [address, this.text(address)]));
  }

  /** A host in text: `client.lab` as the user calls it, `client.lab (10.0.0.1)` as a capture does, or its address. */
  text(address: string): string {
    if (this.given.size === 0 && this.met.size === 0) return address;
    let text = this.made.get(address);
    if (text === undefined) {
      const given = this.given.get(address);
      const met = this.met.get(address) ?? '';
      text = given !== undefined ? safe(given) : met === '' ? address : `${safe(met)} (${address})`;
      this.made.set(address, text);
    }
    return text;
  }

  /** The same of several. */
  textsOf(addresses: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...addresses].map((address) => this.text(address)));
  }

  /** A host and a port, `client.lab:135`. */
  endpoint({ address, port }: { readonly address: string; readonly port: number | string }): string {
    return endpointText(this.text(address), port);
  }

  /** A report with the names of the addresses in it, where there are some. */
  named<T extends object>(report: T): T & { names?: Record<string, string> } {
    // all of a large report as text takes as much memory again
    if (this.given.size === 0 && this.met.size === 0) return report;
    const names = this.namesIn(JSON.stringify(report));
    return Object.keys(names).length === 0 ? report : { ...report, names };
  }

  /** Names of the addresses that stand as strings of their own in a text of JSON, into `names`. */
  namesIn(json: string, names: Record<string, string> = {}): Record<string, string> {
    if (this.given.size === 0 && this.met.size === 0) return names;
    for (const [, address] of json.matchAll(/"([\d.]{7,15}|[\da-f:.]{2,45})"/g)) {
      const name = this.nameOf(address);
      if (name !== null) names[address] = name;
    }
    return names;
  }
}
