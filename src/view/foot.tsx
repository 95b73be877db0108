/** What matters of the whole capture, and what cannot be seen and why. */
import { summary } from './state.js';

export function Foot() {
  const now = summary.value;
  if (now === null) return <footer class="foot">nothing leaves this page</footer>;
  const { pdus, calls, failed, isOver, read, total, seconds, problem } = now;
  return (
    <footer class="foot">
      {!isOver && <progress aria-label="Reading" max={total || 1} value={read} />}
      <span>
        <b>{pdus}</b> PDUs
      </span>
      <span>
        <b>{calls}</b> calls, <b>{failed}</b> failed
      </span>
      {problem !== null && <span class="problem">{problem}</span>}
      <span class="end">{isOver ? `read in ${seconds.toFixed(2)} s` : 'reading'} · nothing leaves this page</span>
    </footer>
  );
}
