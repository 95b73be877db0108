/** What a PDU says where it carries no NRBF: its decoded parameters, as a tree. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { type ParamJson, safe } from '../../index.js';
import { engine, place } from '../state.js';
import { ObjectTree } from './object-tree.js';
import { ValueForest } from './value-forest.js';

export function Parameters({ pdu }: { readonly pdu: number }) {
  const parameters = useSignal<ParamJson | undefined>(undefined);
  useEffect(() => {
    parameters.value = undefined;
    void engine.parameters(pdu).then((found) => {
      if (place.value.pdu === pdu) parameters.value = found;
    });
  }, [pdu]);
  const { value } = parameters;
  const forest = useMemo(() => new ValueForest(value ?? null), [value]);
  if (value === undefined) return null;
  return (
    <div class="object">
      <p class="none">
        No NRBF in this PDU{value === null ? ', and no decoded parameters.' : ': these are its decoded parameters.'}
      </p>
      {value !== null && (
        <ObjectTree
          forest={forest}
          draw={({ spot: { label, value: inner } }) => (
            <>
              <span class="name">{safe(label)}</span>{' '}
              <span class={typeof inner === 'string' ? 'text' : 'scalar'}>{safe(textOf(inner))}</span>
            </>
          )}
        />
      )}
    </div>
  );
}

/** Characters of a value that are drawn. */
const MOST = 2000;

function textOf(value: ParamJson): string {
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'element' : 'elements'}`;
  if (typeof value !== 'object' || value === null) {
    const text = JSON.stringify(value);
    return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  }
  return Object.keys(value).length === 0 ? 'empty' : '';
}
