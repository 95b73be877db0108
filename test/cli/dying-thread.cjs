// `node --require` this: the first thread that a program starts dies behind its DIES_AFTER-th message.
const threads = require('node:worker_threads');

const { Worker } = threads;
let left = Number(process.env.DIES_AFTER);
let isFirst = threads.isMainThread;

threads.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    if (!isFirst) return;
    isFirst = false;
    if (left === 0) this.terminate();
    this.on('message', () => {
      if (--left === 0) this.terminate();
    });
  }
};
