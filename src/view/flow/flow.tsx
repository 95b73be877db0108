/** Who called whom, one below the other: a sequence diagram of the calls that the filter leaves. */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { CallPane } from '../calls/call-pane.js';
import { toPdu } from '../calls/calls.js';
import { CallMenu } from '../follow/menus.js';
import { useChosenPlace } from '../parts/chosen.js';
import { placeByKey, useLines } from '../parts/lines.js';
import { useMenu } from '../parts/menu.js';
import { useRows } from '../parts/rows.js';
import { Split } from '../parts/split.js';
import { edition, engine, go, place, summary } from '../state.js';
import { overview, WholeProgress } from '../whole.js';
import { CallLine } from './call-line.js';
import { Drawing } from './drawing.js';
import type { FlowLane, FlowRow, FlowSize } from './engine.js';
import { CALL, fullWidth, isSeen, lanesIn, stepOf } from './geometry.js';
import { LaneTitles, Moments } from './lane-titles.js';
import './flow.css';

export function FlowView() {
  const size = useSignal<FlowSize | null>(null);
  const isOver = summary.value?.isOver ?? false;
  const isKnown = overview.value !== null;
  const now = `${edition.value} ${isKnown}`;
  useEffect(() => {
    let isAsked = true;
    if (!isOver) size.value = null;
    else
      void engine.flow().then(
        (told) => {
          if (isAsked) size.value = told;
        },
        // why nothing is known stands there already
        () => {},
      );
    return () => {
      isAsked = false;
    };
  }, [now, isOver]);
  return (
    <div class="flow-view">
      {!isKnown && <WholeProgress />}
      {size.value !== null && (
        <Split of="diagram" orientation="vertical" share={76}>
          <Diagram {...size.value} edition={now} />
          {place.value.call === null ? null : <CallPane />}
        </Split>
      )}
    </div>
  );
}

/** Calls that are drawn in front of the first one that is seen. */
const AROUND = 10;

function Diagram({ lanes: laneCount, calls, edition: now }: FlowSize & { readonly edition: string }) {
  const { call } = place.value;
  const lines = useLines(calls);
  const left = useSignal(0);
  const chosen = useChosenPlace(call, (one) => engine.placeOfCall(one, null), edition.value);
  const isByKey = useRef(false);
  const row = useRows<FlowRow>((from, to) => engine.flowRows(from, to), now);
  const lane = useRows<FlowLane>((from, to) => engine.flowLanes(from, to), now);
  useLayoutEffect(() => {
    if (chosen.value >= 0 && chosen.value < calls) lines.show(chosen.value);
  }, [chosen.value, calls]);
  useLayoutEffect(() => {
    if (!isByKey.current) return;
    const button = lines.box.current?.querySelector<HTMLElement>('[aria-current="true"]');
    isByKey.current = button === null;
    // a button that is scrolled away would take the keys along
    (button ?? lines.box.current)?.focus({ preventScroll: true });
  });
  const reveal = ({ from: one, to: other }: FlowRow): void => {
    const box = lines.box.current;
    if (box !== null) box.scrollLeft = Math.min(one, other) * step;
  };
  const choose = async (at: number): Promise<void> => {
    chosen.value = at;
    const [found] = await engine.flowRows(at, at + 1);
    if (found !== undefined && !isSeen(found, seen)) reveal(found);
    if (found !== undefined && chosen.value === at) go({ call: found.row.call }, place.value.call !== null);
  };
  const [openMenu, menu] = useMenu(CallMenu);
  const askForMenu = (e: MouseEvent): void => {
    const button = e.target instanceof Element ? e.target.closest<HTMLElement>('[data-call]') : null;
    const found = rows.find((known) => known?.row.call === Number(button?.dataset.call));
    if (found === undefined) return;
    e.preventDefault();
    openMenu({ row: found.row, column: null, x: e.clientX, y: e.clientY });
  };
  const keys = (e: KeyboardEvent): void => {
    const at = placeByKey(e, chosen.value, calls, lines.page);
    if (at !== undefined) {
      isByKey.current = true;
      void choose(at);
    } else if (e.key === 'Enter' && call !== null) void toPdu(call);
    else return;
    e.preventDefault();
  };
  const { from, to } = lines;
  const step = stepOf(laneCount, lines.width);
  const seen = { left: left.value, width: lines.width, step };
  const [firstLane, lastLane] = lanesIn(seen, laneCount);
  const rows = Array.from({ length: to - from }, (_, i) => row(from + i));
  const areThere = rows.every((known) => known !== undefined);
  useLayoutEffect(() => {
    // lanes of later conversations lie further right: who scrolls down comes to them
    const top = from === 0 ? 0 : AROUND;
    const known = rows.slice(top, top + lines.page).filter((one) => one !== undefined);
    if (areThere && known.length > 0 && !known.some((one) => isSeen(one, seen))) reveal(known[0]);
  }, [from, areThere]);
  const seenLanes = Array.from({ length: Math.max(0, lastLane - firstLane) }, (_, i) => lane(firstLane + i));
  const next = chosen.value >= from && chosen.value < to ? chosen.value : from;
  return (
    <>
      <div
        ref={lines.box}
        role="figure"
        aria-label="Flow"
        class="flow"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        tabIndex={0}
        onKeyDown={keys}
        onContextMenu={askForMenu}
        onScroll={({ currentTarget }) => {
          left.value = currentTarget.scrollLeft;
        }}
      >
        <div class="sheet" style={{ width: `${fullWidth(laneCount, step)}px` }}>
          <LaneTitles {...{ seen, firstLane }} lanes={seenLanes} />
          <div ref={lines.all} style={{ height: `${lines.height}px` }}>
            <div
              class="seen"
              style={{ width: `${seen.width}px`, transform: `translate(${seen.left}px, ${lines.shift}px)` }}
            >
              <Drawing {...{ seen, rows, firstLane }} first={from} lanes={seenLanes} chosen={chosen.value} />
              <Moments {...{ seen, rows, firstLane }} first={from} lanes={seenLanes} />
              {rows.map(
                (known, i) =>
                  known && (
                    <CallLine
                      key={known.row.call}
                      row={known}
                      seen={seen}
                      y={i * CALL}
                      isChosen={from + i === chosen.value}
                      isNext={from + i === next}
                      choose={() => void choose(from + i)}
                      open={() => void toPdu(known.row.call)}
                    />
                  ),
              )}
            </div>
          </div>
        </div>
      </div>
      {menu}
    </>
  );
}
