/**
 * What a PDU carries as objects: what it means on top, then its graph as objects, arrays and references that jump. The
 * raw records are in the tree of the PDU: an element that is chosen is chosen there too.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { safe } from '../../index.js';
import { asArray, asObject, describeItem, isRecord } from '../../nrbf.js';
import { nodesOn } from '../details/nodes.js';
import { go } from '../state.js';
import type { PduDetail } from '../worker/details.js';
import type { Spot } from './graph.js';
import type { Said } from './meaning.js';
import './object.css';
import { ObjectTree } from './object-tree.js';
import { Parameters } from './parameters.js';
import type { Row } from './rows.js';
import { type HeldStream, streamsOf } from './streams.js';

/** Characters of a value. */
const VALUE = 300;
/** Characters of what a reference leads to. */
const REFERENCE = 60;

/** The tab "Object" of a PDU. */
export function ObjectPane({ detail }: { readonly detail: PduDetail }) {
  const streams = useMemo(() => streamsOf(detail), [detail]);
  const which = useSignal(0);
  useEffect(() => {
    which.value = 0;
  }, [detail]);
  const held = streams[which.value] ?? streams[0];
  if (held === undefined) return <Parameters pdu={detail.pdu} />;
  const choose = (row: Row<Spot>): void => {
    const { node, source, start, end } = held.placeOf(row);
    const { offset, length } = nodesOn(detail.json.tree, node).at(-1) ?? {};
    const isNode = offset === start && length === end - start;
    go({ node, bytes: isNode ? null : `${source}:${start}-${end}` }, true);
  };
  return (
    <div class="object">
      {streams.length > 1 && (
        <label class="stream">
          Stream{' '}
          <select value={which.value} onChange={({ currentTarget }) => (which.value = Number(currentTarget.value))}>
            {streams.map(({ stream, said }, i) => (
              <option key={i} value={i}>
                {`${i + 1} of ${streams.length}, ${stream.length} bytes: ${safe(said[0]?.text.slice(0, REFERENCE) ?? 'empty')}`}
              </option>
            ))}
          </select>
        </label>
      )}
      <Meaning said={held.said} />
      <ObjectTree
        key={`${detail.pdu}.${which.value}`}
        forest={held.graph}
        draw={(row, jump) => <Value held={held} row={row} jump={jump} />}
        choose={choose}
      />
    </div>
  );
}

function Meaning({ said }: { readonly said: readonly Said[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, for those who have no mouse as well
    <section class="meaning" aria-label="Meaning" tabIndex={0}>
      {said.map(({ text, facts }, i) => (
        <div key={i}>
          <p>{safe(text)}</p>
          {facts.length > 0 && (
            <dl>
              {facts.map(([name, values]) => (
                <div key={name} class={isWide(values) ? 'wide' : undefined}>
                  <dt>{name}</dt>
                  {values.map((value, at) => (
                    <dd key={at}>{safe(value)}</dd>
                  ))}
                </div>
              ))}
            </dl>
          )}
        </div>
      ))}
    </section>
  );
}

/** Whether a fact wants a line of its own. */
function isWide(values: readonly string[]): boolean {
  return values.length > 1 || values[0].length > 30;
}

interface ValueProps {
  readonly held: HeldStream;
  readonly row: Row<Spot>;
  jump(): void;
}

function Value({ held: { stream, graph }, row, jump }: ValueProps) {
  const { spot, to, stands } = row;
  const { label, item } = spot;
  const name = <span class="name">{safe(label)}</span>;
  const id = (asObject(item) ?? asArray(item))?.id ?? 0;
  if (to !== null && !stands)
    return (
      <>
        {name}{' '}
        <button
          type="button"
          class="jump"
          tabIndex={-1}
          onClick={(e) => {
            // it is chosen where it leads to
            e.stopPropagation();
            jump();
          }}
        >
          → #{id}
        </button>{' '}
        <span class="aside">{safe(describeItem(stream, item, 0, REFERENCE))}</span>
      </>
    );
  const left = to === null ? 0 : graph.leftOut(to);
  return (
    <>
      {name} <span class={kindOf(item)}>{safe(textOf(row, stream))}</span>
      {id !== 0 && <span class="aside"> #{id}</span>}
      {left > 0 && <span class="aside"> {left} more elements are not shown</span>}
    </>
  );
}

function textOf({ spot: { item, primitive } }: Row<Spot>, stream: HeldStream['stream']): string {
  if (isRecord(item) && item.type === 9) return `→ #${item.id}, which is not in the stream`;
  // CrossAppDomain records: MS-NRBF 2.5.4 to 2.5.6 do not describe them, .NET writes them between domains
  if (isRecord(item) && item.type >= 18) return 'what only the process that wrote it has';
  return describeItem(stream, item, primitive, VALUE);
}

/** How a value is coloured. */
function kindOf(item: Spot['item']): string | undefined {
  if (item === null) return 'aside';
  if (typeof item === 'string' || (isRecord(item) && item.type === 6)) return 'text';
  return isRecord(item) && item.type !== 8 ? undefined : 'scalar';
}
