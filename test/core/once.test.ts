import { expect, it } from 'vitest';
import { once, onceIn } from '../../src/core/once.js';

it.each([once, onceIn])('what is made of an object is made once, by each of those who make something of it', (make) => {
  let count = 0;
  const first = make((key: { readonly made: unknown[]; readonly name: string }) => `${key.name} ${++count}`);
  const second = make((key: { readonly made: unknown[]; readonly name: string }) => `${key.name}, ${++count}`);
  const [a, b] = ['a', 'b'].map((name) => ({ made: [], name }));
  expect([first(a), second(a), first(b), first(a), second(a), second(b)]).toEqual([
    'a 1',
    'a, 2',
    'b 3',
    'a 1',
    'a, 2',
    'b, 4',
  ]);
});
