/**
 * The benchmarks: node test/bench/run.mjs [NAME ...] [--rounds N]
 * Without names: those of the aims, in their order. Runs what dist/ holds (CLRSCOPE_DIST: another build; CLRSCOPE_OLD:
 * an older build beside it), and writes test/bench/RESULTS.md, a section a benchmark and a table of all aims in front;
 * sections of others stay. Inputs are made once, under .bench/.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { compressed } from './compressed.mjs';
import { tables } from './export.mjs';
import { growth, many, startup } from './files.mjs';
import { ROOT } from './inputs.mjs';
import { has, table } from './measure.mjs';
import { dist } from './programs.mjs';
import { queue } from './queue.mjs';
import { soak } from './soak.mjs';
import { filters, mixedTraffic, rpc, sealed } from './traffic.mjs';
import { httpTransfers, remoting, smbTransfers } from './transfers.mjs';
import { view } from './view.mjs';
import { worst } from './worst.mjs';

/** Each gives lines, rows of a table and the row that others are compared with, and aims. */
const BENCHES = {
  filters,
  mixed: mixedTraffic,
  rpc,
  sealed,
  smb: smbTransfers,
  http: httpTransfers,
  remoting,
  many,
  startup,
  nrbf,
  compressed,
  growth,
  export: tables,
  view,
  queue,
  soak,
  worst,
};
const USUAL = Object.keys(BENCHES).filter((name) => name !== 'soak' && name !== 'worst');
const RESULTS = join(ROOT, 'test/bench/RESULTS.md');
const HEAD =
  '# Benchmarks\n\nWritten by `npm run bench`; medians of interleaved rounds, wall time. Ratios hold better than times: both depend on what else the machine did.\n';

function nrbf() {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, 'test/bench/nrbf.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CLRSCOPE_DIST: dist, NO_COLOR: '1' },
  });
  const text = stdout.toString().trimEnd();
  const value = Number(/'small objects'.*?'([\d.]+) x'/.exec(text)?.[1]);
  const row = 'NRBF, small objects: `JSON.parse` of plain JSON / decode';
  return {
    lines: ['```', text, '```'],
    aims: [{ row, value, met: value >= 0.6, wanted: 'at least 0.6' }],
  };
}

function versions() {
  const first = (program, ...more) => {
    if (!has(program)) return `${program}: not there`;
    const { stdout, stderr } = spawnSync(program, more);
    return `${stdout}${stderr}`.split('\n')[0];
  };
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const commit = spawnSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD']).stdout.toString().trim();
  return `clrscope ${version} (${commit}), Node ${process.version}, ${first('tshark', '--version')}, ${first('tcpdump', '--version')}; ${cpus().length} × ${cpus()[0].model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Linux ${release()}`;
}

const aimLine = ({ row, wanted, value, met }) =>
  `| ${row} | ${wanted} | ${value.toFixed(value < 10 ? 2 : 0)} | ${met ? 'met' : '**not met**'} |`;

/** Replaces or adds one section of the results, and makes the table of aims of all sections anew. */
function write(name, { lines, rows, base, aims = [] }) {
  const parts = [
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC. ${versions()}.`,
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
    ...(rows === undefined ? [] : [table(rows, base)]),
    ...(aims.length === 0
      ? []
      : [['| ratio | aim | measured | |', '|---|---|---:|---|', ...aims.map(aimLine)].join('\n')]),
  ];
  const text = parts.join('\n\n');
  console.log(`\n${name}\n${text}`);
  const old = existsSync(RESULTS)
    ? readFileSync(RESULTS, 'utf8')
        .split(/^(?=## )/m)
        .slice(1)
    : [];
  const sections = new Map(old.map((s) => [/^## (.*)/.exec(s)[1], s.trimEnd()]));
  sections.set(name, `## ${name}\n\n${text}`);
  sections.delete('aims');
  const met = [...sections.values()].flatMap((s) =>
    s.split('\n').filter((l) => /\| (met|\*\*not met\*\*) \|$/.test(l)),
  );
  const table0 = ['## aims', '', '| ratio | aim | measured | |', '|---|---|---:|---|', ...met].join('\n');
  writeFileSync(RESULTS, `${[HEAD.trimEnd(), table0, ...sections.values()].join('\n\n')}\n`);
}

const args = process.argv.slice(2);
const at = args.indexOf('--rounds');
const rounds = at < 0 ? 5 : Number(args.splice(at, 2)[1]);
const unknown = args.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  process.stderr.write(`no benchmark ${unknown}; there are ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
for (const name of args.length > 0 ? args : USUAL) write(name, await BENCHES[name](rounds));
