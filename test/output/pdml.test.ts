import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { fileSource } from '../../src/core/source.js';
import { PDML_HEAD, PDML_TAIL, pdmlPacket } from '../../src/output/columns/pdml.js';
import { PSML_HEAD, PSML_TAIL, psmlPacket } from '../../src/output/columns/psml.js';
import { bindFrame, F, node } from '../filter/trees.js';
import { frameOf } from '../frame.js';

/** Tags with their attributes, as a reader of XML sees them. */
function tags(xml: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => void found.push({ tag: name, ...(attributes as object) }));
  parser.on('error', (e) => {
    throw e;
  });
  parser.write(xml).close();
  return found;
}

describe('-T pdml', () => {
  it('has the protocols of a frame with their fields, as tshark does', () => {
    const all = tags(PDML_HEAD + pdmlPacket(bindFrame()) + PDML_TAIL);
    expect(all.filter(({ tag }) => tag === 'proto').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['frame', 'ip', 'tcp', 'dcerpc']),
    );
    const of = (name: string) => all.find((t) => t.name === name);
    expect(of('frame.number')).toMatchObject({ show: '4', showname: expect.stringContaining('4') });
    expect(of('ip.src')).toMatchObject({ show: '192.168.56.102' });
    expect(of('dcerpc.cn_flags')).toMatchObject({ show: '0x03' });
  });

  it('says where bytes lie, in the frame where they are there', () => {
    const frame = node(F.frame, null, []);
    const whole = { ...frame, source: fileSource('Frame', new Uint8Array(8), 100, 4), end: 8 };
    const pieces = [{ at: 0, length: 2, frame: 4, fileOffset: 105 }];
    const source = { kind: 'captured', name: 'PDU', bytes: Uint8Array.of(0xab, 0xcd), pieces } as const;
    const leaf = { ...node(F.number, 4), source, start: 1, end: 2 };
    const [found] = tags(pdmlPacket(frameOf(4, [[whole], [leaf]]))).filter(({ tag }) => tag === 'field');
    expect(found).toMatchObject({ name: 'frame.number', pos: '6', size: '1', value: 'cd' });
  });

  it('nothing in it is markup, breaks XML or steers a terminal', () => {
    const text = '<script>"\'&]]>\u0000\u001b[2J\u202e\ufffe\ud800';
    const xml = pdmlPacket(frameOf(1, [[], [node(F.address, text)]]));
    expect(tags(xml).at(-1)?.show).toBe('<script>"\'&]]>\\u0000\\u001b[2J\\u202e\\ufffe\\ud800');
  });

  it('goes down as deep as trees do', () => {
    let deep = node(F.number, 1);
    for (let i = 0; i < 20_000; i++) deep = node(F.number, i, [deep]);
    expect(tags(pdmlPacket(frameOf(1, [[], [deep]])))).toHaveLength(20_003);
  });
});

describe('-T psml', () => {
  it('is the packet list', () => {
    const xml = PSML_HEAD + psmlPacket(['1', '0.0', 'a', 'b', 'TCP', '60', '<&>']) + PSML_TAIL;
    expect(tags(xml).filter(({ tag }) => tag === 'section')).toHaveLength(14);
    expect(xml).toContain('<section>&lt;&amp;&gt;</section>');
  });
});
