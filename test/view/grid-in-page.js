/** Runs in a page of its own: a list of `COUNT` rows, each of which comes a little later. */
import { h, render } from 'preact';
import { Grid } from '../../src/view/parts/grid.tsx';
import { useRows } from '../../src/view/parts/rows.ts';
import '../../src/view/style.css';

const columns = [
  { id: 'number', title: 'Number', width: '8rem', isNumber: true, cell: (n) => n },
  { id: 'square', title: 'Square', width: '1fr', cell: (n) => n * n },
];

function List({ chosen }) {
  const row = useRows(
    (from, to) =>
      new Promise((resolve) =>
        setTimeout(() => resolve(Array.from({ length: Math.min(to, COUNT) - from }, (_, i) => from + i + 1)), 20),
      ),
    0,
  );
  return h(
    'div',
    { style: { height: '400px' } },
    h(Grid, { label: 'Rows', count: COUNT, columns, row, chosen, choose: draw }),
  );
}

const draw = (chosen) => render(h(List, { chosen }), document.body);
draw(-1);
