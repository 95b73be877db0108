/** COMVERSION (MS-DCOM 2.2.11). */
import { as, struct, u16 } from '../ndr/types.js';
import { structOf } from './value.js';

export const COMVERSION = struct('COMVERSION', 'dcom', {
  MajorVersion: as(u16, { name: 'dcom.version_major', label: 'Major version' }),
  MinorVersion: as(u16, { name: 'dcom.version_minor', label: 'Minor version' }),
});

/** `5.7`; null where it was not read whole. */
export function comVersion(value: unknown): string | null {
  const { MajorVersion, MinorVersion } = structOf(value);
  return MinorVersion === undefined ? null : `${MajorVersion}.${MinorVersion}`;
}
