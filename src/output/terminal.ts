/** What goes to a terminal: nothing that traffic could steer it with, colours only where they are wanted. */
import { Chalk, type ChalkInstance } from 'chalk';

/** Text in which control characters, bidirectional overrides and lone surrogates are written out as `\u…`. */
export function safe(text: string): string {
  if (isPlain(text)) return text;
  return STEERING.test(text) ? text.replace(new RegExp(STEERING, 'gu'), escapeOne) : text;
}

// C0 and C1 controls, line separators, bidirectional controls, lone surrogates
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u;

const PLAIN_ASCII = /^[ -~]*$/;
/** Up to this length a loop is done before a regular expression has begun. */
const SHORT = 40;

/** Whether it is printable ASCII, as most texts are: the quicker question. */
function isPlain(text: string): boolean {
  if (text.length > SHORT) return PLAIN_ASCII.test(text);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

function escapeOne(c: string): string {
  if (c === '\n') return '\\n';
  if (c === '\t') return '\\t';
  if (c === '\r') return '\\r';
  return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/** Whether to colour: the option first, then NO_COLOR, FORCE_COLOR, TERM=dumb, and whether it is a terminal. */
export function wantsColor(choice: ColorChoice, isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
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
    offset: c.gray,
    ours: c.magenta,
    problem: c.red,
    warning: c.yellow,
    strong: c.bold,
  };
}
