/** The page in Chromium: when the first rows are there and when all are, what a filter takes, how lists scroll. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { bigCapture, captures, mixed } from './inputs.mjs';
import { held, once } from './measure.mjs';
import { clrscope, only, tshark } from './programs.mjs';

const CHROMIUM = '/usr/bin/chromium';
const FILTER = 'dcerpc.opnum == 4';
/** Milliseconds that a list is scrolled for. */
const SCROLLED = 3000;

/** A capture of 20 KB, a gigabyte of which little is DCE/RPC, and a million calls. */
export async function view(rounds) {
  if (!existsSync(CHROMIUM)) return { lines: [`Skipped: ${CHROMIUM} is missing.`] };
  const inputs = [
    ['20 KB', captures('clear-ndr')[0], Math.min(rounds, 5)],
    ['mixed, 1 GB', mixed(1e9), Math.min(rounds, 3)],
    // tshark takes more than five minutes for it
    ['a million calls', bigCapture('calls-1100', 1.1e9, captures('clear-ndr')), 1, 'alone'],
  ];
  const lines = [
    '| capture | MB | `clrscope calls` s | first rows s | all rows s | all / `calls` | filter s | of `tshark -Y` | frames/s | longest ms | memory MB |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
  ];
  const found = {};
  for (const [name, file, times, alone] of inputs) {
    const peer = median(times, () => once({ command: clrscope('calls', file) }).wall);
    const [judge] = alone ? [] : only(tshark('tshark', '-r', file, '-Y', FILTER));
    const filtering = judge === undefined ? null : once(judge).wall;
    const runs = [];
    for (let round = 0; round < times; round++) runs.push(await look(file));
    const of = (key) => middle(runs.map((run) => run[key]));
    const row = { peer, all: of('all'), filter: of('filter'), frames: of('frames'), memory: of('memory') };
    found[name] = row;
    const seconds = (n) => n.toFixed(n < 10 ? 2 : 0);
    lines.push(
      `| ${name} | ${(statSync(file).size / 1e6).toFixed(2)} | ${seconds(peer)} | ${seconds(of('first'))} | ${seconds(row.all)} | ${(row.all / peer).toFixed(2)} | ${seconds(row.filter)} | ${filtering === null ? '' : (row.filter / filtering).toFixed(3)} | ${row.frames.toFixed(0)} | ${of('longest').toFixed(0)} | ${row.memory.toFixed(0)} |`,
    );
  }
  const million = found['a million calls'];
  const aims = [
    ['view, mixed, 1 GB: all rows / `calls`', found['mixed, 1 GB'].all / found['mixed, 1 GB'].peer, { most: 1.5 }],
    ['view, a million calls: frames a second while scrolling', million.frames, { least: 50 }],
    [`view, a million calls: seconds for \`${FILTER}\``, million.filter, { most: 3 }],
    ['view, a million calls: MB of the page', million.memory, { most: 600 }],
  ];
  return {
    lines: [`\`clrscope view\`, Chromium without a window; the filter is \`${FILTER}\`.`, '', ...lines],
    aims: aims.map(([row, value, bound]) => ({ row, ...held(value, bound) })),
  };
}

/** Opens a capture as people do, once. Times in seconds from the address to what is seen. */
async function look(file) {
  const { chromium } = await import('playwright-core');
  const [program, ...more] = clrscope('view', file);
  const server = spawn(program, more, { stdio: ['ignore', 'pipe', 'ignore'] });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const address = await new Promise((resolve) => {
      server.stdout.on('data', (text) => {
        const [url] = /http:\S+/.exec(String(text)) ?? [];
        if (url !== undefined) resolve(url);
      });
    });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(1e6);
    const began = performance.now();
    const since = () => (performance.now() - began) / 1000;
    await page.goto(address);
    let memory = 0;
    const watch = setInterval(() => {
      memory = Math.max(memory, renderers());
    }, 250);
    const first = page.locator('[role="grid"] [data-frame]').first().waitFor().then(since);
    await page.locator('[data-capture="read"]').waitFor();
    const all = since();
    const [frames, longest] = await page.evaluate(scroll, SCROLLED);
    const status = page.getByRole('status', { name: 'Matches' });
    const before = await status.innerText();
    await page.getByRole('textbox', { name: 'Display filter' }).fill(FILTER);
    const asked = performance.now();
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      ([element, text]) => element.innerText !== text && !/…/.test(element.innerText),
      [await status.elementHandle(), before],
    );
    const filter = (performance.now() - asked) / 1000;
    clearInterval(watch);
    return { first: await first, all, filter, frames, longest, memory };
  } finally {
    await browser.close();
    server.kill('SIGKILL');
  }
}

/** In the page: scrolls the list of PDUs from its one end to the other and back; frames a second, and the longest of them. */
function scroll(duration) {
  const list = document.querySelector('[role="grid"][aria-label="Packets"]');
  const boxes = [list, ...list.querySelectorAll('*')];
  const box =
    boxes.find((e) => e.scrollHeight > e.clientHeight + 100 && getComputedStyle(e).overflowY !== 'visible') ?? list;
  const room = box.scrollHeight - box.clientHeight;
  return new Promise((resolve) => {
    let [frames, longest] = [0, 0];
    const began = performance.now();
    let last = began;
    const step = (now) => {
      frames++;
      longest = Math.max(longest, now - last);
      last = now;
      const at = (now - began) / duration;
      // most of it in small steps, as by a wheel; twice to somewhere else
      box.scrollTop = (room * Math.floor(at * 3)) / 3 + frames * 66;
      if (at < 1) requestAnimationFrame(step);
      else resolve([(frames * 1000) / (now - began), longest]);
    };
    requestAnimationFrame(step);
  });
}

/** Megabytes that the largest renderer of this Chromium has. */
function renderers() {
  let most = 0;
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      if (!readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
      most = Math.max(most, Number(kb ?? 0) / 1024);
    } catch {
      // it ended meanwhile
    }
  return most;
}

const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const median = (times, run) => middle(Array.from({ length: times }, run));
