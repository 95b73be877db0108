/** Where a process starts that does jobs of the queue: BullMQ calls what this module exports. */
import { load } from './start.js';

const { queued } = load();
// a worker that was killed takes its processes with it: another one does their jobs
process.on('disconnect', () => process.exit());

export default queued;
