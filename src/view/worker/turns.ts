/** Who reads the capture when: what somebody waits for goes first, what will be wanted at some time gives way to it. */

/** Milliseconds behind a question in which there may be another: to scroll is to ask for rows all the time. */
const LATELY = 150;
/** Milliseconds that the machine is left to somebody who goes on asking, each time. */
const PAUSE = 1000;

/** When the page asked last. */
let asked = Number.NEGATIVE_INFINITY;

/** Notes that the page asks something. */
export function noteQuestion(): void {
  asked = performance.now();
}

export class Turns {
  private waitedFor = 0;
  private readonly behind: (() => void)[] = [];

  /** Runs what somebody waits for. */
  async first<T>(run: () => Promise<T>): Promise<T> {
    this.waitedFor++;
    try {
      return await run();
    } finally {
      if (--this.waitedFor === 0) for (const go of this.behind.splice(0)) go();
    }
  }

  /**
   * Resolves when messages to the worker were heard, and nothing that somebody waits for is running; a little later
   * while the page asks one thing after another.
   */
  async turn(): Promise<void> {
    await heard();
    const began = performance.now();
    for (let now = began; now - asked < LATELY && now - began < PAUSE; now = performance.now())
      await new Promise((go) => setTimeout(go, LATELY));
    while (this.waitedFor > 0) await new Promise<void>((go) => this.behind.push(go));
  }
}

/** Resolves behind the messages that have come: a promise alone would be settled in front of them. */
export function heard(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const hear = (): void => {
      port1.close();
      resolve();
    };
    port1.addEventListener('message', hear, { once: true });
    port1.start();
    port2.postMessage(null);
  });
}
