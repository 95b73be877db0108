/** The interface pointers of an object: calls, references, and who holds them. */
import type { PointerReport } from '../../index.js';
import { hostText } from '../parts/hosts.js';
import { Fact, FilterLink, FramesLink, Some } from '../parts/pane.js';
import { many } from '../parts/words.js';

export function Pointers({ of }: { readonly of: readonly PointerReport[] }) {
  if (of.length === 0) return null;
  return (
    <section>
      <h3>Interfaces</h3>
      <Some of={of} most={20} item={(pointer) => <Pointer of={pointer} />} />
    </section>
  );
}

function Pointer({ of: p }: { readonly of: PointerReport }) {
  const names = Object.entries(p.operations);
  const { handedOut, added, released, privateAdded, privateReleased } = p.references;
  const references = [
    `${handedOut} handed out`,
    ...told(added, 'added'),
    ...told(released, 'released'),
    ...told(privateAdded, 'added privately'),
    ...told(privateReleased, 'released privately'),
  ];
  return (
    <details class="pointer">
      <summary>
        <b>{p.interface ?? 'interface unknown'}</b> {p.calls === 0 ? 'no calls' : many(p.calls, 'call')}
        {p.failed > 0 && <span class="problem">, {p.failed} failed</span>}
        {p.unanswered > 0 && <span class="warning">, {p.unanswered} without an answer</span>}
      </summary>
      <dl>
        <Fact title="IPID">
          <FilterLink text={`dcom.ipid == ${p.ipid}`} view="calls">
            {p.ipid}
          </FilterLink>
        </Fact>
        <Fact title="IID">{p.iid}</Fact>
        <Fact title="Operations">
          {names.length > 0 && (
            <Some of={names} most={6} between=", " item={([name, n]) => (n === 1 ? name : `${name} (${n})`)} />
          )}
        </Fact>
        <Fact title="First seen">
          <FramesLink frames={p.first} />
        </Fact>
        <Fact title="References">{references.join(', ')}</Fact>
        <Fact title="Held">
          {p.holders.length > 0 && (
            <Some of={p.holders} most={6} between=", " item={(h) => `${hostText(h.address)} holds ${h.references}`} />
          )}
        </Fact>
        <Fact title={p.released === null ? 'Last release' : 'Released'}>
          {p.lastRelease && <FramesLink frames={p.lastRelease} />}
        </Fact>
      </dl>
    </details>
  );
}

function told(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}
