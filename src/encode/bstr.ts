/** BSTRs of documents: text, `{text}`, `{hex}` or `{nrbf}`, with what `calls` prints beside them. */

import { sha256 } from '#platform';
import { type Bstr, NULL_BSTR } from '../../dissectors/dcom/bstr.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { equals, same, utf16Bytes } from '../core/bytes.js';
import { checked } from './documents/schema.js';
import { BSTR_MEMBERS } from './documents/shapes.js';
import { bytesAt, EncodeError, found, type Json } from './error.js';
import { nrbfBytes } from './nrbf.js';

/** A BSTR that is not null; `cBytes` where it is not the length. */
export function bstrFromJson(json: Json, path: string): Bstr {
  if (typeof json === 'string') return bstr(utf16Bytes(json));
  if (typeof json !== 'object' || Array.isArray(json))
    throw new EncodeError(path, `text, or an object with text, hex or nrbf is wanted, not ${found(json, path)}`);
  const o = checked(BSTR_MEMBERS, json, path);
  const { text, hex, nrbf } = o;
  const cBytes = o.cBytes === undefined ? undefined : Number(o.cBytes);
  if (text == null && hex == null && nrbf == null) {
    if (cBytes === NULL_BSTR) return { [KIND]: 'bstr', cBytes, bytes: new Uint8Array(0), nrbf: null };
    throw new EncodeError(path, 'a BSTR has text, hex or nrbf; null is a null BSTR');
  }
  if (cBytes === NULL_BSTR) throw new EncodeError(`${path}.cBytes`, `${NULL_BSTR} says that the BSTR is null`);
  const forms: [string, Uint8Array][] = [];
  if (nrbf != null) forms.push(['nrbf', nrbfBytes(nrbf as Json, `${path}.nrbf`)]);
  if (text != null) forms.push(['text', utf16Bytes(text)]);
  if (hex != null) forms.push(['hex', bytesAt(hex, `${path}.hex`)]);
  // calls tells how many bytes stand behind a stream, and has them in hex alone
  const [stream, all] = [forms[0][1], forms.at(-1)?.[1] ?? new Uint8Array(0)];
  if (nrbf != null && hex != null && (o.trailing ?? 0) > 0 && all.length === stream.length + (o.trailing ?? 0))
    if (equals(stream, all)) forms.shift();
  const [[first, bytes], ...others] = forms;
  for (const [name, other] of others)
    if (!same(bytes, other)) {
      // calls prints the first bytes only, unless it is asked for all of them
      if (name === 'hex' && other.length === 64 && equals(other, bytes)) continue;
      throw new EncodeError(`${path}.${name}`, `it says other bytes than ${first}: only one of them is wanted`);
    }
  if (o.sha256 !== undefined && sha256(bytes) !== o.sha256.toLowerCase())
    throw new EncodeError(
      `${path}.sha256`,
      `it is not that of these ${bytes.length} bytes; leave it out, or give all bytes (--full)`,
    );
  return bstr(bytes, cBytes);
}

function bstr(bytes: Uint8Array, cBytes = bytes.length): Bstr {
  return { [KIND]: 'bstr', cBytes, bytes, nrbf: null };
}
