/** What is sealed of a capture, and why it stays so. */
import type { Call, Pdu } from '../../index.js';

/** What became of calls that were sealed. */
export interface Sealed {
  readonly calls: number;
  readonly opened: number;
  /** Half sentences, as `no secrets were given`. */
  readonly why: readonly string[];
}

type Info = NonNullable<Pdu['security']>['context']['info'];

/** Security contexts that are looked at. */
const MOST = 10_000;

export class Sealing {
  private calls = 0;
  private opened = 0;
  private readonly infos = new Set<Info>();

  /** Sees the tokens of a PDU. */
  see({ security }: Pdu): void {
    if (security !== null && this.infos.size < MOST) this.infos.add(security.context.info);
  }

  /** Counts a call. */
  count({ auth }: Call): void {
    if (auth.decrypted === null) return;
    this.calls++;
    if (auth.decrypted) this.opened++;
  }

  get sum(): Sealed {
    const { calls, opened } = this;
    const why = [...this.infos].map(({ noKey }) => noKey).filter((one) => one !== null);
    return { calls, opened, why: calls === opened ? [] : [...new Set(why)] };
  }
}
