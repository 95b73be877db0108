// `node --require` this: a thread that a program starts dies behind its DIES_AFTER-th message, the first or (DIES=all) each.
const threads = require('node:worker_threads');

const { Worker } = threads;
let dies = threads.isMainThread;

threads.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    if (!dies) return;
    dies = process.env.DIES === 'all';
    let left = Number(process.env.DIES_AFTER);
    if (left === 0) this.terminate();
    this.on('message', () => {
      if (--left === 0) this.terminate();
    });
  }
};
