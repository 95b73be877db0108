/** What a pointer points to. */
import type { NdrType, PointerType } from './types.js';

/** Types that hold themselves name what they point to by a function. */
export function pointee({ to }: PointerType): NdrType {
  return typeof to === 'function' ? to() : to;
}
