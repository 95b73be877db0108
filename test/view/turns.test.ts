/** Who reads the capture when: what nobody waits for leaves the machine to who asks one thing after another. */
import { expect, test } from 'vitest';
import { noteQuestion, Turns } from '../../src/view/worker/turns.js';

/** Milliseconds that a turn is waited for. */
async function waited(turns: Turns): Promise<number> {
  const began = performance.now();
  await turns.turn();
  return performance.now() - began;
}

test('a turn comes at once where nobody asks, behind the last question where somebody did', async () => {
  const turns = new Turns();
  expect(await waited(turns)).toBeLessThan(100);
  noteQuestion();
  expect(await waited(turns)).toBeGreaterThan(140);
});

test('who scrolls on and on has the machine for a second at a time, and no longer', async () => {
  const turns = new Turns();
  const scrolls = setInterval(noteQuestion, 20);
  noteQuestion();
  const long = await waited(turns);
  clearInterval(scrolls);
  expect(long).toBeGreaterThan(900);
  expect(long).toBeLessThan(5000);
});
