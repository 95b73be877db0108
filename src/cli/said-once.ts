/** What is said once of several captures out of which a command picks what was asked for: most of them have none of it. */
import { Silence } from './capture-teller.js';
import type { Job } from './job.js';

/** What is said of those captures of which it is true, behind how many these are; of what tells nothing more, nothing. */
const SAYS: Readonly<Record<Silence, (captures: string, job: Pick<Job, 'secrets'>) => string | null>> = {
  [Silence.unmatched]: () => null,
  [Silence.noPackets]: (captures) => `no packets are in ${captures}`,
  [Silence.noPdus]: (captures) => `no DCE/RPC begins in ${captures}; --port N takes all of a port for DCE/RPC`,
  [Silence.noCalls]: (captures) => `no calls are in ${captures}; clrscope read shows what else is there`,
  [Silence.passedOver]: (captures) =>
    `messages of SMB about files are in ${captures}: passed over, for pipes alone are looked into`,
  [Silence.sealed]: (captures, { secrets }) =>
    secrets === null
      ? `calls are sealed in ${captures}, and no secrets were given: --secrets FILE opens what is sealed`
      : `calls are sealed in ${captures}, and the secrets that were given do not open them`,
};

/** Counts the captures of which something is said. */
export class SaidOnce {
  private readonly captures = new Map<Silence, Set<string>>();

  /** Takes what would be said of a capture; false where that is said of it alone. */
  take(capture: string, code: string): boolean {
    if (!isSilence(code)) return false;
    const captures = this.captures.get(code) ?? new Set();
    this.captures.set(code, captures.add(capture));
    return true;
  }

  /**
   * What is said when all are read.
   * @param captures how many there were
   * @param unread how many of them could not be read
   */
  *all(captures: number, unread: number, job: Pick<Job, 'secrets'>): Generator<string> {
    const silent = new Set([...this.captures.values()].flatMap((names) => [...names]));
    if (silent.size > 0 && silent.size + unread === captures)
      yield `${captures} captures were looked at, and in none of them is what was asked for`;
    for (const [code, names] of this.captures) {
      const text = SAYS[code](`${names.size} of ${captures} captures`, job);
      if (text !== null) yield text;
    }
  }
}

function isSilence(code: string): code is Silence {
  return Object.hasOwn(SAYS, code);
}
