/** What shells know of the program: help, completion in the real shells, the manual page. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { programOf as ProgramOf } from '../../src/cli/program.js';
import type { candidatesFor as CandidatesFor } from '../../src/cli/shell/candidates.js';
import type { manPage as ManPage } from '../../src/cli/shell/man.js';
import { clrscope, MAIN, ROOT } from '../cli.js';
import { COUNTER_IDL } from '../counter.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-shell-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** What is compiled: the program's version is found from there. */
const built = (file: string) => import(/* @vite-ignore */ `${ROOT}dist/src/cli/${file}.js`);
const { programOf } = (await built('program')) as { programOf: typeof ProgramOf };
const { candidatesFor } = (await built('shell/candidates')) as { candidatesFor: typeof CandidatesFor };
const { manPage } = (await built('shell/man')) as { manPage: typeof ManPage };
const program = await programOf(true);
const commands = program.createHelp().visibleCommands(program);
const isThere = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

describe('help', () => {
  it('fits 80 columns, of every command', () => {
    for (const args of [['--help'], ...commands.map((c) => [c.name(), '--help'])]) {
      const { out } = clrscope(args);
      expect(out).toMatch(/^Usage: clrscope/);
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });
});

describe('candidates', () => {
  const of = (...words: string[]): string[] => candidatesFor(words, program, []).list.map(({ value }) => value);

  it.each([
    [['ca'], ['calls']],
    [['-q', 'cal'], ['calls']],
    [['calls', '--col'], ['--color']],
    [
      ['--color', ''],
      ['auto', 'always', 'never'],
    ],
    [['calls', '--color=n'], ['--color=never']],
    [
      ['calls', '--group', ''],
      ['auto', 'all', 'none'],
    ],
    [
      ['stats', '-T', ''],
      ['text', 'json'],
    ],
    [
      ['-t', 'a'],
      ['a', 'ad', 'adoy'],
    ],
    [['audit', '--fail-on', 'c'], ['critical']],
    [['audit', '--rule', 'RPC-007'], ['RPC-007']],
    [['-e', 'dcerpc.opn'], ['dcerpc.opnum']],
    [['-Y', 'dcerpc.opn'], ['dcerpc.opnum']],
    [['-Y', "'frame.number == 3 && dcerpc.opn"], ['frame.number == 3 && dcerpc.opnum']],
    [['calls', '--decode-as', '7=IManaged'], ['7=IManagedObject']],
    [['--limit', 'open-b'], ['open-bytes=']],
    [['interfaces', 'IManaged'], ['IManagedObject']],
    [['fields', 'ioi.pc'], ['ioi.pccw']],
    [['scenario', 'object-by'], ['object-by-value']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'audi'], ['audit']],
    [['nrbf', '--base'], ['--base64']],
    [['--vers'], ['--version']],
    [['calls', '--', '--col'], []],
    [['vectors', '-Y'], []],
  ])('%j: %j', (words, wanted) => {
    expect(of(...words)).toEqual(wanted);
  });

  it('are files where files are wanted, and commands too in the first place', () => {
    const files = (...words: string[]): boolean => candidatesFor(words, program, []).files;
    expect([files('ca'), files('calls', ''), files('calls', '--secrets', ''), files('--', '')]).toEqual(
      Array(4).fill(true),
    );
    expect([files('-Y', ''), files('completion', ''), files('calls', '-T', '')]).toEqual(Array(3).fill(false));
  });

  it('know every option of every command', () => {
    for (const command of commands)
      for (const { long, short } of command.createHelp().visibleOptions(command)) {
        const name = long ?? short ?? '';
        if (command.name() !== 'help') expect(of(command.name(), name)).toContain(name);
      }
  });

  it('know fields of an IDL file that is named, and run no module', () => {
    const idl = join(folder, 'counter.idl');
    const evil = join(folder, 'evil.mjs');
    writeFileSync(idl, COUNTER_IDL);
    writeFileSync(
      evil,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '');`,
    );
    expect(clrscope(['complete', '--', '--idl', idl, '-Y', 'icounter.tot']).out).toBe('icounter.total\ttotal\n');
    expect(clrscope(['complete', '--', '--dissector', evil, '-Y', 'ioi.pcc']).out).toBe('ioi.pccw\tpCCW\n');
    expect(isThere(join(folder, 'ran'))).toBe(false);
    expect(clrscope(['complete', '--', '--idl', '/nowhere', 'cal'])).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('calls\t'),
    });
  });
});

/** A shell that finds no other clrscope than the built one. */
const run = (shell: string, args: string[]): string => {
  const { stdout, stderr } = spawnSync(shell, args, {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, PATH: '/usr/bin:/bin', HOME: folder, TERM: 'dumb' },
  });
  return stdout + stderr;
};
const script = (shell: string): string => {
  const file = join(folder, `clrscope.${shell}`);
  writeFileSync(file, clrscope(['completion', shell]).out);
  return file;
};

describe('completion in', () => {
  it.skipIf(!isThere('bash'))('bash', () => {
    const code = `source ${script('bash')}
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _clrscope; printf '%s,' "\${COMPREPLY[@]}"; echo; }
cd ${folder}
try clrscope audi
try clrscope calls --color = al
try clrscope calls --color =
try clrscope -Y "'dcerpc.opnum == 3 && dcom.ipi"
try clrscope calls --decode-as 5 = IManagedO
try clrscope calls ""
complete -p clrscope`;
    expect(run('bash', ['--norc', '-c', code]).split('\n')).toEqual([
      'audit,',
      'always,',
      'auto,always,never,',
      'dcerpc.opnum == 3 && dcom.ipid,',
      'IManagedObject,',
      ',',
      'complete -o default -F _clrscope clrscope',
      '',
    ]);
  });

  it.skipIf(!isThere('fish'))('fish', () => {
    const code = `source ${script('fish')}
for words in 'clrscope audi' 'clrscope calls --color=al' 'clrscope -Y dcom.ipi' 'clrscope calls ${folder}/clrscope.f'
  complete -C $words
end`;
    expect(
      run('fish', ['--no-config', '-c', code])
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ).toEqual(['audit', '--color=always', 'dcom.ipid', `${folder}/clrscope.fish`, '']);
  });

  it.skipIf(!isThere('zsh'))('zsh', () => {
    const keys = join(folder, 'keys.zsh');
    // a shell in a terminal, which is typed to
    writeFileSync(
      keys,
      `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; source ${script('zsh')}; bindkey "^I" complete-word'
zpty -w z 'show() { print -r -- "<""<$BUFFER>>"; BUFFER=; }; zle -N show; bindkey "^X" show; print REA""DY'
zpty -r z seen '*READY*'
try() { zpty -w -n z "$1"$'\\t\\x18'; zpty -r z seen '*<<*>>*'; print -r -- "\${seen##*<<}"; }
try 'clrscope aud'
try 'clrscope calls --color=al'
try 'clrscope -e dcom.ipi'
try 'clrscope calls --limit open-b'
zpty -d z`,
    );
    const seen = run('zsh', ['-f', keys]);
    const lines = seen.split('\n').filter((line) => line.includes('>>'));
    expect(lines.map((line) => line.replace(/ *>>.*/s, ''))).toEqual([
      'clrscope audit',
      'clrscope calls --color=always',
      'clrscope -e dcom.ipid',
      'clrscope calls --limit open-bytes=',
    ]);
  });

  it('another shell is none that is known', () => {
    expect(clrscope(['completion', 'csh'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('bash, zsh or fish'),
    });
  });
});

describe('the manual page', () => {
  const page = manPage(program, '0.1.0', '2026-11-26');

  it('has every command and every option of the program', () => {
    const plain = page.replaceAll('\\-', '-').replaceAll('\\e', '\\');
    for (const command of commands.filter((c) => c.name() !== 'help')) {
      expect(plain).toContain(`\n.SS ${command.name()}\n`);
      for (const { flags, long } of command.createHelp().visibleOptions(command))
        if (long !== '--help') expect(plain).toContain(`\n.B ${flags}\n`);
    }
  });

  it('has no requests but its own', () => {
    const requests = new Set(page.match(/^[.'][^ \n]*/gm));
    expect([...requests].sort()).toEqual(['.B', '.BR', '.I', '.SH', '.SS', '.TH', '.TP', '.br', '.fi', '.nf']);
  });

  it.skipIf(!isThere('mandoc'))('is clean', () => {
    const { stdout, stderr, status } = spawnSync('mandoc', ['-Tlint'], { input: page, encoding: 'utf8' });
    expect([stdout + stderr, status]).toEqual(['', 0]);
  });

  it.skipIf(!isThere('groff'))('is set by groff without a word', () => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-K', 'utf8'], {
      input: page,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/never shorten a value in JSON/);
  });
});

it('built: the script runs the program that made it where there is no clrscope among commands', () => {
  expect(clrscope(['completion', 'bash']).out).toContain(`'${MAIN}'`);
});
