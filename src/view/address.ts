/** What the address says behind `#`: where one is in the capture. A link to it shows a colleague the same. */

export const VIEWS = ['packets', 'calls', 'flow', 'objects', 'statistics', 'audit'] as const;
export type View = (typeof VIEWS)[number];

/** What a capture is called that the user opened: `own`, `own1`, … */
type OwnName = `own${number | ''}`;

/** Where one is. */
export interface Place {
  readonly view: View;
  /** Which of the captures that the server has, or that the user opened (`ownName`). */
  readonly capture: number | OwnName;
  /** The display filter, applied; empty for none. */
  readonly filter: string;
  /** Number of the PDU that is chosen. */
  readonly pdu: number | null;
  /** Path of the tree's node that is chosen, as `3.0.12`: places among the children. */
  readonly node: string | null;
  /** Bytes that are marked instead of the node's, as `2:214-227`: of which of the PDU's sources, from where up to where. */
  readonly bytes: string | null;
  /** Number of the call that is chosen. */
  readonly call: number | null;
  /** The column that calls are sorted by, as `duration`; `-duration` for the other way round. */
  readonly sort: string | null;
  /** What is chosen in a view of its own: an object, a finding, a table. */
  readonly item: string | null;
}

export const NOWHERE: Place = {
  ...{
    view: 'packets',
    capture: 0,
    filter: '',
    pdu: null,
    node: null,
    bytes: null,
    call: null,
    sort: null,
    item: null,
  },
};

/** The name of the capture that the user opened behind so many others. */
export function ownName(before: number): OwnName {
  return before === 0 ? 'own' : `own${before}`;
}

/** Reads the part of an address behind `#`; what is not understood is left out. */
export function placeOf(hash: string): Place {
  const told = new URLSearchParams(hash.replace(/^#/, ''));
  const number = (name: string): number | null => {
    const text = told.get(name) ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : null;
  };
  const node = told.get('node');
  const bytes = told.get('bytes');
  const [own, others] = /^own(\d{0,6})$/.exec(told.get('capture') ?? '') ?? [];
  return {
    view: VIEWS.find((view) => view === told.get('view')) ?? NOWHERE.view,
    capture: own === undefined ? (number('capture') ?? 0) : ownName(Number(others)),
    filter: told.get('filter') ?? '',
    pdu: number('pdu'),
    node: node !== null && /^\d+(\.\d+)*$/.test(node) ? node : null,
    bytes: bytes !== null && /^\d{1,4}:\d{1,9}-\d{1,9}$/.test(bytes) ? bytes : null,
    call: number('call'),
    sort: told.get('sort'),
    item: told.get('item'),
  };
}

/** The same the other way; what is as it is without being said is left out. */
export function hashOf(place: Place): string {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(place))
    if (value !== null && value !== NOWHERE[name as keyof Place]) told.set(name, String(value));
  return `#${told}`;
}
