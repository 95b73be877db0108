/** Which object each call goes to, in little memory: an object of COM behind an IPID, or one that remoting reaches. */
import type { Call, ObjectTable } from '../../index.js';
import { words } from './column.js';

type Pointer = NonNullable<ReturnType<ObjectTable['known']>>;
type Remoted = ObjectTable['remoting']['all'] extends Set<infer T> ? T : never;

/** What the page knows an object by: its host with its OID, an IPID of it where nobody told that, or its URI. */
export function objectName(server: string, id: string): string {
  return `${server} ${id}`;
}

export class CallObjects {
  private readonly targets = words();
  private readonly numbers = new Map<Pointer | Remoted, number>();
  private names: (string | null)[] = [];

  /** Notes where the next call goes, behind `table.add(call)`. */
  add(call: Call, table: ObjectTable): void {
    const target = table.pointerOf(call) ?? table.remoting.calledBy(call);
    if (target === null) {
      this.targets.push(0);
      return;
    }
    let number = this.numbers.get(target);
    if (number === undefined) {
      number = this.numbers.size + 1;
      this.numbers.set(target, number);
    }
    this.targets.push(number);
  }

  /** The capture is over: only now it is known which pointers are of one object. */
  end(): void {
    this.names = [null, ...Array.from(this.numbers.keys(), nameOf)];
    this.numbers.clear();
  }

  /** The object that a call goes to; null for none. */
  of(call: number): string | null {
    return this.names[this.targets.get(call - 1)] ?? null;
  }
}

function nameOf(target: Pointer | Remoted): string | null {
  if (!('uri' in target)) {
    const { object } = target;
    if (object === null) return null;
    const [{ ipid }] = object.pointers;
    return objectName(object.server, object.oid ?? ipid);
  }
  const { server, uri } = target.leaseOf ?? target;
  const com = (target.leaseOf ?? target).com;
  return com === null ? objectName(server, uri) : nameOf(com);
}
