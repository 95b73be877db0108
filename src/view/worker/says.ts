/** What a row says, as parts that the page gives colours. */
import { type Call, type CallText, safe } from '../../index.js';

/** What an interface is about, which is its colour. */
export type Family = 'ioi' | 'activation' | 'references' | 'remoting' | 'other';

/** What a call or a PDU of it says: `CallText` with the family, as it is shown: long parts are cut, and nothing is unseen. */
export interface Says extends CallText {
  readonly family: Family;
}

const ACTIVATION: ReadonlySet<string> = new Set([
  ...['IRemoteSCMActivator', 'IActivation', 'IObjectExporter', 'IClassFactory', 'epm'],
]);
const REFERENCES: ReadonlySet<string> = new Set(['IRemUnknown', 'IRemUnknown2']);

/** What the interface of a call is about. */
export function familyOf({ iface, interfaceFrom }: Call): Family {
  if (interfaceFrom === 'message') return 'remoting';
  if (iface === null) return 'other';
  if (iface.spec.startsWith('MS-IOI')) return 'ioi';
  if (ACTIVATION.has(iface.name)) return 'activation';
  return REFERENCES.has(iface.name) ? 'references' : 'other';
}

/** Characters of a part: as JSON, which takes two for one at most, all of them have room in `Texts`. */
const MOST = 5000;

/** A text of a row as it is shown. */
export function shownText(text: string): string {
  const shown = safe(text.slice(0, MOST + 1));
  return shown.length > MOST ? `${shown.slice(0, MOST)}…` : shown;
}

/** As one text, for `Texts`. */
export function packed(family: Family, t: CallText): string {
  const parts = [t.name, t.method, t.arguments, t.result, t.problem, t.warning];
  return JSON.stringify([family, ...parts.map((part) => (part === null ? null : shownText(part)))]);
}

export function unpacked(text: string): Says {
  const [family, name, method, args, result, problem, warning] = JSON.parse(text);
  return { family, name, method, arguments: args, result, problem, warning };
}
