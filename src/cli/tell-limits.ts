/** Limits that PDUs and calls met: lists, counts and reports would not show them. */
import type { Note } from '../core/node.js';
import type { Job } from './run.js';

/** Takes the notes of one capture and says each limit among them once on standard error. */
export function limitTeller(file: string, job: Pick<Job, 'note'>): (notes: readonly Note[]) => void {
  const told = new Set<string>();
  return (notes) => {
    for (const note of notes) {
      if (note.code !== 'limit' || told.has(note.message)) continue;
      told.add(note.message);
      job.note(file, note);
    }
  };
}
