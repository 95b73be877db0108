/** Vectors as source text of other languages: arrays of bytes, each with a comment that says what it is. */

/** Bytes with a name. */
export interface VectorLiteral {
  /** As a file's name is; made into an identifier of the language. */
  readonly name: string;
  readonly comment: string;
  readonly bytes: Uint8Array;
}

export const LANGUAGES = ['c', 'csharp', 'go', 'python'] as const;
export type Language = (typeof LANGUAGES)[number];

interface Style {
  readonly head: string;
  readonly tail: string;
  readonly comment: string;
  readonly identifier: (snake: string) => string;
  readonly open: (id: string, length: number) => string;
  readonly close: string;
  readonly byte: (hex: string) => string;
  readonly join: string;
  readonly line: (bytes: string) => string;
}

const pascal = (snake: string): string =>
  snake
    .split('_')
    .map((w) => w.charAt(0).toUpperCase() + w.slice(1))
    .join('');
const hexByte = (hex: string): string => `0x${hex}`;
const listed = (bytes: string): string => `    ${bytes},`;

const STYLES: Readonly<Record<Language, Style>> = {
  c: {
    head: '/* Made by clrscope vectors. */\n#ifndef CLRSCOPE_VECTORS_H\n#define CLRSCOPE_VECTORS_H\n#include <stddef.h>\n',
    tail: '\n#endif\n',
    comment: '//',
    identifier: (s) => s,
    open: (id, n) => `static const size_t ${id}_len = ${n};\nstatic const unsigned char ${id}[${Math.max(1, n)}] = {`,
    close: '};',
    ...{ byte: hexByte, join: ', ', line: listed },
  },
  csharp: {
    head: '// Made by clrscope vectors.\npublic static class ClrscopeVectors\n{\n',
    tail: '}\n',
    comment: '    //',
    identifier: pascal,
    open: (id) => `    public static readonly byte[] ${id} =\n    {`,
    close: '    };',
    ...{ byte: hexByte, join: ', ', line: (bytes) => `        ${bytes},` },
  },
  go: {
    head: '// Made by clrscope vectors.\npackage vectors\n',
    tail: '',
    comment: '//',
    identifier: pascal,
    open: (id) => `var ${id} = []byte{`,
    close: '}',
    ...{ byte: hexByte, join: ', ', line: (bytes) => `\t${bytes},` },
  },
  python: {
    head: '# Made by clrscope vectors.\n',
    tail: '',
    comment: '#',
    identifier: (s) => s.toUpperCase(),
    open: (id) => `${id} = bytes.fromhex(`,
    close: ')',
    byte: (hex) => hex,
    join: ' ',
    line: (bytes) => `    "${bytes} "`,
  },
};

/** Bytes that become text at a time: lines of 16. */
const PIECE = 16 << 10;

/** The source text, in pieces: vectors are many times as long in it. */
export function* literals(language: Language, all: Iterable<VectorLiteral>): Generator<string> {
  const style = STYLES[language];
  const lineOf = (bytes: Uint8Array): string =>
    `${style.line(Array.from(bytes, (b) => style.byte(b.toString(16).padStart(2, '0'))).join(style.join))}\n`;
  yield style.head;
  for (const { name, comment, bytes } of all) {
    const id = style.identifier(`v_${name.replace(/[^A-Za-z0-9]+/g, '_')}`);
    yield `\n${style.comment} ${comment.replace(/[^\x20-\x7e]|\\/g, '?')}\n${style.open(id, bytes.length)}\n`;
    // C has no empty array, and Python wants text between the parentheses
    if (bytes.length === 0) yield language === 'c' ? '    0,\n' : language === 'python' ? '    ""\n' : '';
    for (let at = 0; at < bytes.length; at += PIECE) {
      let lines = '';
      for (let i = at; i < Math.min(at + PIECE, bytes.length); i += 16) lines += lineOf(bytes.subarray(i, i + 16));
      yield lines;
    }
    yield `${style.close}\n`;
  }
  yield style.tail;
}
