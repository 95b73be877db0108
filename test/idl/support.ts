/** IDL read alone, as tests write it. */

import { type IdlFile, readIdl } from '../../dissectors/idl/index.js';
import { INTERFACES } from '../../dissectors/index.js';
import type { RpcInterface, RpcOperation } from '../../dissectors/ndr/interface.js';

export const UUID = '0a1b2c3d-1111-2222-3333-444455556666';

/** The interfaces of a text; `beside` are files that it may import. */
export function idl(text: string, beside: Readonly<Record<string, string>> = {}): RpcInterface[] {
  const imports: IdlFile['imports'] = (name) => beside[name] ?? null;
  return readIdl([{ name: 'x.idl', text, imports }], INTERFACES);
}

/** An interface of one operation `Do`, behind declarations. */
export const withOperation = (parameters: string, before = '', attributes = 'object'): string =>
  `${before}\n[${attributes}, uuid(${UUID}), pointer_default(unique)] interface IThing : IUnknown { HRESULT Do(${parameters}); };`;

/** That operation. */
export function operationOf(parameters: string, before = ''): RpcOperation {
  return idl(withOperation(parameters, before))[0].ops[3];
}
