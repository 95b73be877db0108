/** Types of IDL as they are written: what stands in front of a name, and around it. */
import { IdlReader } from './reader.js';
import {
  type Arm,
  type Attribute,
  attributeOf,
  type Declaration,
  type Enumeration,
  type RecordBody,
  type Specifier,
} from './syntax.js';
import { IdlError, type IdlPlace, type IdlToken } from './tokens.js';

/** Words of the language's own types; several make one, as `unsigned long int`. */
const BASE = new Set(
  'void char wchar_t byte boolean float double small short long int hyper signed unsigned __int8 __int16 __int32 __int64 __int3264 handle_t error_status_t'.split(
    ' ',
  ),
);
/** Words that say nothing of what lies on the wire. */
const SILENT = new Set(
  'const volatile extern static far near __stdcall __cdecl _stdcall __RPC_FAR __RPC_STUB __RPC_USER STDMETHODCALLTYPE __unaligned'.split(
    ' ',
  ),
);

/** Reads types and declared names. */
export class TypeParser extends IdlReader {
  /** Passes over words that say nothing of the wire. */
  protected silent(): void {
    while (this.peek().kind === 'word' && SILENT.has(this.peek().text)) this.take();
  }

  /** What stands in front of a declared name; `attributes` are those in front of it. */
  protected specifier(attributes: readonly Attribute[]): Specifier {
    this.silent();
    const token = this.peek();
    if (token.kind !== 'word') throw this.wanted('a type');
    if (token.text === 'struct') return this.struct();
    if (token.text === 'union') return this.union(attributes);
    if (token.text === 'enum') return this.enumeration(attributes);
    if (token.text === 'pipe')
      throw new IdlError(
        token,
        'a pipe travels in pieces behind all parameters, which is not supported: leave parameters of that type out, and what they hold stays undissected',
      );
    if (token.text === 'SAFEARRAY') {
      this.take();
      // of what its elements are it says itself
      if (this.is('(')) this.arguments();
      return { kind: 'safearray' };
    }
    if (!BASE.has(token.text)) {
      this.take();
      if (token.text === 'interface')
        return { kind: 'name', name: this.word('the name of an interface').text, at: token };
      this.silent();
      return { kind: 'name', name: token.text, at: token };
    }
    const words: string[] = [];
    for (; this.peek().kind === 'word' && (BASE.has(this.peek().text) || SILENT.has(this.peek().text)); this.take())
      if (BASE.has(this.peek().text) && words.length < 4) words.push(this.peek().text);
    return { kind: 'base', name: words.join(' ') };
  }

  /** Pointers, a name, and dimensions. */
  protected declarator(attributes: readonly Attribute[], specifier: Specifier): Declaration {
    let pointers = 0;
    for (this.silent(); this.took('*'); this.silent()) pointers++;
    if (this.is('('))
      throw new IdlError(this.peek(), 'a name was expected: pointers to functions and arrays are not supported');
    const { text: name, file, line, column } = this.word('a name');
    const dimensions: (number | null)[] = [];
    while (this.took('[')) {
      if (this.is(']') || this.is('*')) {
        this.took('*');
        dimensions.push(null);
      } else dimensions.push(this.bound());
      this.expect(']', 'behind the elements of an array');
    }
    const travels = this.transmitted(attributes);
    if (travels !== null)
      return { name, attributes, specifier: travels, pointers: 0, dimensions: [], file, line, column };
    if (this.is(':'))
      throw new IdlError(
        this.peek(),
        `bit fields do not travel, and MIDL refuses them: write one number that holds them instead, as unsigned long ${name}`,
      );
    return { name, attributes, specifier, pointers, dimensions, file, line, column };
  }

  /** The type that travels instead of the one that programs see (C706 4.2.12.6; MIDL's wire_marshal). */
  private transmitted(attributes: readonly Attribute[]): Specifier | null {
    const attribute = attributeOf(attributes, 'transmit_as') ?? attributeOf(attributes, 'wire_marshal');
    return attribute === undefined ? null : this.typeIn(attribute);
  }

  private bound(): number {
    const at = this.peek();
    let bound = this.number();
    if (this.took('.')) {
      this.expect('.', 'between the bounds of an array');
      bound = this.number() - bound + 1;
    }
    if (bound < 1 || bound > 0x7fffffff) throw new IdlError(at, `an array of ${bound} elements`);
    return bound;
  }

  /** The name behind `struct`, `union` or `enum`, or one of our own. */
  private recordName(): { name: string; at: IdlPlace } {
    const at = this.take();
    const name =
      this.peek().kind === 'word' && !this.is('switch') ? this.take().text : `${at.text}_${at.line}_${at.column}`;
    return { name, at };
  }

