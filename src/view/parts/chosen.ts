/** Where the row stands in its list that the address chooses. */
import { type Signal, useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';

/**
 * The place of a PDU or call among those that are shown; -1 where it is not, or none is chosen. Who chooses another row
 * sets it at once: the next key goes on from there, though the row may not be there yet.
 * @param number as the address has it
 * @param placeOf asks for its place
 * @param edition when it changes, the place is asked for anew
 */
export function useChosenPlace(
  number: number | null,
  placeOf: (number: number) => Promise<number>,
  edition: unknown,
): Signal<number> {
  const chosen = useSignal(-1);
  // at once, and not over what somebody chose meanwhile: keys come faster than answers
  useLayoutEffect(() => {
    let isAsked = true;
    const before = chosen.peek();
    if (number === null) chosen.value = -1;
    else
      void placeOf(number).then((at) => {
        if (isAsked && chosen.peek() === before) chosen.value = at;
      });
    return () => {
      isAsked = false;
    };
  }, [number, edition]);
  return chosen;
}
