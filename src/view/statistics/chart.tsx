/** A picture of counts as columns, drawn by uPlot; what it shows is said in words for those who do not see it. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** Counts, one for each column. Of several, the later ones are drawn over the earlier. */
export interface Series {
  readonly label: string;
  /** Variable of the style sheet that has its colour. */
  readonly color: string;
  readonly counts: readonly number[];
}

interface Props {
  readonly title: string;
  /** What the picture shows, in a sentence. */
  readonly says: string;
  readonly series: readonly Series[];
  /** What stands below a column; where they are many, below some. */
  readonly names: readonly string[];
  /** Below each, aslant: names that do not tell what stands between them. */
  readonly hasAllNames?: boolean;
}

const HEIGHT = 170;
/** About as wide as a letter is, in pixels. */
const LETTER = 7.5;
/** How names stand aslant, in degrees, and the room below for them and for others. */
const SLANT = 35;
const [BELOW_SLANTED, BELOW] = [64, 28];
const FONT = '11px system-ui, sans-serif';

export function Chart({ title, says, series, names, hasAllNames = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = box.current;
    if (at === null || names.length === 0) return;
    let plot = drawn(at, series, names, hasAllNames);
    const again = (): void => {
      plot.destroy();
      plot = drawn(at, series, names, hasAllNames);
    };
    const sizes = new ResizeObserver(() => plot.setSize({ width: at.clientWidth, height: HEIGHT }));
    sizes.observe(at);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', again);
    return () => {
      scheme.removeEventListener('change', again);
      sizes.disconnect();
      plot.destroy();
    };
  }, [series, names]);
  if (names.length === 0) return null;
  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b>
        {series.map(({ label, color }) => (
          <span key={label}>
            <i style={{ background: `var(${color})` }} />
            {label}
          </span>
        ))}
      </figcaption>
      <div ref={box} role="img" aria-label={`${title}: ${says}`} />
    </figure>
  );
}

function drawn(box: HTMLElement, series: readonly Series[], names: readonly string[], hasAllNames: boolean): uPlot {
  const style = getComputedStyle(box);
  const color = (name: string): string => resolved(box, name) ?? style.color;
  const axis = {
    stroke: color('--dim'),
    font: FONT,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  const bars = uPlot.paths.bars?.({ size: [0.9, 80] });
  const whole = (n: number | null): string => (n !== null && Number.isInteger(n) ? (names[n] ?? '') : '');
  return new uPlot(
    {
      width: box.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { range: (_u, _min, max) => [0, max || 1] } },
      axes: [
        {
          ...axis,
          grid: { show: false },
          ...(hasAllNames
            ? { rotate: SLANT, size: BELOW_SLANTED, space: 1 }
            : { size: BELOW, space: LETTER * Math.max(...names.map(({ length }) => length)) }),
          incrs: [1, 2, 5, 10, 20, 50, 100],
          values: (_u, at) => at.map(whole),
        },
        {
          ...axis,
          size: hasAllNames ? 70 : 46,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6],
        },
      ],
      series: [
        {},
        ...series.map((s) => ({
          label: s.label,
          fill: color(s.color),
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        })),
      ],
    },
    [names.map((_, at) => at), ...series.map(({ counts }) => [...counts])],
    box,
  );
}

/** A colour variable as a canvas understands it: `light-dark()` is for style sheets alone. */
function resolved(box: HTMLElement, variable: string): string | null {
  const probe = document.createElement('i');
  probe.style.color = `var(${variable})`;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
