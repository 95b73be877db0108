/** COMVERSION (MS-DCOM 2.2.11). */
import { as, struct, u16 } from '../ndr/types.js';

export const COMVERSION = struct('COMVERSION', 'dcom', {
  MajorVersion: as(u16, { name: 'dcom.version_major', label: 'Major version' }),
  MinorVersion: as(u16, { name: 'dcom.version_minor', label: 'Minor version' }),
});
