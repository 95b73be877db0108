/** Names of .NET types as C# writes them. */

/**
 * The name of a type without namespaces and assemblies: `Dictionary<string, int>[]` for what .NET writes as
 * ``System.Collections.Generic.Dictionary`2[[System.String, mscorlib, …],[System.Int32, mscorlib, …]][]``.
 */
export function shortType(name: string): string {
  const comma = name.indexOf(',');
  const front = comma < 0 ? name : name.slice(0, comma);
  return SIMPLE.test(front) ? wordOf(front) : takenApart(name);
}

/** Neither generic nor an array. */
const SIMPLE = /^[^[\]`]*$/;

/** One type's name without what its namespace and its number of parameters are. */
function wordOf(word: string): string {
  const cut = word.lastIndexOf('.');
  const plain = cut < 0 ? word : word.slice(cut + 1);
  return ALIASES[word.trim()] ?? (plain.includes('`') ? plain.replace(/`\d+/g, '') : plain).trim();
}

function takenApart(name: string): string {
  // Without recursion: a stack of argument lists, and text that is skipped from a comma on.
  const out: string[] = [];
  let word = '';
  // what the word holds: to look for it in a long one for each character takes too long
  let hasTick = false;
  let hasBracket = false;
  let depth = 0;
  const opened: boolean[] = [];
  let skip = false;
  const flush = (): void => {
    out.push(wordOf(word));
    word = '';
    hasTick = false;
    hasBracket = false;
  };
  for (let i = 0; i < name.length && out.length < 200; i++) {
    const ch = name[i];
    if (ch === '[' && hasTick && /[[\w]/.test(name[i + 1] ?? '')) {
      flush();
      out.push('<');
      depth++;
      opened.push(name[i + 1] === '[');
      if (name[i + 1] === '[') i++;
      skip = false;
    } else if (ch === ']' && depth > 0 && (skip || name[i - 1] !== '[') && !hasBracket) {
      if (word !== '') flush();
      skip = false;
      const more = /^\s*,\s*\[/.exec(name.slice(i + 1, i + 8));
      if (opened[opened.length - 1] && more !== null) {
        out.push(', ');
        i += more[0].length;
      } else {
        out.push('>');
        if (opened.pop()) i++;
        depth--;
      }
    } else if (ch === ',' && !skip && !hasBracket) {
      if (depth === 0) break;
      flush();
      skip = true;
    } else if (!skip) {
      word += ch;
      hasTick ||= ch === '`';
      hasBracket ||= ch === '[';
      // An array's brackets end the word before them.
      if (ch === ']') {
        const at = word.indexOf('[');
        const brackets = word.slice(at);
        word = word.slice(0, at);
        if (word !== '') flush();
        hasTick = false;
        hasBracket = false;
        out.push(brackets);
      }
    }
  }
  if (word !== '' && !skip) flush();
  return out.join('');
}

const ALIASES: Readonly<Record<string, string>> = {
  'System.Boolean': 'bool',
  'System.Byte': 'byte',
  'System.SByte': 'sbyte',
  'System.Char': 'char',
  'System.Decimal': 'decimal',
  'System.Double': 'double',
  'System.Single': 'float',
  'System.Int16': 'short',
  'System.UInt16': 'ushort',
  'System.Int32': 'int',
  'System.UInt32': 'uint',
  'System.Int64': 'long',
  'System.UInt64': 'ulong',
  'System.String': 'string',
  'System.Object': 'object',
  'System.Void': 'void',
};
