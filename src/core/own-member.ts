/** Members of objects whose names come from elsewhere. */

/**
 * Makes `name` a member that can be assigned like any other: `__proto__` is the prototype, and what is assigned to it is
 * lost.
 */
export function ownMember(object: object, name: string): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value: null, enumerable: true, configurable: true, writable: true });
}
