/** The tree "Details": what the bytes of a PDU mean, and what was learnt beside them. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo } from 'preact/hooks';
import { safe } from '../../index.js';
import { useCopy } from '../copy/use-copy.js';
import { useMenu } from '../parts/menu.js';
import { Tree } from '../parts/tree.js';
import { go, place } from '../state.js';
import type { PduDetail } from '../worker/details.js';
import { NodeMenu } from './node-menu.js';
import { type NodeRow, nodesOn, type PduNode, rowsOf } from './nodes.js';
import './pdu-tree.css';

/** Levels that are open by themselves. */
const OPEN = 2;
/** Characters of a value that are drawn. */
const MOST = 16_000;

const turned = new WeakMap<PduDetail, Map<PduNode, boolean>>();

/** Nodes that were opened and closed, though they are the other by themselves. */
function turnedOf(detail: PduDetail): Map<PduNode, boolean> {
  const known = turned.get(detail) ?? new Map();
  turned.set(detail, known);
  return known;
}

export function PduTree({ detail }: { readonly detail: PduDetail }) {
  const { json, sources } = detail;
  const { node: path } = place.value;
  const turned = turnedOf(detail);
  const turns = useSignal(0);
  const isOpen = (node: PduNode, level: number): boolean => turned.get(node) ?? level <= OPEN;
  const rows = useMemo(() => rowsOf(json.tree, isOpen), [detail, turns.value]);
  const turn = (nodes: readonly PduNode[], open: boolean): void => {
    for (const node of nodes) turned.set(node, open);
    turns.value++;
  };
  useLayoutEffect(() => {
    const above = nodesOn(json.tree, path).slice(0, -1);
    if (above.some((node, i) => !isOpen(node, i + 1))) turn(above, true);
  }, [detail, path]);
  const toggle = (at: number): void => {
    const { node, level } = rows[at];
    // a node that was chosen and is not seen any more leaves it to the one that hides it
    if (isOpen(node, level) && path?.startsWith(`${rows[at].path}.`)) choose(at);
    turn([node], !isOpen(node, level));
  };
  const choose = (at: number): void => go({ node: rows[at].path }, true);
  useCopy('Details', () => {
    const node = nodesOn(json.tree, path).at(-1);
    return node === undefined ? null : `${node.label} ${node.display}`;
  });
  const [openMenu, menu] = useMenu(NodeMenu);
  return (
    <>
      {menu}
      <Tree
        label="Details"
        count={rows.length}
        row={(at) => rows[at]}
        level={({ level }) => level}
        isOpen={({ node, level }) => (node.children.length === 0 ? null : isOpen(node, level))}
        draw={({ node }) => (
          <NodeLine node={node} name={node.source === undefined ? null : sources[node.source].name} />
        )}
        attributes={attributesOf}
        chosen={path === null ? -1 : rows.findIndex((row) => row.path === path)}
        choose={choose}
        toggle={toggle}
        openAll={(at) => {
          const { node } = rows[at];
          turn([node, ...rowsOf(node.children, () => true).map((row) => row.node)], true);
        }}
        menu={(at, x, y) => openMenu({ node: rows[at].node, detail, x, y })}
      />
    </>
  );
}

function attributesOf({ node, place, of }: NodeRow): Readonly<Record<string, string | number | undefined>> {
  const { name, source, offset, length, role } = node;
  return {
    'data-field': name,
    'data-source': source,
    'data-start': offset,
    'data-end': offset === undefined || length === undefined ? undefined : offset + length,
    'aria-posinset': place,
    'aria-setsize': of,
    class: source === undefined ? 'learnt' : (role ?? ''),
  };
}

function NodeLine({ node, name }: { readonly node: PduNode; readonly name: string | null }) {
  const { label, display, offset = 0, length = 0 } = node;
  // what a protocol's line tells begins with its name, as Wireshark's does
  const isNamed = display.startsWith(`${label}, `);
  return (
    <>
      <span class="said">
        {!isNamed && <span class="label">{safe(label)} </span>}
        <span class="value">{safe(display.length > MOST ? `${display.slice(0, MOST)}…` : display)}</span>
      </span>
      <span class="range">{name === null ? 'learnt' : `${name} ${offset}–${offset + length}`}</span>
    </>
  );
}
