/** Reads the declarations of IDL files (C706 4.2; MIDL's common subset). Types are only named here: tables.ts looks them up. */
import type { Attribute, Declaration, InterfaceSyntax, OperationSyntax } from './syntax.js';
import { IdlError, tokenText } from './tokens.js';
import { TypeParser } from './type-parser.js';

/** What begins with these says nothing of the wire. */
const PASSED = new Set(['coclass', 'dispinterface', 'module', 'cpp_quote', 'midl_pragma', 'importlib', '__pragma']);

/** Reads a file's tokens into what is declared already. */
export class Parser extends TypeParser {
  /**
   * Reads all of it.
   * @throws IdlError with the place, and what was expected there
   */
  file(): void {
    while (this.peek().kind !== 'end') this.declaration(this.attributes());
  }

  /** One declaration of a file, a library or an interface's body. */
  private declaration(attributes: readonly Attribute[]): void {
    if (this.took(';')) return;
    if (this.peek().kind !== 'word') throw this.wanted('a declaration');
    const { text } = this.peek();
    if (PASSED.has(text)) this.passed();
    else if (text === 'interface') this.interface(attributes);
    else if (text === 'library') this.library();
    else if (text === 'typedef') this.typedef();
    else if (text === 'const') this.constant();
    else this.bare(attributes);
  }

  /** Up to behind its parentheses, its braces, or its semicolon. */
  private passed(): void {
    const begin = this.take();
    let depth = 0;
    for (let token = this.take(); token.kind !== 'end'; token = this.take()) {
      if (token.kind !== 'mark') continue;
      if ('({['.includes(token.text)) depth++;
      else if (')}]'.includes(token.text)) {
        if (--depth > 0) continue;
        this.took(';');
        return;
      } else if (token.text === ';' && depth === 0) return;
    }
    throw new IdlError(begin, `${begin.text} has no end`);
  }

  private library(): void {
    this.take();
    this.word('the name of a library');
    this.nested(() => {
      this.expect('{', 'behind the name of a library');
      while (!this.took('}')) {
        if (this.peek().kind === 'end') throw this.wanted('} at the end of the library');
        this.declaration(this.attributes());
      }
    });
  }

  private interface(attributes: readonly Attribute[]): void {
    this.take();
    const { text: name, file, line, column } = this.word('the name of an interface');
    this.declared.interfaceNames.add(name);
    if (this.took(';')) return;
    const base = this.took(':') ? this.word('the interface that it continues') : null;
    this.expect('{', 'in front of the operations of an interface');
    const operations: OperationSyntax[] = [];
    while (!this.took('}')) {
      const token = this.peek();
      if (token.kind === 'end') throw this.wanted(`} at the end of ${name}`);
      const own = this.attributes();
      const { text } = this.peek();
      if (PASSED.has(text) || text === 'typedef' || text === 'const' || text === ';') this.declaration(own);
      else this.member(own, operations);
    }
    this.took(';');
    const made: InterfaceSyntax = { name, attributes, base, operations, file, line, column };
    if (this.declared.interfaces.has(name)) throw new IdlError(made, `${name} is declared twice`);
    this.declared.interfaces.set(name, made);
  }

  /** An operation, or a struct that is declared between operations. */
  private member(attributes: readonly Attribute[], operations: OperationSyntax[]): void {
    const specifier = this.specifier(attributes);
    if (this.took(';')) return;
    const result = this.declarator(attributes, specifier);
    this.expect('(', `behind ${result.name}, in front of its parameters`);
    const parameters: Declaration[] = [];
    while (!this.took(')')) {
      const own = this.attributes();
      const what = this.specifier(own);
      if (this.is(')') && what.kind === 'base' && what.name === 'void' && parameters.length === 0) continue;
      parameters.push(this.declarator(own, what));
      if (!this.is(')')) this.expect(',', 'or ) behind a parameter');
    }
    this.silent();
    this.expect(';', `behind ${result.name}`);
    const { name, file, line, column } = result;
    operations.push({ name, attributes, result, parameters, file, line, column });
  }

  private typedef(): void {
    this.take();
    const attributes = this.attributes();
    const specifier = this.specifier(attributes);
    for (;;) {
      const made = this.declarator(attributes, specifier);
      const known = this.declared.typedefs.get(made.name);
      if (known !== undefined && known.file === made.file) throw new IdlError(made, `${made.name} is declared twice`);
      this.declared.typedefs.set(made.name, made);
      if (!this.took(',')) break;
    }
    this.expect(';', 'or , behind a typedef');
  }

  private constant(): void {
    this.take();
    const { name } = this.declarator([], this.specifier([]));
    this.expect('=', `behind ${name}`);
    const { kind, text } = this.peek();
    // texts and floating-point numbers are of no use to a type
    if (kind === 'text' || text.includes('.')) this.take();
    else this.declared.constants.set(name, BigInt(this.number()));
    this.expect(';', `behind the value of ${name}`);
  }

  /** A struct, union or enum without typedef. */
  private bare(attributes: readonly Attribute[]): void {
    const what = this.peek();
    const specifier = this.specifier(attributes);
    if (specifier.kind !== 'record' && specifier.kind !== 'enum')
      throw new IdlError(what, `an interface, a typedef or a struct was expected, not ${tokenText(what)}`);
    this.expect(';', 'behind a declaration');
  }
}
