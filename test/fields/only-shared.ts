/** Fields of which neither samples nor made captures have a sight, only captures of `../shared`. */
export const ONLY_SHARED: ReadonlySet<string> = new Set([]);
