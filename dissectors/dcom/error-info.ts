/**
 * Error information that an object gives with a failed call (MS-DCOM 2.2.21.1 to 2.2.21.3): what IErrorInfo holds,
 * and for a managed object the exception's message. It travels as an OBJREF_CUSTOM in an extension of ORPCTHAT.
 */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import { checkPart } from '../ndr/agree.js';
import { as, guid, type StructType, struct, u32 } from '../ndr/types.js';

/** Id of the extension (CLSID_ErrorExtension); without data in a request it says that the client wants it. */
export const ERROR_EXTENSION = '0000031c-0000-0000-c000-000000000046';
/** Unmarshaler of the OBJREF_CUSTOM inside (CLSID_ErrorObject). */
export const ERROR_OBJECT = '0000031b-0000-0000-c000-000000000046';

/** What a server says of an error. */
export interface ErrorInfo {
  /** Interface that returned the error. */
  readonly iid: string;
  readonly source: string | null;
  readonly description: string | null;
  readonly helpFile: string | null;
  readonly helpContext: number;
}

export const ERROR_INFO_FIELDS: Field[] = [];
const f = fieldsInto(ERROR_INFO_FIELDS);
const ERROR = f('dcom.errorinfo', 'Error information');
const SIGNATURE = f('dcom.errorinfo.signature', 'Present', 'uint32', { hex: true });
const MAX = f('dcom.errorinfo.max', 'Max count', 'uint32');
const OFFSET = f('dcom.errorinfo.offset', 'Offset', 'uint32');
const ACTUAL = f('dcom.errorinfo.actual', 'Actual count', 'uint32');
const SOURCE = f('dcom.errorinfo.source', 'Source', 'string');
const DESCRIPTION = f('dcom.errorinfo.description', 'Description', 'string');
const HELP_FILE = f('dcom.errorinfo.help_file', 'Help file', 'string');
const UNUSED = f('dcom.errorinfo.unused', 'Unused', 'bytes');

const HEAD: StructType = struct('ErrorInfo', 'dcom.errorinfo', {
  dwVersion: as(u32, { label: 'Version' }),
  dwHelpContext: as(u32, { label: 'Help context', hex: true }),
  iid: as(guid, { label: 'Interface' }),
});
const [VERSION, HELP_CONTEXT, INTERFACE] = HEAD.members.map((m) => m.field);
ERROR_INFO_FIELDS.push(VERSION, HELP_CONTEXT, INTERFACE);

/** Reads the object data of the OBJREF_CUSTOM up to the region's end. */
export function readErrorInfo(c: Cursor): ErrorInfo {
  return c.group(
    ERROR,
    () => {
      c.u32(VERSION);
      const helpContext = c.u32(HELP_CONTEXT);
      const iid = c.guid(INTERFACE);
      const [source, description, helpFile] = [SOURCE, DESCRIPTION, HELP_FILE].map((f) => readString(c, f));
      if (c.left > 0) c.raw(UNUSED, c.left);
      return { iid, source, description, helpFile, helpContext };
    },
    null,
    (e) => [e.source, e.description].filter((t) => t !== null).join(': '),
  );
}

/** A signature and, where it says so, an ErrorInfoString: counted like a conformant varying string. */
function readString(c: Cursor, f: typeof SOURCE): string | null {
  if (c.u32(SIGNATURE, (n) => (n === 0 ? 'no' : 'yes')) === 0) return null;
  const room = c.u32(MAX);
  const offset = c.u32(OFFSET);
  const count = c.items(c.u32(ACTUAL), 2);
  checkPart(c, 'characters', { room, offset, count });
  const text = c.terminated(f, count * 2, true);
  // the strings are those of NDR: each begins at a multiple of 4, counted from the object data
  if (count % 2 === 1 && c.left >= 2) c.pad(2);
  return text;
}
