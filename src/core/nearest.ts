/** What somebody meant who wrote a name slightly wrong. */

/**
 * How many slips lead from one text to the other: a letter put in, left out, changed, or swapped with its neighbour.
 * More than `limit` of them are not counted: then it is `limit + 1`.
 */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2] + 1);
      next.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    before = row;
    row = next;
  }
  return row[b.length];
}

/** Slips that a name of this length may hold and still be taken for another: none in three letters. */
export function slips(name: string): number {
  return name.length < 4 ? 0 : Math.max(1, Math.min(4, Math.floor(name.length / 3)));
}

/** The known name that was most likely meant, whatever its case; null where none is near enough. */
export function nearest(name: string, known: Iterable<string>): string | null {
  const wanted = name.toLowerCase();
  let found: string | null = null;
  let least = slips(name) + 1;
  for (const candidate of known) {
    const cost = distance(wanted, candidate.toLowerCase(), least - 1);
    if (cost < least) [found, least] = [candidate, cost];
  }
  return found;
}

/** ` (is it NAME?)` for a message about an unknown name, or nothing. */
export function isIt(name: string, known: Iterable<string>): string {
  const near = nearest(name, known);
  return near === null ? '' : ` (is it ${near}?)`;
}
