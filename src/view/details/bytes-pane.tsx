/** The bytes of a PDU: a tab for each source, and one for the capture file that all of them come from. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo } from 'preact/hooks';
import type { PduJson } from '../../index.js';
import { hexOf } from '../copy/formats.js';
import { useCopy } from '../copy/use-copy.js';
import { Tabs } from '../parts/tabs.js';
import { go } from '../state.js';
import type { PduDetail, SourceBytes } from '../worker/details.js';
import { nodeAround } from '../worker/node-around.js';
import { useFileBytes } from './file-bytes.js';
import { HexGrid } from './hex-grid.js';
import { byteOfFile, type Marks, marksOf, NO_MARKS, type Span } from './marks.js';
import type { PduNode } from './nodes.js';

interface Props {
  readonly detail: PduDetail;
  /** Nodes from the root to the one that is chosen; none where none is. */
  readonly chosen: readonly PduNode[];
}

/** Tabs of sources that there is room for; others open when a node of theirs is chosen. */
const MOST_TABS = 24;

export function BytesPane({ detail, chosen }: Props) {
  const { sources, json } = detail;
  const node = chosen.at(-1);
  const isFile = useSignal(false);
  const source = useSignal(0);
  useLayoutEffect(() => {
    source.value = node?.source ?? Math.min(source.value, json.sources.length - 1);
  }, [detail, node]);
  const marks = useMarks(sources, node);
  const around = useMarks(
    sources,
    chosen.findLast((other) => other !== node && other.source === node?.source),
  );
  const file = useFileBytes(sources, isFile.value);
  const at = sources[source.value] === undefined ? 0 : source.value;
  const { bytes } = sources[at];
  const choose = (where: { source: number; at: number } | null): void => {
    const path = where === null ? null : nodeAround(json.tree, where.source, where.at, where.at + 1);
    if (path !== null) go({ node: path }, true);
  };
  useCopy('Bytes', () => {
    const spans = isFile.value ? marks.file : (marks.sources.get(at) ?? []);
    const byteAt = isFile.value ? file.byteAt : (offset: number) => bytes[offset];
    return spans.length === 0 ? null : hexOf(bytesOf(spans, byteAt));
  });
  return (
    <section class="pane" aria-label="Bytes of the PDU">
      <div class="bar">
        <Tabs
          label="Sources"
          tabs={[...tabsOf(json.sources, at), { id: 'file', title: 'File' }]}
          chosen={isFile.value ? 'file' : String(at)}
          choose={(id) => {
            isFile.value = id === 'file';
            if (id !== 'file') source.value = Number(id);
          }}
        />
        <small>{aboutBytes(node, marks)}</small>
      </div>
      {isFile.value && file.isPacked && (
        <p class="remark">The file is compressed: this is where its bytes lie when it is unpacked.</p>
      )}
      {isFile.value ? (
        <HexGrid
          key={`${detail.pdu}.file.${file.isPacked}`}
          {...{ ...file, marked: marks.file, around: around.file, subject: node }}
          choose={(offset) => choose(byteOfFile(sources, offset))}
        />
      ) : (
        <HexGrid
          key={`${detail.pdu}.${at}`}
          {...{ start: 0, end: bytes.length, subject: node }}
          byteAt={(offset) => bytes[offset]}
          marked={marks.sources.get(at) ?? []}
          around={around.sources.get(at) ?? []}
          choose={(offset) => choose({ source: at, at: offset })}
        />
      )}
    </section>
  );
}

function useMarks(sources: readonly SourceBytes[], node: PduNode | undefined): Marks {
  return useMemo(() => {
    if (node?.source === undefined || node.offset === undefined || node.length === undefined) return NO_MARKS;
    return marksOf(sources, node.source, node.offset, node.offset + node.length);
  }, [sources, node]);
}

function tabsOf(sources: PduJson['sources'], chosen: number): { id: string; title: string }[] {
  const tabs = sources.map(({ name, length }, i) => ({ id: String(i), title: `${name} ${length}` }));
  return tabs.filter((_, i) => i < MOST_TABS || i === chosen);
}

/** Bytes of spans, one behind the other; those that nobody knows are left out. */
function bytesOf(spans: readonly Span[], byteAt: (offset: number) => number | undefined): Uint8Array {
  const found: number[] = [];
  for (const { start, end } of spans)
    for (let at = start; at < end; at++) {
      const byte = byteAt(at);
      if (byte !== undefined) found.push(byte);
    }
  return Uint8Array.from(found);
}

/** As `uri · bytes 214–227 · file offset 5 142`. */
function aboutBytes(node: PduNode | undefined, { file, isSame }: Marks): string {
  if (node === undefined) return '';
  const { label, offset, length } = node;
  if (offset === undefined || length === undefined) return `${label} · learnt, not read`;
  const at = file.length === 0 ? '' : ` · ${isSame ? '' : 'from '}file offset ${grouped(file[0].start)}`;
  return `${label} · ${rangeText(offset, length)}${at}`;
}

function rangeText(offset: number, length: number): string {
  if (length === 0) return `no bytes, at ${offset}`;
  return length === 1 ? `byte ${offset}` : `bytes ${offset}–${offset + length}`;
}

/** Digits in groups of three, with narrow spaces. */
function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
