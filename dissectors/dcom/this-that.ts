/** ORPCTHIS and ORPCTHAT, the first parameters of every ORPC call (MS-DCOM 2.2.13). */
import { as, conformant, guid, pointer, struct, u8, u16, u32 } from '../ndr/types.js';

/** ORPC_EXTENT (MS-DCOM 2.2.21.2): its data is padded to a multiple of 8 bytes. */
const EXTENT = struct('ORPC_EXTENT', 'dcom.extent', {
  id: as(guid, { name: 'dcom.extent.id', label: 'Extension id' }),
  size: as(u32, { name: 'dcom.extent.size', label: 'Extension size' }),
  data: conformant(u8),
});

/** ORPC_EXTENT_ARRAY (MS-DCOM 2.2.21.3): `extent` has room for an even number of pointers. */
const EXTENTS = struct('ORPC_EXTENT_ARRAY', 'dcom.extent', {
  size: as(u32, { name: 'dcom.extent.array_count', label: 'Extension count' }),
  reserved: as(u32, { name: 'dcom.extent.array_res', label: 'Reserved' }),
  extent: pointer(conformant(pointer(EXTENT), { name: 'dcom.extent', label: 'Extensions' })),
});

const FLAGS = as(u32, { hex: true, names: { 0: 'none', 1: 'local', 2: 'reserved 1', 4: 'reserved 2' } });

/** In front of a request's parameters (MS-DCOM 2.2.13.3). */
export const ORPCTHIS = struct('ORPCTHIS', 'dcom.this', {
  version: struct('COMVERSION', 'dcom', {
    MajorVersion: as(u16, { name: 'dcom.version_major', label: 'Major version' }),
    MinorVersion: as(u16, { name: 'dcom.version_minor', label: 'Minor version' }),
  }),
  flags: as(FLAGS, { name: 'dcom.this.flags', label: 'Flags' }),
  reserved1: as(u32, { name: 'dcom.this.res', label: 'Reserved', hex: true }),
  cid: as(guid, { name: 'dcom.this.uuid', label: 'Causality id' }),
  extensions: pointer(EXTENTS, { name: 'dcom.extent', label: 'Extensions' }),
});

/** In front of a response's parameters (MS-DCOM 2.2.13.4). */
export const ORPCTHAT = struct('ORPCTHAT', 'dcom.that', {
  flags: as(FLAGS, { name: 'dcom.that.flags', label: 'Flags' }),
  extensions: pointer(EXTENTS, { name: 'dcom.extent', label: 'Extensions' }),
});
