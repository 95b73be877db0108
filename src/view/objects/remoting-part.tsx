/** An object that .NET remoting reaches: who received an ObjRef to it, who called, and how long it lives. */
import type { RemotingReport } from '../../index.js';
import { hostText } from '../parts/hosts.js';
import { AllFrames, Fact, FramesLink, Some } from '../parts/pane.js';
import { many } from '../parts/words.js';

type Lease = NonNullable<RemotingReport['lease']>;

export function RemotingPart({ of: o, title }: { readonly of: RemotingReport; readonly title: string }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        <Fact title="URI">{o.uri}</Fact>
        <Fact title="Host">{hostText(o.server)}</Fact>
        <Fact title="Type">{o.type}</Fact>
        <Fact title="Known as">{o.origin ?? 'its ObjRef was not seen'}</Fact>
        <Fact title="Channels">{o.channels.join(', ')}</Fact>
        <Fact title="Called at">{o.endpoints.join(', ')}</Fact>
        {o.receipts.map(({ from, to, operation, count, frames }, at) => (
          <Fact key={at} title="ObjRef">
            from {from} to {to} by {operation} {count > 1 && `${count} times `}
            <AllFrames of={frames} />
          </Fact>
        ))}
        {o.callers.length === 0 && (
          <Fact title="Callers">
            <span class="warning">never called through remoting</span>
          </Fact>
        )}
        {o.callers.map((caller) => (
          <Fact key={caller.address} title="Caller">
            <Caller of={caller} />
          </Fact>
        ))}
      </dl>
      {o.lease !== null && <LeasePart lease={o.lease} />}
    </section>
  );
}

function Caller({ of: c }: { readonly of: RemotingReport['callers'][number] }) {
  return (
    <>
      {hostText(c.address)}: {many(c.calls, 'call')}
      {c.failed > 0 && <span class="problem">, {c.failed} failed</span>}
      {c.unanswered > 0 && <span class="warning">, {c.unanswered} without an answer</span>}
      {c.received === false && <span class="warning">, without having received its ObjRef</span>}:{' '}
      <Some
        of={Object.entries(c.operations)}
        most={6}
        between=", "
        item={([name, n]) => (n === 1 ? name : `${name} (${n})`)}
      />{' '}
      <small>
        in <FramesLink frames={c.first} /> to <FramesLink frames={c.last} />
      </small>
    </>
  );
}

function LeasePart({ lease: { uris, calls, initial, state, left, renewals, sponsors } }: { readonly lease: Lease }) {
  return (
    <>
      <h3>Lease</h3>
      <dl>
        <Fact title="URIs">{uris.join(', ')}</Fact>
        <Fact title="At first">{initial !== null && time(initial)}</Fact>
        <Fact title="State">{state}</Fact>
        <Fact title="Left">
          {left && (
            <>
              {time(left.seconds)} in <FramesLink frames={left} />
            </>
          )}
        </Fact>
        <Fact title="Calls">{calls > 0 && String(calls)}</Fact>
        {renewals.map((r, at) => (
          <Fact key={at} title="Renewed">
            by {hostText(r.client)} for {time(r.seconds)} in <FramesLink frames={r} />
          </Fact>
        ))}
        {sponsors.map((s, at) => (
          <Fact key={at} title="Sponsor">
            {s.uri} at {hostText(s.server)}
            {s.registered !== null && (
              <>
                {' '}
                from <FramesLink frames={s.registered} /> on
              </>
            )}
            {s.unregistered !== null && (
              <>
                , no longer from <FramesLink frames={s.unregistered} /> on
              </>
            )}
            {s.renewals.map((r, place) => (
              <div key={place}>
                asked, renews for {time(r.seconds)} in <FramesLink frames={r} />
              </div>
            ))}
          </Fact>
        ))}
      </dl>
    </>
  );
}

/** Lease times as people set them: `5 min`. */
function time(seconds: number | null): string {
  if (seconds === null) return 'a time that is not known';
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} min` : `${Number(seconds.toFixed(3))} s`;
}
