/** A call as a line of code, in the colour of what its interface is about. */
import type { Says } from '../worker/says.js';

export function SaysLine({ says }: { readonly says: Says }) {
  const { family, name, method, arguments: args, result, problem, warning } = says;
  const dot = name.lastIndexOf('.');
  const told = `${method === null ? '' : ` ${method}`}(${args})${result === null ? '' : ` → ${result}`}`;
  return (
    <code class="says">
      <b class={`family-${family}`}>{name.slice(0, dot)}</b>
      {name.slice(dot) + told}
      {problem !== null && <span class="problem"> ✗ {problem}</span>}
      {warning !== null && <span class="warning"> ⚠ {warning}</span>}
    </code>
  );
}
