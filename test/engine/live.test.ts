/** Packets that come as they are captured: what is over comes out, whatever waits in front of it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import { type Listeners, type PassOptions, pass } from '../../src/analysis/pass.js';
import { QUIET } from '../../src/capture/open.js';
import { capture, half, REQUEST, RESPONSE, Talk } from '../worst/talk.js';

/** Stands among packets: nothing comes for longer than an input is quiet. */
const PAUSE = 'pause';
type Script = readonly (Uint8Array | typeof PAUSE | (() => void))[];

/** The capture's bytes as a pipe gives them: the header, and each packet for itself. */
async function* piped(script: Script): AsyncGenerator<Uint8Array> {
  const packets = script.filter((s) => s instanceof Uint8Array);
  const file = capture(packets);
  let at = 24;
  yield file.subarray(0, at);
  for (const step of script) {
    if (step === PAUSE) await new Promise((resolve) => setTimeout(resolve, 3 * QUIET));
    else if (typeof step === 'function') {
      // what came before is taken once the next is asked for
      await new Promise((resolve) => setTimeout(resolve, 5));
      step();
    } else {
      const end = at + 16 + step.length;
      yield file.subarray(at, end);
      at = end;
    }
  }
}

/** What a pass tells, as words. `said` may be looked at while it runs. */
async function told(script: (said: string[]) => Script, options: PassOptions & { frames?: boolean } = {}) {
  const said: string[] = [];
  const { frames = false, ...rest } = options;
  const on: Listeners = {
    call: ({ callId, response }, number) => said.push(`call ${number} id ${callId}${response ? '' : ' unanswered'}`),
    ...(frames
      ? { frame: ({ number, pdus }) => said.push(`frame ${number}: ${pdus.length}`) }
      : { shown: ({ transport }) => said.push(`PDU of ${transport.frames.at(-1)}`) }),
  };
  await pass(piped(script(said)), protocols(), { live: true, ...rest }, on);
  return said;
}

const calls = (said: readonly string[]) => said.filter((line) => line.startsWith('call'));

/** Two connections, bound; each packet has a number. */
function two() {
  const packets: Uint8Array[] = [];
  const [slow, fast] = [new Talk(packets, 1), new Talk(packets, 2)];
  slow.bind();
  fast.bind();
  return { packets, slow, fast };
}

const one = (talk: Talk, side: 0 | 1, id: number): Uint8Array =>
  talk.cut(side, half(side, id, side === 0 ? REQUEST : RESPONSE), 1400)[0];

afterEach(() => void vi.useRealTimers());

describe('calls of a pipe', () => {
  it('go ahead of one that is not answered yet once nothing more comes, and keep their numbers', async () => {
    const { packets, slow, fast } = two();
    const waits = [...packets, one(slow, 0, 10), one(fast, 0, 20), one(fast, 1, 20)];
    let during: string[] = [];
    const said = await told((said) => [
      ...waits,
      PAUSE,
      () => {
        during = calls(said);
      },
      one(slow, 1, 10),
    ]);
    expect(during).toEqual(['call 2 id 20']);
    expect(calls(said)).toEqual(['call 2 id 20', 'call 1 id 10']);
  });

  it('stay in the order of their requests while packets come, and where nobody says that it is live', async () => {
    const { packets, slow, fast } = two();
    const script = [...packets, one(slow, 0, 10), one(fast, 0, 20), one(fast, 1, 20)];
    const answer = one(slow, 1, 10);
    const inOrder = ['call 1 id 10', 'call 2 id 20'];
    expect(calls(await told(() => [...script, answer]))).toEqual(inOrder);
    expect(calls(await told(() => [...script, PAUSE, answer], { live: false }))).toEqual(inOrder);
  });

  it('do not wait for ever where packets captured now never pause; where they are old ones, a pipe gives what a file does', async () => {
    const { packets, slow, fast } = two();
    const more = [...packets, one(slow, 0, 10)];
    for (let id = 20; id < 24; id++) more.push(one(fast, 0, id), one(fast, 1, id));
    // capture() begins here
    for (const [now, first] of [
      [1_700_000_000, 'call 2 id 20'],
      [1_800_000_000, 'call 1 id 10 unanswered'],
    ] as const) {
      vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 });
      const said = await told(() => more.flatMap((packet) => [packet, () => void vi.setSystemTime(Date.now() + 300)]));
      expect(calls(said)[0]).toBe(first);
      expect(calls(said)).toHaveLength(5);
    }
  });

  it('none is told twice or gets lost, wherever the pipe pauses', async () => {
    const { packets, slow, fast } = two();
    packets.push(
      one(slow, 0, 10),
      one(fast, 0, 20),
      one(slow, 0, 11),
      one(fast, 1, 20),
      one(slow, 1, 11),
      one(slow, 1, 10),
    );
    const whole = calls(await told(() => packets)).sort();
    for (let at = packets.length - 6; at < packets.length; at++) {
      const said = await told(() => [...packets.slice(0, at), PAUSE, ...packets.slice(at)]);
      expect(calls(said).sort()).toEqual(whole);
    }
  });
});

describe('PDUs of a pipe', () => {
  /** A response of which the first segment comes last; between, a call of another connection. */
  function displaced() {
    const { packets, slow, fast } = two();
    packets.push(one(slow, 0, 10));
    const [first, second] = slow.cut(1, half(1, 10, RESPONSE), 100);
    const rest = [one(fast, 0, 20), one(fast, 1, 20)];
    return { before: [...packets, second, ...rest], late: first, after: second };
  }

  it.each([{}, { frames: true }])('do not wait for bytes that another connection misses: %o', async (options) => {
    const { before, late } = displaced();
    let during: string[] = [];
    const said = await told(
      (said) => [
        ...before,
        PAUSE,
        () => {
          during = [...said];
        },
        late,
      ],
      options,
    );
    const n = before.length;
    const row = (frame: number) =>
      options === undefined || !('frames' in options) ? `PDU of ${frame}` : `frame ${frame}: 1`;
    expect(during).toContain(row(n));
    expect(during).toContain('call 2 id 20');
    expect(during).not.toContain('call 1 id 10');
    // the bytes came after all: nothing is lost
    expect(calls(said)).toEqual(['call 2 id 20', 'call 1 id 10']);
    expect(new Set(said).size).toBe(said.length);
  });

  it('behind bytes that their receiver has, and the capture has not, come out when nothing more comes', async () => {
    const { packets, slow, fast } = two();
    packets.push(one(slow, 0, 10));
    slow.cut(1, half(1, 10, RESPONSE), 100);
    const lost = [...packets, one(slow, 1, 11), one(slow, 0, 12), one(fast, 0, 20), one(fast, 1, 20)];
    let during: string[] = [];
    await told((said) => [
      ...lost,
      PAUSE,
      () => {
        during = [...said];
      },
    ]);
    for (let frame = packets.length + 1; frame <= lost.length; frame++) expect(during).toContain(`PDU of ${frame}`);
  });
});
