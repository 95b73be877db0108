/** How many bytes addresses had when they were last asked: nobody is asked for that alone. */

const SIZES = new Map<string, number>();

/** @param size null where the server does not tell */
export function learnSize(address: string, size: number | null): void {
  if (size !== null) SIZES.set(address, size);
}

/** 0 where that is not known. */
export function sizeOfUrl(address: string): number {
  return SIZES.get(address) ?? 0;
}
