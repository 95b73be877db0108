/** What rules about .NET remoting ask of a call. */

import type { Side } from '../../../dissectors/ndr/interface.js';
import type { ObjRefSummary } from '../../../dissectors/nrbf/index.js';
import { objRefsOf } from '../../../dissectors/remoting/meaning.js';
import { soapTypes } from '../../../dissectors/soap/index.js';
import type { ByteRange } from './found.js';
import { streamFacts, streamRange } from './streams.js';
import type { Subject } from './subject.js';

/** Whether a message came over the network to a channel that asks nobody who he is. */
export function isOpen({ channel, remote, call }: Subject): boolean {
  return channel && remote && call.auth.type === null && call.auth.level === 0;
}

/** Types that messages of one direction hold, without their assemblies, whatever formatter wrote them. */
export function typesIn({ streams, soaps }: Subject, side: Side): Map<string, (() => ByteRange) | undefined> {
  const found = new Map<string, (() => ByteRange) | undefined>();
  for (const { side: at, value } of streams)
    if (at === side)
      for (const { name, record } of streamFacts(value).classes.values())
        found.set(name, () => streamRange(value, record));
  for (const { side: at, value } of soaps)
    if (at === side) for (const { type } of soapTypes(value)) if (type !== value.typeName) found.set(type, undefined);
  return found;
}

/** ObjRefs that messages of one direction hand out. */
export function objRefsTo({ messages }: Subject, side: Side): ObjRefSummary[] {
  return messages.flatMap((m) => (m.side === side ? objRefsOf(m.value) : []));
}
