/** Which library the element type of an array is of, where the array itself may leave that to its elements. */
import { elementName } from '../format/types.js';
import type { ValueObject } from '../graph/values.js';
import type { ValueGraph } from './value-graph.js';

/** The libraries of the arrays of one document. */
export class ArrayLibraries {
  private readonly known = new Map<ValueObject, string | null>();

  constructor(private readonly document: ValueGraph) {}

  /**
   * The library of an array's element type, null for the system library: as the array says, or as its elements do.
   * Elements of derived types say it too where all are of one library.
   */
  libraryOf(array: ValueObject): string | null {
    const known = this.known.get(array);
    if (known !== undefined) return known;
    let found: string | null | undefined;
    const all = new Set<string | null>();
    // An array of arrays: the first inner one that says it.
    for (let at: ValueObject | undefined = array; at !== undefined && found === undefined; ) {
      if (at.assembly !== undefined) {
        found = at.assembly;
        break;
      }
      const of = elementName(at.type ?? '');
      let inner: ValueObject | undefined;
      for (const element of at.elements ?? []) {
        const value = this.document.resolve(element);
        if (value?.members !== undefined) all.add(value.assembly ?? null);
        if (value?.members !== undefined && value.type === of) found ??= value.assembly ?? null;
        if (value?.elements !== undefined && value.type === of) inner ??= value;
      }
      at = inner;
    }
    if (found === undefined && all.size === 1) found = [...all][0];
    if (found === undefined) {
      if (!array.type?.startsWith('System.'))
        this.document.refuse(
          array,
          '.assembly',
          `the library of ${array.type} is wanted (null for the system library)`,
        );
      found = null;
    }
    this.known.set(array, found);
    return found;
  }
}
