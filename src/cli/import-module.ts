/** A file of its own: the program is a script that start.ts compiles, and none of those may import modules. */

/** What a module exports. */
export const importModule = (url: string): Promise<Record<string, unknown>> => import(url);
