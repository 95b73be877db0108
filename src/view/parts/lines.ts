/**
 * Very many lines of one height, of which those are drawn that are seen. They are counted, not measured, so that
 * millions take no memory; and since browsers make no element higher than some 16 million pixels, a list that is higher
 * scrolls faster than its bar moves.
 */
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Pixels of the highest element. */
const MOST = 8_000_000;
/** Lines drawn above and below those that are seen, and while so many and more go by from one look to the next. */
const AROUND = 10;
const AROUND_FAST = 2;
/** Milliseconds behind which nothing moves any more. */
const REST = 100;

/** What is seen of the lines, and how to see others. Lengths in CSS pixels. */
export interface Lines {
  /** The box that scrolls; its line height is that of the lines. */
  readonly box: RefObject<HTMLDivElement | null>;
  /** The element in the box that is as high as all lines; what stands above it in the box sticks to its top. */
  readonly all: RefObject<HTMLDivElement | null>;
  /** Lines to draw: `from` up to `to` (exclusive), the first one `shift` below the top of `all`. */
  readonly from: number;
  readonly to: number;
  readonly shift: number;
  /** Height of `all`. */
  readonly height: number;
  /** Width of the box. */
  readonly width: number;
  /** Lines that are seen at once. */
  readonly page: number;
  /** Scrolls as little as it takes to see a line. */
  show(at: number): void;
}

/** How the box was when it was looked at last. */
interface Box {
  readonly line: number;
  readonly room: number;
  readonly width: number;
  /** Where the box is scrolled to, and which pixel of all lines that shows. */
  readonly scrolled: number;
  readonly offset: number;
  /** Lines drawn around. */
  readonly around: number;
}

/** @param count of all lines */
export function useLines(count: number): Lines {
  const box = useRef<HTMLDivElement>(null);
  const all = useRef<HTMLDivElement>(null);
  const seen = useSignal<Box>({ line: 20, room: 0, width: 0, scrolled: 0, offset: 0, around: AROUND });
  const { line, room, width, scrolled, offset, around } = seen.value;
  const full = count * line;
  const height = Math.min(full, MOST);
  const isScaled = full > height;
  const ratio = isScaled ? (full - room) / (height - room) : 1;

  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const look = (): void => {
    const at = box.current;
    if (at === null) return;
    const { scrollTop } = at;
    const was = seen.peek();
    const line = Number.parseFloat(getComputedStyle(at).lineHeight) || was.line;
    // where it stands because of `scrollTo`, that knows better than the bar
    const offset = isScaled && Math.abs(scrollTop - was.scrolled) < 1 ? was.offset : scrollTop * ratio;
    const now: Box = {
      ...{ line, offset, width: at.clientWidth, scrolled: scrollTop },
      room: at.clientHeight - (all.current?.offsetTop ?? 0),
      around: Math.abs(offset - was.offset) > AROUND * line ? AROUND_FAST : AROUND,
    };
    clearTimeout(rest.current);
    if (now.around !== AROUND) rest.current = setTimeout(() => last.current.look(), REST);
    if (Object.entries(now).some(([name, n]) => was[name as keyof Box] !== n)) seen.value = now;
  };
  const scrollTo = (to: number): void => {
    const at = box.current;
    if (at === null) return;
    const { line, room } = seen.peek();
    const next = Math.min(Math.max(to, 0), Math.max(count * line - room, 0));
    at.scrollTop = next / ratio;
    seen.value = { ...seen.peek(), scrolled: at.scrollTop, offset: isScaled ? next : at.scrollTop };
  };
  const last = useRef({ look, scrollTo });
  last.current = { look, scrollTo };

  useLayoutEffect(() => {
    const at = box.current;
    if (at === null) return;
    const lookAgain = (): void => last.current.look();
    const observer = new ResizeObserver(lookAgain);
    observer.observe(at);
    at.addEventListener('scroll', lookAgain, { passive: true });
    lookAgain();
    return () => {
      clearTimeout(rest.current);
      observer.disconnect();
      at.removeEventListener('scroll', lookAgain);
    };
  }, []);
  useLayoutEffect(() => {
    const at = box.current;
    if (at === null || !isScaled) return;
    // when more lines come, those that are seen stay
    last.current.scrollTo(seen.peek().offset);
    const wheel = (e: WheelEvent): void => {
      if (e.ctrlKey || e.shiftKey || e.deltaY === 0) return;
      e.preventDefault();
      const unit = [1, seen.peek().line, seen.peek().room][e.deltaMode];
      last.current.scrollTo(seen.peek().offset + e.deltaY * unit);
    };
    at.addEventListener('wheel', wheel, { passive: false });
    return () => at.removeEventListener('wheel', wheel);
  }, [isScaled, full]);

  const from = Math.min(Math.max(Math.floor(offset / line) - around, 0), count);
  return {
    ...{ box, all, from, height, width },
    // as many wherever it is scrolled to
    to: Math.min(from + Math.ceil(room / line) + 1 + 2 * around, count),
    shift: from * line + scrolled - offset,
    page: Math.max(1, Math.floor(room / line) - 1),
    show: (at) => {
      // it may just have come to be, or to be as high as it is
      look();
      const { line, room, offset } = seen.peek();
      const top = at * line;
      if (top < offset) scrollTo(top);
      else if (top + line > offset + room) scrollTo(top + line - room);
    },
  };
}

/** Keeps a line in view: when it becomes the chosen one, and when the box is made lower. */
export function useInView(lines: Lines, chosen: number, count: number): void {
  const isThere = chosen >= 0 && chosen < count;
  useLayoutEffect(() => {
    if (isThere) lines.show(chosen);
  }, [chosen, isThere]);
  useEffect(() => {
    if (chosen >= lines.from && chosen < lines.to) lines.show(chosen);
  }, [lines.page]);
}

/** The place that a key leads to in a list of `count`; undefined for other keys. */
export function placeByKey(e: KeyboardEvent, chosen: number, count: number, page: number): number | undefined {
  if (e.ctrlKey || e.altKey || e.metaKey || e.shiftKey || count === 0) return undefined;
  const steps = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + page, PageUp: chosen - page };
  const at = { ...steps, Home: 0, End: count - 1 }[e.key];
  return at === undefined ? undefined : Math.min(Math.max(at, 0), count - 1);
}
