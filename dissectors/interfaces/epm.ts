/** The endpoint mapper: which interfaces a host offers, and at which endpoints (C706 appendix O, MS-RPCE 2.2.1.2). */

import { field } from '../../src/core/node.js';
import type { Fact } from '../dcom/facts.js';
import { elementsOf, numberOf, structOf } from '../dcom/value.js';
import { named, operation, type RpcInterface, type Summarized, type Summary, type Told } from '../ndr/interface.js';
import { kindOf } from '../ndr/kinds.js';
import { as, counted, fixedString, guid, pointer, struct, u16, u32, varying } from '../ndr/types.js';
import { type Tower, TWR } from './tower.js';

const PROTOCOL = field('epm', 'DCE/RPC Endpoint Mapper');

const INQUIRIES: Readonly<Record<number, string>> = {
  0: 'all elements',
  1: 'by interface',
  2: 'by object',
  3: 'by interface and object',
};
const VERSIONS: Readonly<Record<number, string>> = {
  1: 'all',
  2: 'compatible',
  3: 'exact',
  4: 'same major',
  5: 'up to',
};

/** ept_lookup_handle_t: a context handle. */
const HANDLE = struct('ept_lookup_handle_t', 'epm.hnd', {
  context_handle_attributes: u32,
  context_handle_uuid: as(guid, { name: 'epm.hnd.uuid' }),
});
const OBJECT = pointer(as(guid, { name: 'epm.object', label: 'Object' }));
const TOWER = pointer(TWR, { name: 'epm.tower.pointer', label: 'Tower' });

const ENTRY = struct('ept_entry_t', 'epm.entry', {
  object: as(guid, { name: 'epm.object', label: 'Object' }),
  tower: TOWER,
  annotation: as(fixedString(64), { name: 'epm.annotation', label: 'Annotation' }),
});

function tellListed({ in: asked, answer }: Told): Fact[] {
  return [{ kind: 'listed', all: asked?.inquiry_type === 0, endpoints: numberOf(answer?.num_ents) ?? 0 }];
}

function tellMapped({ in: asked, out }: Told): Fact[] {
  const iid = towerOf(asked?.map_tower)?.interface;
  return iid == null ? [] : [{ kind: 'mapped', iid, endpoints: numberOf(out?.num_towers) }];
}

function towerOf(value: unknown): Tower | null {
  return kindOf(value) === 'tower' ? (value as Tower) : null;
}

function lookedUp({ in: asked, out, nameOf }: Summarized): Summary {
  const { uuid } = structOf(asked?.interface_id);
  const inquiry = INQUIRIES[Number(asked?.inquiry_type)] ?? `inquiry ${asked?.inquiry_type}`;
  const question =
    asked === null ? {} : { arguments: typeof uuid === 'string' ? `${inquiry} ${nameOf(uuid)}` : inquiry };
  if (out === null || out.num_ents === undefined) return question;
  const shown = elementsOf(out.entries)
    .slice(0, 3)
    .map((e) => towerOf(structOf(e).tower)?.binding ?? structOf(e).annotation);
  return { ...question, result: `${out.num_ents} entries${shown.length === 0 ? '' : `: ${shown.join(', ')}`}` };
}

function mapped({ in: asked, out: told, nameOf }: Summarized): Summary {
  const wanted = towerOf(asked?.map_tower);
  const found = elementsOf(told?.towers).flatMap((t) => towerOf(t) ?? []);
  const version = wanted?.version ?? '';
  return {
    ...(wanted?.interface == null ? {} : { arguments: `${nameOf(wanted.interface)} ${version}, ${wanted.syntax}` }),
    ...(told === null ? {} : { result: found.map((t) => t.binding ?? 'tower').join(', ') || 'none' }),
  };
}

export const epm: RpcInterface = {
  name: 'epmapper',
  uuid: 'e1af8308-5d1f-11c9-91a4-08002b14a0fa',
  version: '3.0',
  spec: 'C706 appendix O',
  orpc: false,
  protocol: PROTOCOL,
  ops: {
    0: named('ept_insert'),
    1: named('ept_delete'),
    2: operation('epm', 'ept_lookup', {
      section: 'C706 appendix O',
      in: {
        inquiry_type: as(u32, { name: 'epm.inq_type', names: INQUIRIES }),
        object: OBJECT,
        interface_id: pointer(
          struct('rpc_if_id_t', 'epm', {
            uuid: as(guid, { name: 'epm.if_id' }),
            vers_major: as(u16, { name: 'epm.ver_maj' }),
            vers_minor: as(u16, { name: 'epm.ver_min' }),
          }),
          { name: 'epm.if_id.pointer', label: 'Interface' },
        ),
        vers_option: as(u32, { name: 'epm.ver_opt', names: VERSIONS }),
        entry_handle: as(HANDLE, { name: 'epm.hnd', bytes: true }),
        max_ents: as(u32, { name: 'epm.max_ents' }),
      },
      out: {
        entry_handle: as(HANDLE, { name: 'epm.hnd', bytes: true }),
        num_ents: as(u32, { name: 'epm.num_ents' }),
        entries: counted('num_ents', varying(ENTRY, { name: 'epm.entry' })),
      },
      returns: 'status',
      tells: tellListed,
      summarize: lookedUp,
    }),
    3: operation('epm', 'ept_map', {
      section: 'C706 appendix O',
      in: {
        object: OBJECT,
        map_tower: TOWER,
        entry_handle: as(HANDLE, { name: 'epm.hnd', bytes: true }),
        max_towers: as(u32, { name: 'epm.max_towers' }),
      },
      out: {
        entry_handle: as(HANDLE, { name: 'epm.hnd', bytes: true }),
        num_towers: as(u32, { name: 'epm.num_towers' }),
        towers: counted('num_towers', varying(TOWER, { name: 'epm.tower.pointer' })),
      },
      returns: 'status',
      tells: tellMapped,
      summarize: mapped,
    }),
    4: operation('epm', 'ept_lookup_handle_free', {
      section: 'C706 appendix O',
      in: { entry_handle: as(HANDLE, { name: 'epm.hnd', bytes: true }) },
      out: { entry_handle: as(HANDLE, { name: 'epm.hnd', bytes: true }) },
      returns: 'status',
    }),
    5: named('ept_inq_object'),
    6: named('ept_mgmt_delete'),
  },
};