  private record(body: RecordBody): Specifier {
    const key = `${body.of} ${body.name}`;
    const known = this.declared.records.get(key);
    if (known !== undefined && known.file === body.file) throw new IdlError(body, `${key} is declared twice`);
    this.declared.records.set(key, body);
    return { kind: 'record', of: body.of, name: body.name, at: body };
  }

  private struct(): Specifier {
    const { name, at } = this.recordName();
    if (!this.took('{')) return { kind: 'record', of: 'struct', name, at };
    const members: Declaration[] = [];
    this.nested(() => {
      while (!this.took('}')) {
        if (this.peek().kind === 'end') throw this.wanted(`} at the end of ${name}`);
        this.members(this.attributes(), members);
      }
    });
    if (members.length === 0) throw new IdlError(at, 'a struct without members');
    return this.record({ of: 'struct', name, members, file: at.file, line: at.line, column: at.column });
  }

  /** `long a, *b;`, added to the members in front of them. */
  private members(attributes: readonly Attribute[], to: Declaration[]): void {
    const specifier = this.specifier(attributes);
    do to.push(this.declarator(attributes, specifier));
    while (this.took(','));
    this.expect(';', `or , behind ${to[to.length - 1].name}`);
  }

  private union(attributes: readonly Attribute[]): Specifier {
    const { name, at } = this.recordName();
    let tag = this.switchType(attributes);
    if (this.took('switch')) {
      this.expect('(', 'behind switch');
      tag = this.declarator([], this.specifier([]));
      this.expect(')', 'behind what is switched');
      // the name of the union as a member
      if (this.peek().kind === 'word') this.take();
    }
    if (!this.took('{')) return { kind: 'record', of: 'union', name, at };
    const arms: Arm[] = [];
    this.nested(() => {
      while (!this.took('}')) {
        if (this.peek().kind === 'end') throw this.wanted(`} at the end of ${name}`);
        arms.push(this.arm());
      }
    });
    return this.record({ of: 'union', name, arms, tag, file: at.file, line: at.line, column: at.column });
  }

  /** `[switch_type(long)]` */
  private switchType(attributes: readonly Attribute[]): Declaration | null {
    const attribute = attributeOf(attributes, 'switch_type');
    const specifier = attribute === undefined ? null : this.typeIn(attribute);
    if (attribute === undefined || specifier === null) return null;
    return { name: 'tag', attributes: [], specifier, pointers: 0, dimensions: [], ...place(attribute) };
  }

  /** The type between the parentheses of an attribute; null where there is none. */
  private typeIn({ arguments: [words = []] }: Attribute): Specifier | null {
    if (words.length === 0) return null;
    const end: IdlToken = { ...words[words.length - 1], kind: 'end', text: '' };
    return new TypeParser([...words, end], this.declared).specifier([]);
  }

  /** `[case(1, 2)] T a;`, `case 1: T a;`, `[default] ;` */
  private arm(): Arm {
    const attributes = this.attributes();
    const labels = attributeOf(attributes, 'case');
    const cases = labels?.arguments.map((words) => this.label(words)) ?? [];
    let isDefault = attributeOf(attributes, 'default') !== undefined;
    for (; this.is('case') || this.is('default'); this.expect(':', 'behind the case of a union')) {
      if (this.took('default')) isDefault = true;
      else {
        this.take();
        cases.push(this.number());
      }
    }
    if (!isDefault && cases.length === 0) throw this.wanted('a case or default');
    if (this.took(';')) return { cases, isDefault, member: null };
    const list: Declaration[] = [];
    this.members([...attributes, ...this.attributes()], list);
    const [member, another] = list;
    if (another !== undefined) throw new IdlError(another, 'an arm of a union has one member');
    return { cases, isDefault, member };
  }

  private label(words: readonly IdlToken[]): number {
    const last = words.at(-1) ?? this.peek();
    const source = new TypeParser([...words, { ...last, kind: 'end', text: '' }], this.declared);
    const value = source.number();
    if (source.peek().kind !== 'end') throw source.wanted(') or ,');
    return value;
  }

  private enumeration(attributes: readonly Attribute[]): Enumeration {
    const { name, at } = this.recordName();
    const isLong = attributeOf(attributes, 'v1_enum') !== undefined;
    if (!this.took('{')) return { kind: 'enum', isLong, items: null, name, at };
    const items: Record<number, string> = {};
    let value = 0;
    while (!this.took('}')) {
      const item = this.word('a name, or } at the end of the enum').text;
      if (this.took('=')) value = this.number();
      items[value] = item;
      this.declared.constants.set(item, BigInt(value));
      value++;
      if (!this.is('}')) this.expect(',', 'or } behind a name of an enum');
    }
    const made: Enumeration = { kind: 'enum', isLong, items, name, at };
    this.declared.enums.set(name, made);
    return made;
  }
}

function place({ file, line, column }: IdlPlace): IdlPlace {
  return { file, line, column };
}
