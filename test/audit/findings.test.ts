/** What a finding says: folded, masked, with its bytes, and bounded. */
import { describe, expect, test } from 'vitest';
import { ADDRESS, buffer, call, IMANAGED, message, names } from './plays.js';
import { CLIENT, graph, Network, object, SERVER } from './support.js';

describe('findings', () => {
  test('secrets are named and masked', () => {
    const net = new Network();
    message(call('Svc', object('Login', { Password: 'hunter2', text: 'Server=x;Pwd=geheim;' })))(net);
    const [found] = net.of('DCOM-002');
    expect(found.evidence).toContain('Password = ••• (7 characters)');
    expect(found.evidence).toContain('Pwd = ••• (6 characters)');
    const all = JSON.stringify(net.findings());
    expect(all).not.toContain('hunter2');
    expect(all).not.toContain('geheim');
  });

  test('same findings are folded with a count and all their frames', () => {
    const net = new Network();
    for (let i = 0; i < 100; i++) message(call('Svc', ADDRESS))(net);
    const found = net.of('IOI-001');
    expect(found).toHaveLength(1);
    expect(found[0].count).toBe(100);
    expect(found[0].places[0].frames).toHaveLength(24);
  });

  test('bytes: the record in its stream, and where it lies in the file', () => {
    const net = new Network();
    message(call('Svc', object('System.Windows.Forms.AxHost+State', { x: 'y' })))(net);
    const [found] = net.of('IOI-003');
    expect(found.bytes?.source).toBe('BSTR');
    expect(found.bytes?.file).toHaveLength(1);
    expect(found.bytes?.file[0].frame).toBe(3);
    expect(found.places[0].frames).toEqual([3]);
  });

  test('fingerprints stay the same when ids and ports change', () => {
    const one = new Network();
    const other = new Network();
    one
      .connect(CLIENT, SERVER, 49664)
      .bind(IMANAGED)
      .call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: graph({ root: ADDRESS }) });
    other
      .connect(CLIENT, SERVER, 50123)
      .bind(IMANAGED)
      .call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: graph({ root: ADDRESS }) });
    expect(other.findings().map((f) => f.fingerprint)).toEqual(one.findings().map((f) => f.fingerprint));
  });

  test('a host that talks to itself exposes nothing to a network', () => {
    const net = new Network();
    buffer(graph({ root: ADDRESS }), CLIENT)(net);
    expect(net.findings().filter((f) => f.rule.id !== 'IOI-012')).toEqual([]);
  });

  test('attack: however many findings there are, few are kept and the others counted', () => {
    const net = new Network();
    for (let i = 0; i < 10_100; i++) names('GetType', 3)(net);
    expect(net.findings().length).toBeLessThan(10);
    const wide = new Network();
    for (let i = 0; i < 3000; i++)
      wide
        .connect(`10.${i >> 8}.${i & 255}.1`)
        .bind(IMANAGED)
        .call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: graph({ root: ADDRESS }) });
    const result = wide.result();
    expect(result.inventory.full).toBe(true);
    expect(result.findings.length).toBeLessThan(10);
    expect(result.findings.map((f) => [f.clients.count, f.clients.exact])).toEqual(
      result.findings.map(() => [3000, true]),
    );
  });
});
