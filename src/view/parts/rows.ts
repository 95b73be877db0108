/** Rows of a list that are asked for when they are seen, in blocks. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** Rows of a block. */
const BLOCK = 128;
/** Blocks that are kept. */
const MOST = 64;

/**
 * Gives rows by their place; undefined while one is asked for.
 * @param ask resolves to rows `from` to `to` (exclusive)
 * @param edition when it changes, all are asked for anew; old ones stay until then
 */
export function useRows<Row>(
  ask: (from: number, to: number) => Promise<Row[]>,
  edition: unknown,
): (at: number) => Row | undefined {
  const blocks = useRef(new Map<number, { rows: Row[]; edition: unknown }>());
  const asked = useRef(new Map<number, unknown>());
  const drawn = useSignal(0);
  const now = useRef(edition);
  now.current = edition;
  useEffect(() => () => blocks.current.clear(), []);
  const need = (block: number): void => {
    if (blocks.current.get(block)?.edition === edition || asked.current.get(block) === edition) return;
    asked.current.set(block, edition);
    void ask(block * BLOCK, (block + 1) * BLOCK).then((rows) => {
      if (now.current !== edition) return;
      blocks.current.delete(block);
      blocks.current.set(block, { rows, edition });
      for (const oldest of blocks.current.keys()) {
        if (blocks.current.size <= MOST) break;
        blocks.current.delete(oldest);
        asked.current.delete(oldest);
      }
      drawn.value++;
    });
  };
  return (at) => {
    // who draws a row draws it again when it has come
    void drawn.value;
    const block = Math.floor(at / BLOCK);
    need(block);
    return blocks.current.get(block)?.rows[at % BLOCK];
  };
}
