/** Which fields with which values a tree is to have, by the values that were encoded: made without reading anything. */
import { kindOf } from '../../dissectors/ndr/kinds.js';
import { armField, elementField, type Member, type NdrType, type NdrValue } from '../../dissectors/ndr/types.js';
import type { Field } from '../../src/core/node.js';

/** A name and a value. */
export type Sight = readonly [name: string, value: unknown];

/** What is in values that are kept as bytes, by whoever made them. */
export const INSIDE = new WeakMap<object, readonly Sight[]>();

/** Of parameters or members, in their order. */
export function sightsOf(members: readonly Member[], values: Record<string, NdrValue>): Sight[] {
  return members.flatMap((m) => sights(m.type, m.field, values[m.name]));
}

/** Of a value. */
export function sights(type: NdrType, f: Field, value: NdrValue): Sight[] {
  if (value === null || value === undefined) return [];
  switch (type.kind) {
    case 'number':
    case 'guid':
    case 'string':
      return [[f.name, plain(value)]];
    case 'pointer':
      return sights(typeof type.to === 'function' ? type.to() : type.to, f, value);
    case 'struct':
      return sightsOf(type.members, value as Record<string, NdrValue>);
    case 'array':
      if (value instanceof Uint8Array) return [[f.name, plain(value)]];
      return (value as NdrValue[]).flatMap((v) => sights(type.of, elementField(type, f), v));
    case 'union': {
      const { tag, value: held } = value as { tag: number; value: NdrValue };
      const arm = tag in type.arms ? type.arms[tag] : (type.otherwise ?? null);
      return arm === null ? [] : sights(arm, armField(arm, f), held);
    }
    case 'mapped':
      return sights(type.wire, f, type.encode(value));
    case 'custom':
      break;
  }
  const inside = typeof value === 'object' ? INSIDE.get(value) : undefined;
  if (inside !== undefined) return [...inside];
  switch (kindOf(value)) {
    case 'bstr': {
      const { bytes } = value as { bytes: Uint8Array };
      return [[f.name, Buffer.from(bytes).toString('utf16le')]];
    }
    case 'ccw':
      return [['ioi.pccw', plain((value as { value: string }).value)]];
    case 'bindings': {
      const { bindings, securityBindings } = value as Bindings;
      return [
        ...bindings.flatMap((b): Sight[] => [
          ['dcom.dualstringarray.tower_id', b.tower],
          ['dcom.dualstringarray.network_addr', b.address],
        ]),
        ...securityBindings.flatMap((s): Sight[] => [
          ['dcom.dualstringarray.security_authn_svc', s.authnSvc],
          ['dcom.dualstringarray.security_authz_svc', s.authzSvc],
          ['dcom.dualstringarray.security_princ_name', s.principal],
        ]),
      ];
    }
    case null:
      break;
    default:
      throw new TypeError(`nobody says what is in ${kindOf(value)}`);
  }
  // filters compare a VARIANT_BOOL as it stands on the wire
  if (f.name === 'dcom.vt.bool') return [[f.name, Number(value) & 0xffff]];
  if (typeof value !== 'object') return [[f.name, plain(value)]];
  if ('array' in value) return arraySights(type, f, value as unknown as Wire);
  throw new TypeError(`nobody says what is in ${f.name}`);
}

interface Bindings {
  readonly bindings: readonly { readonly tower: number; readonly address: string }[];
  readonly securityBindings: readonly {
    readonly authnSvc: number;
    readonly authzSvc: number;
    readonly principal: string;
  }[];
}

/** What a SAFEARRAY's pointer points to, as its table hands it on. */
interface Wire {
  readonly array: Record<string, NdrValue>;
  readonly vt: number;
}

const ELEMENTS: Readonly<Record<number, string>> = {
  ...{ 2: 'i2', 3: 'i4', 4: 'r4', 5: 'r8', 6: 'cy', 7: 'date', 11: 'bool', 18: 'ui2', 19: 'ui4' },
  ...{ 20: 'i8', 21: 'ui8', 22: 'int', 23: 'uint' },
};

/** The elements of an array are numbers of its VARTYPE, where it says one. */
function arraySights(type: NdrType, f: Field, { array, vt }: Wire): Sight[] {
  const [table] = type.kind === 'custom' ? (type.holds?.() ?? []) : [];
  const name = vt === 10 ? 'dcom.hresult' : vt in ELEMENTS ? `dcom.vt.${ELEMENTS[vt]}` : undefined;
  // filters compare a VARIANT_BOOL as it stands on the wire
  const shown = (value: unknown): unknown => (vt === 11 ? Number(value) & 0xffff : value);
  return sights(table, f, array).map(
    ([field, value]): Sight =>
      name !== undefined && /^dcom\.sa\.data(16|32|64)$/.test(field) ? [name, shown(value)] : [field, value],
  );
}

/** As nodes hold it: numbers as bigint or number, bytes as hex. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return typeof value === 'string' && /^0x[0-9a-f]+$/.test(value) ? plain(BigInt(value)) : value;
}
