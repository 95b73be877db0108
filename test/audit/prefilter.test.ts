/** Prefilters: rules find with them what they find without, and are not asked of what is none of theirs. */
import { describe, expect, test } from 'vitest';
import { RULES, type Rule } from '../../src/analysis/audit/index.js';
import { CASES } from './cases.js';
import { ADDRESS, buffer, IMANAGED } from './plays.js';
import { REMOTING_CASES } from './remoting-cases.js';
import { graph, Network } from './support.js';

const UNFILTERED: readonly Rule[] = RULES.map((rule) => ({ ...rule, prefilter: undefined }));

describe('prefilters', () => {
  test.each([...CASES, ...REMOTING_CASES].map(([rule, fires], i) => [`${rule} (${i + 1})`, fires] as const))(
    'let through what rules find: %s',
    (_name, fires) => {
      const told = (rules: readonly Rule[]) => {
        const net = new Network({}, rules);
        fires(net);
        return net.findings().map((f) => [f.rule.id, f.key, f.count, f.evidence]);
      };
      expect(told(RULES)).toEqual(told(UNFILTERED));
    },
  );

  test('spare rules calls that have nothing of what they ask for', () => {
    const asked: string[] = [];
    const asking = (id: string, prefilter: Rule['prefilter']): Rule => ({
      ...RULES[0],
      id,
      prefilter,
      call: () => void asked.push(id),
    });
    const rules = [
      asking('any', undefined),
      asking('fact', { facts: ['serialized'] }),
      asking('other fact', { facts: ['pinged'] }),
      asking('one of two', { facts: ['pinged'], holds: ['streams'] }),
      asking('held', { holds: ['objrefs'] }),
      asking('interface', { interfaces: [IMANAGED] }),
      asking('other interface', { interfaces: ['00000131-0000-0000-c000-000000000046'] }),
      asking('channel', { over: 'channel' }),
    ];
    buffer(graph({ root: ADDRESS }))(new Network({}, rules));
    expect(asked).toEqual(['any', 'fact', 'one of two', 'interface']);
  });

  test('ask for more than there are bits of a number', () => {
    const asked = new Set<string>();
    const rules = Array.from({ length: 70 }, (_, i): Rule => {
      const interfaces = [`00000000-0000-0000-0000-${i.toString().padStart(12, '0')}`, ...(i === 69 ? [IMANAGED] : [])];
      return { ...RULES[0], id: `${i}`, prefilter: { interfaces }, call: () => void asked.add(`${i}`) };
    });
    buffer(graph({ root: ADDRESS }))(new Network({}, rules));
    expect(asked).toContain('69');
    expect(asked.size).toBeLessThan(10);
  });
});
