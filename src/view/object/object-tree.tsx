/** The tree "Object": things that hold others, of which each stands at one place; elsewhere a reference jumps to it. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Tree } from '../parts/tree.js';
import { type Forest, type Row, Rows } from './rows.js';

interface Props<Spot> {
  readonly forest: Forest<Spot>;
  /** What a row says. `jump` goes to where that stands which the row only refers to. */
  draw(row: Row<Spot>, jump: () => void): ComponentChildren;
  choose?(row: Row<Spot>): void;
}

export function ObjectTree<Spot>({ forest, draw, choose }: Props<Spot>) {
  const rows = useMemo(() => new Rows(forest), [forest]);
  const chosen = useSignal(-1);
  const opened = useSignal(0);
  void opened.value;
  const go = (at: number): void => {
    chosen.value = at;
    if (at >= 0) choose?.(rows.row(at));
  };
  const change = (act: () => void): void => {
    const { holder, at } = chosen.value < 0 ? { holder: -1, at: -1 } : rows.row(chosen.value);
    act();
    opened.value++;
    if (holder >= 0) chosen.value = rows.placeOf(holder, at);
  };
  const jump = ({ to }: Row<Spot>): void => {
    if (to === null) return;
    opened.value++;
    go(rows.reveal(to));
  };
  return (
    <Tree<Row<Spot>>
      label="Object"
      count={rows.length}
      row={(at) => rows.row(at)}
      level={({ holder }) => forest.depthOf(holder) + 1}
      isOpen={(row) => rows.isOpen(row)}
      draw={(row) => draw(row, () => jump(row))}
      chosen={chosen.value}
      choose={go}
      toggle={(at) => change(() => rows.toggle(at))}
      openAll={(at) => change(() => rows.openAll(at))}
      enter={(at) => {
        const row = rows.row(at);
        if (row.to !== null && !row.stands) jump(row);
        else change(() => rows.toggle(at));
      }}
    />
  );
}
