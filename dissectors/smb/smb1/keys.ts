/** Keys of the state for SMB 1: trees, users and files belong to the connection, answers to a process and a number. */

export const sessionKey1 = (user: number): string => `1:${user}`;
export const treeKey1 = (tree: number): string => `1:${tree}`;
export const pipeKey1 = (file: number): string => `1:${file}`;
export const requestKey1 = (process: number, multiplex: number): string => `1:${process}:${multiplex}`;
