/**
 * Where a process starts that does jobs of the queue: BullMQ calls what this module exports. Node reads it first of all
 * (`--require`, in threads of the process too): a worker that was killed takes its processes with it, also those that only
 * begin. Another one does their jobs.
 */
import { isMainThread } from 'node:worker_threads';
import { load } from './start.js';

if (isMainThread) {
  process.on('disconnect', () => process.exit());
  if (!process.connected) process.exit();
  // before the end of the connection is read, writing to it fails, which BullMQ tries to write into the connection, for ever
  process.on('uncaughtException', (e: NodeJS.ErrnoException) => {
    if (e.code === 'EPIPE' || e.code === 'ERR_IPC_CHANNEL_CLOSED') process.exit();
  });
}

export default isMainThread ? load().queued : null;
