/** COMVERSION (MS-DCOM 2.2.11). */
import { as, struct, u16 } from '../ndr/types.js';

/** COM's version. */
export interface ComVersion {
  readonly MajorVersion: number;
  readonly MinorVersion: number;
}

export const COMVERSION = struct('COMVERSION', 'dcom', {
  MajorVersion: as(u16, { name: 'dcom.version_major', label: 'Major version' }),
  MinorVersion: as(u16, { name: 'dcom.version_minor', label: 'Minor version' }),
});

/** The value of one; null where it was not read whole. */
export function comVersion(value: unknown): ComVersion | null {
  const { MajorVersion, MinorVersion } = (value ?? {}) as Partial<ComVersion>;
  return MajorVersion === undefined || MinorVersion === undefined ? null : { MajorVersion, MinorVersion };
}
