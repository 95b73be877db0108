/**
 * Which way a client took with an object that came in through COM (MS-IOI 1.3): asked for IManagedObject, for the
 * identity, and, where that was not its own, for the serialized form that a remoting proxy is made from.
 */
import type { CallFrames, ComObject, Step } from './model.js';
import type { RemotingReport } from './remoting-report.js';

/**
 * How far a client went. `not-managed`: no IManagedObject, so a COM object behind a runtime callable wrapper;
 * `supported`: it has IManagedObject; `identity`: which CLR and domain it is of; `serialized`, `proxy`, `copy`: its
 * serialized form, and what becomes of that.
 */
export type WayName = 'not-managed' | 'supported' | 'identity' | 'serialized' | 'proxy' | 'copy' | 'failed' | 'unknown';

export interface Way {
  readonly client: string;
  readonly way: WayName;
  /** Whether the object is of the client's own CLR and domain, as far as the traffic tells. */
  readonly division: 'same' | 'other' | null;
  /** Calls to what its serialized form leads to; null without any. */
  readonly remoting: { readonly calls: number; readonly first: CallFrames; readonly last: CallFrames } | null;
  readonly steps: { readonly step: Step['step']; readonly outcome: Step['outcome']; readonly frames: CallFrames }[];
  /** The way in words. */
  readonly text: string;
}

/**
 * The way of each client that asked an object anything about being managed.
 * @param proxies what its serialized form leads to
 */
export function waysOf(object: ComObject, proxies: readonly RemotingReport[]): Way[] {
  const clients = new Map<string, Step[]>();
  for (const step of object.steps) {
    const steps = clients.get(step.client);
    if (steps === undefined) clients.set(step.client, [step]);
    else steps.push(step);
  }
  return [...clients].map(([client, steps]) => {
    const way = nameOf(object, steps);
    const asked = steps.some((s) => s.step === 'identity' && s.outcome === 'answered');
    const fetched = steps.some((s) => s.step === 'serialize');
    const elsewhere = client !== object.server;
    const division = way === 'not-managed' ? null : fetched || elsewhere ? 'other' : asked ? 'same' : null;
    const remoting = callsOf(client, proxies);
    return {
      client,
      way,
      division,
      remoting,
      steps: steps.map(({ step, outcome, seen }) => ({ step, outcome, frames: seen })),
      text: wayText(way, steps, division, elsewhere) + calledText(remoting),
    };
  });
}

/** Calls that a client made to what an object's serialized form leads to. */
function callsOf(client: string, proxies: readonly RemotingReport[]): Way['remoting'] {
  const callers = proxies.flatMap(({ callers }) => callers.filter(({ address }) => address === client));
  if (callers.length === 0) return null;
  const [{ first }] = callers;
  return { calls: callers.reduce((sum, c) => sum + c.calls, 0), first, last: callers[callers.length - 1].last };
}

function calledText(remoting: Way['remoting']): string {
  if (remoting === null) return '';
  const { calls, first } = remoting;
  return `, called through remoting in ${first.request}, ${calls} call${calls === 1 ? '' : 's'}`;
}

function nameOf(object: ComObject, steps: readonly Step[]): WayName {
  const has = (step: Step['step'], outcome: Step['outcome']): boolean =>
    steps.some((s) => s.step === step && s.outcome === outcome);
  if (has('serialize', 'answered')) {
    const frames = new Set(steps.filter((s) => s.step === 'serialize').map((s) => s.seen.request));
    const forms = object.serialized.filter((s) => s.seen.some((at) => frames.has(at.request))).map((s) => s.form);
    if (forms.includes('ObjRef')) return 'proxy';
    return forms.includes('value') ? 'copy' : 'serialized';
  }
  if (has('serialize', 'unknown')) return 'serialized';
  if (has('identity', 'answered') || has('identity', 'unknown')) return 'identity';
  if (has('query', 'granted')) return 'supported';
  if (has('query', 'refused')) return 'not-managed';
  return steps.some((s) => s.outcome === 'failed') ? 'failed' : 'unknown';
}

const STEPS: Readonly<Record<Step['step'], string>> = {
  query: 'asked for IManagedObject',
  identity: 'identity asked',
  serialize: 'serialized',
};

const ENDS: Readonly<Record<WayName, string>> = {
  'not-managed': 'not managed: a COM object',
  supported: 'managed, identity not asked',
  identity: '',
  serialized: 'another division, content not readable',
  proxy: 'another division, proxy made',
  copy: 'another division, copied by value',
  failed: 'no answer to go on with',
  unknown: 'the answer was not seen',
};

/** `identity asked in 27, serialized in 29 → another division, proxy made` */
function wayText(way: WayName, steps: readonly Step[], division: Way['division'], elsewhere: boolean): string {
  const texts: string[] = [];
  for (const step of ['query', 'identity', 'serialize'] as const) {
    const taken = steps.filter((s) => s.step === step);
    if (taken.length === 0) continue;
    const frames = taken
      .slice(0, 4)
      .map((s) => `${s.seen.request ?? s.seen.response}${s.outcome === 'failed' ? ' ✗' : ''}`);
    texts.push(`${STEPS[step]} in ${frames.join(', ')}${taken.length > 4 ? ` and ${taken.length - 4} more` : ''}`);
  }
  const end =
    way !== 'identity'
      ? ENDS[way]
      : division === 'same'
        ? 'its own division, as far as the traffic tells: no serialized form fetched'
        : elsewhere
          ? 'another machine, no serialized form fetched'
          : 'no serialized form fetched';
  return `${texts.join(', ')} → ${end}`;
}
