/** Calls over time, how long they took, and how they ended. */
import { useMemo } from 'preact/hooks';
import { span } from '../parts/words.js';
import { Chart, type Series } from './chart.js';
import type { Statistics } from './engine.js';

/** Interfaces that a picture has room for. */
const MOST_INTERFACES = 12;

export function Pictures({ of }: { readonly of: Statistics }) {
  const pictures = useMemo(() => [overTime(of), byDuration(of), byOutcome(of)], [of]);
  return (
    <div class="pictures">
      {pictures.map((picture) => (
        <Chart key={picture.title} {...picture} />
      ))}
    </div>
  );
}

function overTime({ timeline: { starts, calls, failed } }: Statistics) {
  const most = Math.max(0, ...calls);
  const busiest = calls.indexOf(most);
  const width = starts.length > 1 ? starts[1] - starts[0] : 0;
  const says =
    starts.length === 0
      ? 'no call'
      : `calls from ${starts[0].toFixed(3)} s to ${(starts[starts.length - 1] + width).toFixed(3)} s; the most, ${most}, at ${starts[busiest].toFixed(3)} s`;
  const series: Series[] = [
    { label: 'calls', color: '--accent', counts: calls },
    { label: 'failed', color: '--bad', counts: failed },
  ];
  // as many digits as tell columns apart
  const digits = width > 0 ? Math.min(6, Math.max(0, Math.ceil(-Math.log10(width)))) : 3;
  return { title: 'Calls over time', says, series, names: starts.map((s) => `${s.toFixed(digits)} s`) };
}

function byDuration({ operations, range: { min, max } }: Statistics) {
  const columns = operations[0]?.picture.length ?? 0;
  const counts = Array.from({ length: columns }, (_, at) => operations.reduce((sum, o) => sum + o.picture[at], 0));
  const isKnown = min !== null && max !== null;
  const edge = (at: number): number =>
    isKnown ? Math.max(min, 1e-6) * (max / Math.max(min, 1e-6)) ** (at / columns) : 0;
  const names = isKnown ? counts.map((_, at) => span(edge(at))) : [];
  const most = counts.indexOf(Math.max(0, ...counts));
  const says = isKnown
    ? `from ${span(min)} to ${span(max)}; the most, ${counts[most]}, from ${span(edge(most))} to ${span(edge(most + 1))}`
    : 'no call with its answer';
  return { title: 'How long calls took', says, series: [{ label: 'calls', color: '--accent', counts }], names };
}

function byOutcome({ interfaces }: Statistics) {
  const shown = interfaces.slice(0, MOST_INTERFACES);
  const says = shown
    .map((i) => `${i.interface ?? 'unknown'} ${i.calls}${i.failed > 0 ? `, ${i.failed} failed` : ''}`)
    .join('; ');
  // each series stands on the next one
  const series: Series[] = [
    { label: 'calls', color: '--accent', counts: shown.map(({ calls }) => calls) },
    { label: 'without an answer', color: '--dim', counts: shown.map((i) => i.unanswered + i.failed) },
    { label: 'failed', color: '--bad', counts: shown.map(({ failed }) => failed) },
    { label: 'faults', color: '--activation', counts: shown.map(({ faults }) => faults) },
  ];
  const names = shown.map((row) => short(row.interface ?? 'unknown'));
  return { title: 'Calls by interface', says, series, names, hasAllNames: true };
}

/** A name that fits below a column. */
function short(name: string): string {
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}
