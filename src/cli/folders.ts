/** Folders of captures. */
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { UnreadableInput, whyNoCapture } from '../capture/open.js';
import { reasonOf } from '../core/user-error.js';

/**
 * The captures that paths stand for: files as they are, folders searched downwards for files with a capture's
 * magic (compressed ones are looked into), in the order of their names. `-` stays.
 * @param onOther called with files in folders whose names end as a capture's and that are none, and with folders in
 *   them that cannot be read
 * @throws UnreadableInput where a folder cannot be read or holds no capture
 */
export async function expandInputs(
  paths: readonly string[],
  onOther: (path: string, reason: string) => void = () => {},
): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (path === '-' || statOf(path)?.isDirectory() !== true) {
      found.push(path);
      continue;
    }
    const before = found.length;
    await searchFolder(path, found, onOther);
    if (found.length === before)
      throw new UnreadableInput(path, 'the folder holds no capture (pcap or pcapng, also .gz or .zst)', null);
  }
  return found;
}

/** Names that say of a file that it is a capture. */
const ENDING = /\.(pcap|pcapng|cap|dmp)(\.(gz|zst))?$/i;

async function searchFolder(
  root: string,
  found: string[],
  onOther: (path: string, reason: string) => void,
): Promise<void> {
  const todo = [root];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    const entries = listFolder(folder, root, onOther);
    // Folders come after the files beside them; the last pushed is searched first.
    const inside: string[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) inside.push(path);
      else if (entry.isFile() || isLinkedFile(entry, path)) {
        const other = await whyNoCapture(path);
        if (other === null) found.push(path);
        else if (isMisread(entry, path)) onOther(path, 'its name is no UTF-8, and so it cannot be opened; rename it');
        else if (ENDING.test(entry.name)) onOther(path, other);
      }
    }
    todo.push(...inside.reverse());
  }
}

function listFolder(folder: string, root: string, onOther: (path: string, reason: string) => void): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (e) {
    if (folder === root) throw new UnreadableInput(folder, reasonOf(e), null);
    onOther(folder, reasonOf(e));
    return [];
  }
}

/** Whether a name has bytes that are no text: what Node makes of it leads nowhere. */
function isMisread({ name }: Dirent, path: string): boolean {
  return name.includes('\ufffd') && statOf(path) === undefined;
}

/** Links to files are followed, links to folders are not: they may lead in circles. */
function isLinkedFile(entry: Dirent, path: string): boolean {
  return entry.isSymbolicLink() && statOf(path)?.isFile() === true;
}

/** What a path leads to; undefined where that cannot be told. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
