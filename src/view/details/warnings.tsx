/** What is odd about a PDU, above its tree; what is about a byte leads there. */
import { go } from '../state.js';
import type { PduDetail } from '../worker/details.js';
import { nodeAround } from '../worker/node-around.js';

export function Warnings({ detail: { json, warned } }: { readonly detail: PduDetail }) {
  if (json.warnings.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
    <ul class="warnings" aria-label="Warnings" tabIndex={0}>
      {json.warnings.map(({ code, message, offset }, i) => {
        const source = warned[i];
        const path = offset === null || source < 0 ? null : nodeAround(json.tree, source, offset, offset + 1);
        const text = `⚠ ${code}: ${message}`;
        return (
          <li key={i}>
            {path === null ? (
              text
            ) : (
              <button type="button" class="link" onClick={() => go({ node: path }, true)}>
                {text}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
