/** Keys of the state for SMB 2: files and trees belong to a session. */

export const treeKey2 = (session: string, tree: number): string => `${session}:${tree}`;
export const pipeKey2 = (session: string, file: string): string => `${session}:${file}`;
