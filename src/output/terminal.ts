/** What goes to a terminal: nothing that traffic could steer it with, colours only where they are wanted. */
import { Chalk, type ChalkInstance } from 'chalk';

export { safe } from '../core/safe-text.js';

export type ColorChoice = 'auto' | 'always' | 'never';

/** Whether to colour: the option first, then NO_COLOR, FORCE_COLOR, TERM=dumb, and whether it is a terminal. */
export function wantsColor(
  choice: ColorChoice,
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}

/** Colours by what a piece of text is. */
export interface Paint {
  readonly name: (t: string) => string;
  readonly value: (t: string) => string;
  readonly text: (t: string) => string;
  readonly offset: (t: string) => string;
  readonly ours: (t: string) => string;
  readonly problem: (t: string) => string;
  readonly warning: (t: string) => string;
  readonly strong: (t: string) => string;
}

/** The palette, or one that leaves text as it is. */
export function paint(color: boolean): Paint {
  if (!color) return NO_PAINT;
  palette ??= colors();
  return palette;
}

let palette: Paint | null = null;

/** What stands before and behind a text that is coloured; nothing without colours. */
export interface Style {
  readonly open: string;
  readonly close: string;
}
export type Styles = Readonly<Record<keyof Paint, Style>>;

/** The palette for those who write piece by piece. */
export function styles(color: boolean): Styles {
  if (!color) return NO_STYLES;
  colored ??= stylesOf(paint(true));
  return colored;
}

let colored: Styles | null = null;

function stylesOf(p: Paint): Styles {
  const brackets = Object.entries(p).map(([name, by]) => {
    const [open, close] = by(' ').split(' ');
    return [name, { open, close }];
  });
  return Object.fromEntries(brackets);
}

const same = (text: string): string => text;
const NO_PAINT: Paint = {
  name: same,
  value: same,
  text: same,
  offset: same,
  ours: same,
  problem: same,
  warning: same,
  strong: same,
};

const NO_STYLES = stylesOf(NO_PAINT);

function colors(): Paint {
  const c: ChalkInstance = new Chalk({ level: 1 });
  return {
    name: c.cyan,
    value: c.green,
    text: c.yellow,
    offset: c.dim,
    ours: c.magenta,
    problem: c.red,
    warning: c.yellow,
    strong: c.bold,
  };
}
