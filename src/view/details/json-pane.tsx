/** What `read -T json --full` prints of the PDU, on several lines. */
import { useMemo } from 'preact/hooks';
import type { PduJson } from '../../index.js';
import { useLines } from '../parts/lines.js';
import './json-pane.css';

/** Characters of a line; longer ones go on in the next. */
const MOST = 1000;

export function JsonPane({ json }: { readonly json: PduJson }) {
  const text = useMemo(() => linesOf(JSON.stringify(json, null, 2)), [json]);
  const lines = useLines(text.length);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
    <div ref={lines.box} class="json" role="region" aria-label="JSON" tabIndex={0}>
      <div ref={lines.all} style={{ height: `${lines.height}px` }}>
        <div style={{ transform: `translateY(${lines.shift}px)` }}>
          {text.slice(lines.from, lines.to).map((line, i) => (
            <div key={lines.from + i} data-line={lines.from + i} class="row">
              {line}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const parts: string[] = [];
    for (let at = 0; at === 0 || at < line.length; at += MOST) parts.push(line.slice(at, at + MOST));
    return parts;
  });
}
