/** Fields of several files of the room, and the list of all. */
import { type Field, fieldsInto } from '../../src/core/node.js';
import { NTSTATUS } from '../names/ntstatus.js';

/** Every field of SMB, as its files declare them. */
export const SMB_FIELDS: Field[] = [];

/** Declares a field of SMB. */
export const smbField = fieldsInto(SMB_FIELDS);

// SMB 1 and SMB 2 share these (MS-CIFS 2.2.4.64, MS-SMB2 2.2.13)
export const ACCESS_MASK = smbField('smb.access_mask', 'Access mask', 'uint32', { hex: true });
export const SHARE_ACCESS = smbField('smb.share_access', 'Share access', 'uint32', { hex: true });
export const CREATE_OPTIONS = smbField('smb.create_options', 'Create options', 'uint32', { hex: true });

/** How what is opened may be made (MS-SMB2 2.2.13). */
export const DISPOSITIONS: Readonly<Record<number, string>> = {
  0: 'supersede',
  1: 'open',
  2: 'create',
  3: 'open or create',
  4: 'overwrite',
  5: 'overwrite or create',
};

/** What opening did (MS-SMB2 2.2.14). */
export const CREATE_ACTIONS: Readonly<Record<number, string>> = {
  0: 'superseded',
  1: 'opened',
  2: 'created',
  3: 'overwritten',
};

/** What a server may do in a client's name (MS-SMB2 2.2.13). */
export const IMPERSONATION_LEVELS: Readonly<Record<number, string>> = {
  0: 'anonymous',
  1: 'identification',
  2: 'impersonation',
  3: 'delegate',
};

/** A status that matters here (MS-ERREF 2.3.1). */
export const Status = { success: 0, pending: 0x103, moreProcessing: 0xc0000016 } as const;

/** Name of a status. */
export const statusText = (status: number): string => NTSTATUS(status) ?? 'unknown';
